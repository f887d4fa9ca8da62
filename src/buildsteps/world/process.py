"""Running other programs: an argument list, never a shell; a time-out; output captured."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from msgspec import Struct

from buildsteps.errors import WorldError

if TYPE_CHECKING:
    import subprocess


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
            child = subprocess.Popen(  # noqa: S603 - an argument list, never a shell
                list(arguments),
                cwd=cwd,
                env=None if environ is None else dict(environ),
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
            )
        except OSError as error:
            reason = (error.strerror or str(error)).lower()
            raise WorldError(f"{arguments[0]} cannot be run: {reason}") from None
        with child, _under_way(child):
            try:
                stdout, stderr = child.communicate(stdin, timeout)
            except subprocess.TimeoutExpired:
                child.kill()
                message = f"{arguments[0]} did not end within {timeout:g} seconds"
                raise WorldError(message) from None
            except BaseException:
                child.kill()
                raise
        return Completed(child.returncode, stdout, stderr)


def end_running() -> None:
    """End the programs that other threads are waiting for: what an interrupted run must not leave.

    Whoever waits for one sees it end with a status below zero.
    """
    for child in list(_running):
        child.terminate()


_running: set["subprocess.Popen[bytes]"] = set()


@contextmanager
def _under_way(child: "subprocess.Popen[bytes]") -> Iterator[None]:
    _running.add(child)
    try:
        yield
    finally:
        _running.discard(child)
