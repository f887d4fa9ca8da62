"""Numbers of a call that would mean nothing, refused before anything is asked."""

from buildsteps.errors import UsageError
from buildsteps.steps.signing.settings import ImagesOptions, SignOptions


def check_numbers(options: ImagesOptions) -> None:
    """Refuse a negative number of images at once, and seconds that nothing can be done in.

    Raises:
        UsageError: with the flag.
    """
    if options.jobs < 0:
        raise UsageError(f"--jobs is a number of images at once, or 0, not {options.jobs}")
    if options.timeout <= 0:
        raise UsageError(f"--timeout must be more than 0 seconds, not {options.timeout:g}")
    if isinstance(options, SignOptions) and options.wait < 0:
        raise UsageError(f"--wait must be 0 seconds or more, not {options.wait:g}")
