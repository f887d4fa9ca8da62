"""Running other programs: an argument list, never a shell; a time-out; output captured."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Protocol

from msgspec import Struct

from buildsteps.errors import WorldError


class Completed(Struct, frozen=True):
    """A program that ended: its exit status and what it printed."""

    status: int
    stdout: bytes
    stderr: bytes


class Processes(Protocol):
    """What a step may ask of other programs."""

    def run(
        self,
        arguments: Sequence[str],
        *,
        cwd: Path | None = None,
        stdin: bytes = b"",
        environ: Mapping[str, str] | None = None,
        timeout: float = 60.0,
    ) -> Completed:
        """Run ``arguments`` to its end; ``timeout`` is in seconds.

        Raises:
            WorldError: the program is not there, or did not end in time.
        """
        ...


class SystemProcesses:
    """Programs of this machine."""

    def run(
        self,
        arguments: Sequence[str],
        *,
        cwd: Path | None = None,
        stdin: bytes = b"",
        environ: Mapping[str, str] | None = None,
        timeout: float = 60.0,
    ) -> Completed:
        """See :meth:`Processes.run`."""
        import subprocess

        try:
            done = subprocess.run(  # noqa: S603 - an argument list, never a shell
                list(arguments),
                cwd=cwd,
                input=stdin,
                env=None if environ is None else dict(environ),
                timeout=timeout,
                capture_output=True,
                check=False,
            )
        except subprocess.TimeoutExpired:
            raise WorldError(f"{arguments[0]} did not end within {timeout:g} seconds") from None
        except OSError as error:
            reason = (error.strerror or str(error)).lower()
            raise WorldError(f"{arguments[0]} cannot be run: {reason}") from None
        return Completed(done.returncode, done.stdout, done.stderr)
