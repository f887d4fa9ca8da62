"""What ``--debug`` logs to standard error: options, files read and written, programs run."""

import re
import shlex
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path

from msgspec.structs import replace

from buildsteps.config import Resolved
from buildsteps.errors import BuildstepsError
from buildsteps.reporting.json import encoded
from buildsteps.reporting.text import printable
from buildsteps.world import World
from buildsteps.world.clock import Clock
from buildsteps.world.files import MAX_TEXT_BYTES, Files, shown_path
from buildsteps.world.process import Completed, Processes

_LOGIN = re.compile(r"(?<=://)[^/@\s\"]+@")


def logged(world: World) -> World:
    """The same world, which says on standard error what is read, written and run."""

    def log(line: str) -> None:
        world.progress(f"debug: {printable(line)}")

    return replace(
        world,
        files=LoggedFiles(world.files, log),
        processes=LoggedProcesses(world.processes, world.clock, log),
    )


def log_options(resolved: Resolved, world: World) -> None:
    """Say the options in force, each with its source; logins in addresses are left out."""
    for name, source in resolved.sources.items():
        value = _LOGIN.sub("***@", encoded(getattr(resolved.options, name)))
        world.progress(printable(f"debug: option {name} = {value} ({source})"))


class LoggedFiles(Files):
    """Files that say which of them are read and written."""

    def __init__(self, files: Files, log: Callable[[str], None]) -> None:
        super().__init__(files.cwd)
        self._files = files
        self._log = log

    def read_bytes(self, path: Path | str, limit: int = MAX_TEXT_BYTES) -> bytes:
        """See :meth:`Files.read_bytes`."""
        try:
            data = self._files.read_bytes(path, limit)
        except BuildstepsError as error:
            self._log(f"could not read {error}")
            raise
        self._log(f"read {shown_path(path, self.cwd)}, {len(data):,} bytes")
        return data

    def write(self, path: Path, pieces: Iterable[str]) -> None:
        """See :meth:`Files.write`."""
        self._files.write(path, pieces)
        self._log(f"wrote {shown_path(path, self.cwd)}")


class LoggedProcesses:
    """Programs that say how they were run, how they ended and how long they took."""

    def __init__(self, processes: Processes, clock: Clock, log: Callable[[str], None]) -> None:
        self._processes = processes
        self._clock = clock
        self._log = log

    def run(
        self,
        arguments: Sequence[str],
        *,
        cwd: Path | None = None,
        stdin: bytes = b"",
        environ: Mapping[str, str] | None = None,
        timeout: float = 60.0,
    ) -> Completed:
        """See :meth:`Processes.run`; the environment and standard input are never logged."""
        started = self._clock.monotonic()
        ending = "did not end"
        try:
            done = self._processes.run(
                arguments, cwd=cwd, stdin=stdin, environ=environ, timeout=timeout
            )
            ending = f"status {done.status}"
        except BuildstepsError as error:
            ending = error.message
            raise
        finally:
            seconds = self._clock.monotonic() - started
            self._log(f"ran {shlex.join(arguments)}: {ending}, {seconds:.3f} s")
        return done
