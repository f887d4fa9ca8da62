"""All that lies outside: processes, files, web services, AWS, the clock, the environment.

A step gets a :class:`World` handed in and touches nothing else, so a test can replace any part.
"""

import os
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import IO

from msgspec import Struct, field

from buildsteps import __version__
from buildsteps.standard_streams import say
from buildsteps.world.aws import Aws
from buildsteps.world.clock import Clock, SystemClock
from buildsteps.world.files import Files, shown_path
from buildsteps.world.http import Http
from buildsteps.world.process import Processes, SystemProcesses


def _system_http(command: str = "") -> Http:
    from buildsteps.world.http_requests import SystemHttp

    return SystemHttp(user_agent(command), SystemClock())


def _system_aws(command: str = "") -> Aws:
    from buildsteps.world.aws_sdk import SystemAws

    return SystemAws(user_agent(command))


class World(Struct, frozen=True, kw_only=True):
    """The outside, as one value.

    ``progress`` writes a line for people to standard error; ``terminal`` says whether that is one.
    ``noted`` holds what :meth:`note` said.
    ``ask`` puts a question to whoever sits there and gives the answer; None where nobody does.
    """

    cwd: Path
    environ: Mapping[str, str]
    files: Files
    processes: Processes
    clock: Clock
    read_stdin: Callable[[], bytes]
    progress: Callable[[str], None]
    terminal: bool = False
    ask: Callable[[str], str] | None = None
    http: Http = field(default_factory=_system_http)
    aws: Aws = field(default_factory=_system_aws)
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


def user_agent(command: str) -> str:
    """What services see of us, such as ``buildsteps/0.1.0 command/signatures-list``."""
    said = f" command/{command.replace(' ', '-')}" if command else ""
    return f"buildsteps/{__version__}{said}"


def system_world(command: str = "") -> World:
    """The real world around this process; services are told the ``command`` that asks them."""
    cwd = Path.cwd()
    return World(
        cwd=cwd,
        environ=os.environ,
        files=Files(cwd),
        processes=SystemProcesses(),
        clock=SystemClock(),
        read_stdin=lambda: sys.stdin.buffer.read() if sys.stdin else b"",
        progress=say,
        terminal=_is_terminal(sys.stderr),
        ask=_asked if _is_terminal(sys.stdin) and _is_terminal(sys.stderr) else None,
        http=_system_http(command),
        aws=_system_aws(command),
    )


def _is_terminal(stream: IO[str] | None) -> bool:
    return stream is not None and stream.isatty()


def _asked(question: str) -> str:
    """Ask on standard error, where the result for people does not go; the end of input is no."""
    sys.stderr.write(question)
    sys.stderr.flush()
    return sys.stdin.readline().strip()
