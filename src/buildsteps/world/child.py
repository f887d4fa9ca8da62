"""One program that runs: in a session of its own, its output read up to a limit."""

import os
import signal
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from time import monotonic

from buildsteps.world.pipes import pass_on


class Child:
    """A program, started; its streams are pipes.

    ``flooded`` says that it printed more than ``limit`` bytes on one stream and was ended for it.

    Raises:
        OSError: it cannot be started.
    """

    def __init__(
        self,
        arguments: Sequence[str],
        cwd: Path | None,
        environ: Mapping[str, str] | None,
        limit: int,
    ) -> None:
        import subprocess

        self.limit = limit
        self.flooded = False
        self._out = bytearray()
        self._err = bytearray()
        self._process = subprocess.Popen(  # noqa: S603 - an argument list, never a shell
            list(arguments),
            cwd=cwd,
            env=None if environ is None else dict(environ),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            start_new_session=True,
        )

    @property
    def stdout(self) -> bytes:
        """What it printed to standard output so far."""
        return bytes(self._out)

    @property
    def stderr(self) -> bytes:
        """What it printed to standard error so far."""
        return bytes(self._err)

    def finish(self, stdin: bytes, timeout: float) -> int | None:
        """Give it its input and read all output; the exit status, or None where it ran too long."""
        process = self._process
        assert process.stdin and process.stdout and process.stderr  # noqa: S101 - for mypy
        deadline = monotonic() + timeout
        outputs = (
            (process.stdout, lambda piece: self._kept(piece, self._out)),
            (process.stderr, lambda piece: self._kept(piece, self._err)),
        )
        if not pass_on(process.stdin, stdin, outputs, deadline):
            self.kill()
            return None
        return self._status(deadline)

    def _status(self, deadline: float) -> int | None:
        from subprocess import TimeoutExpired

        try:
            return self._process.wait(max(deadline - monotonic(), 0))
        except TimeoutExpired:
            self.kill()
            return None

    def kill(self) -> None:
        """End it and all that it started; nothing where it has ended.

        Its process group can be meant by its id as long as nobody has waited for it.
        """
        if self._process.returncode is not None:
            return
        with suppress(ProcessLookupError, PermissionError):
            if os.name == "posix":
                os.killpg(self._process.pid, signal.SIGKILL)
            else:
                self._process.kill()

    def reap(self) -> None:
        """Wait for its end after a kill, so that no zombie is left."""
        from subprocess import TimeoutExpired

        with suppress(TimeoutExpired):  # in a system call that cannot be interrupted
            self._process.wait(5)

    def _kept(self, piece: bytes, into: bytearray) -> bool:
        """Keep what it printed; False where that was too much, and it was ended."""
        into += piece
        if len(into) > self.limit:
            self.flooded = True
            self.kill()
        return not self.flooded
