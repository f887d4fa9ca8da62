"""What can go wrong: one exception for each way, with its exit code."""

from collections.abc import Sequence

from buildsteps.exit_codes import ExitCode
from buildsteps.results import Location


class BuildstepsError(Exception):
    """A known way to fail, told in one sentence; ``location`` is the place that caused it."""

    exit_code = ExitCode.WORLD_FAILED

    def __init__(self, message: str, location: Location | None = None, detail: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.location = location
        self.detail = detail

    def __str__(self) -> str:
        return f"{self.location}: {self.message}" if self.location else self.message


class UsageError(BuildstepsError):
    """The call is wrong: the user can mend it on the command line, in a file or in a path."""

    exit_code = ExitCode.WRONG_CALL


def raise_together(errors: Sequence[UsageError]) -> None:
    """Tell all mistakes at once, in the order of their places.

    The first is the sentence, the others stand in its detail.

    Raises:
        UsageError: there is at least one.
    """
    if not errors:
        return
    first, *others = sorted(errors, key=_line_and_column)
    parts = [first.detail, *(part for one in others for part in (str(one), one.detail))]
    raise UsageError(first.message, first.location, "\n".join(part for part in parts if part))


def _line_and_column(error: UsageError) -> tuple[int, int]:
    place = error.location
    return (place.line or 0, place.column or 0) if place else (0, 0)


class WorldError(BuildstepsError):
    """A tool, a service or the machine failed us; the call may be right."""

    exit_code = ExitCode.WORLD_FAILED


class FloodedError(WorldError):
    """A program printed without end and was stopped."""


class OvertimeError(WorldError):
    """A program did not end within its time and was stopped."""


class UnreadableError(UsageError):
    """A file that is there cannot be read as text: a judgement on it is an error case."""


class ClosedPipeError(WorldError):
    """Whoever reads our standard output went away before the result was written."""


class Interrupted(BaseException):
    """SIGTERM: not an Exception, so that nothing on the way swallows it."""
