"""All that lies outside: processes, files, the clock, the environment, the terminal.

A step gets a :class:`World` handed in and touches nothing else, so a test can replace any part.
"""

import os
import sys
from collections.abc import Callable, Mapping
from pathlib import Path

from msgspec import Struct, field

from buildsteps.standard_streams import say
from buildsteps.world.clock import Clock, SystemClock
from buildsteps.world.files import Files, shown_path
from buildsteps.world.process import Processes, SystemProcesses


class World(Struct, frozen=True, kw_only=True):
    """The outside, as one value.

    ``progress`` writes a line for people to standard error; ``terminal`` says whether that is one.
    ``noted`` holds what :meth:`note` said.
    """

    cwd: Path
    environ: Mapping[str, str]
    files: Files
    processes: Processes
    clock: Clock
    read_stdin: Callable[[], bytes]
    progress: Callable[[str], None]
    terminal: bool = False
    noted: set[str] = field(default_factory=set)

    def note(self, line: str) -> None:
        """Write a line to standard error once, however often what it tells comes up."""
        from buildsteps.reporting.text import printable

        if line not in self.noted:
            self.noted.add(line)
            self.progress(printable(line))

    def path(self, text: str) -> Path:
        """The absolute path of what a user wrote, symbolic links as they are."""
        return Path(os.path.normpath(self.cwd / text))

    def shown(self, path: Path | str) -> str:
        """The path as we show it: relative to the working folder where it lies below it."""
        return shown_path(path, self.cwd)


def system_world() -> World:
    """The real world around this process."""
    cwd = Path.cwd()
    return World(
        cwd=cwd,
        environ=os.environ,
        files=Files(cwd),
        processes=SystemProcesses(),
        clock=SystemClock(),
        read_stdin=lambda: sys.stdin.buffer.read() if sys.stdin else b"",
        progress=say,
        terminal=sys.stderr is not None and sys.stderr.isatty(),
    )
