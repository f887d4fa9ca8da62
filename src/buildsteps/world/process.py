"""Running other programs: an argument list, never a shell; a time-out; output captured."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Protocol

from msgspec import Struct

from buildsteps.errors import FloodedError, OvertimeError, WorldError
from buildsteps.world.child import Child

MAX_OUTPUT_BYTES = 64 * 1024 * 1024
"""A program that prints more than this on one of its streams is stopped."""


class Completed(Struct, frozen=True):
    """A program that ended: its exit status (negative: the signal) and what it printed."""

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
            WorldError: the program is not there, did not end in time, or printed without end.
        """
        ...

    def stop(self) -> None:
        """End every program that runs, in any thread, and start no more."""
        ...


class SystemProcesses:
    """Programs of this machine, each in a session of its own.

    So a program is ended with all that it started: notation's plugins, git's helpers. ``stop`` may
    be called from a signal handler: it takes no lock.
    """

    def __init__(self, output_limit: int = MAX_OUTPUT_BYTES) -> None:
        self.output_limit = output_limit
        self._running: set[Child] = set()
        self._stopped = False

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
        name = arguments[0]
        if self._stopped:
            raise WorldError(f"{name} was not started: the run was interrupted")
        try:
            child = Child(arguments, cwd, environ, self.output_limit)
        except (OSError, ValueError) as error:  # ValueError: a NUL in an argument
            reason = getattr(error, "strerror", None) or str(error)
            raise WorldError(f"{name} cannot be run: {reason.lower()}") from None
        self._running.add(child)
        try:
            if self._stopped:  # between the question above and now
                child.kill()
            status = child.finish(stdin, timeout)
        finally:
            child.kill()  # also when Ctrl-C or SIGTERM came; nothing where it has ended
            child.reap()
            self._running.discard(child)
        if self._stopped:
            raise WorldError(f"{name} was stopped: the run was interrupted")
        if child.flooded:
            raise FloodedError(f"{name} printed more than {self.output_limit:,} bytes")
        if status is None:
            raise OvertimeError(f"{name} did not end within {timeout:g} seconds")
        return Completed(status, child.stdout, child.stderr)

    def stop(self) -> None:
        """See :meth:`Processes.stop`."""
        self._stopped = True
        for child in tuple(self._running):
            child.kill()
