"""A world for tests: real files below a folder, and all else held still and recorded."""

from collections.abc import Mapping, Sequence
from pathlib import Path

from msgspec import Struct, field

from buildsteps.errors import WorldError
from buildsteps.world import World
from buildsteps.world.files import Files
from buildsteps.world.process import Completed

NOON = 1_772_366_400.0
"""2026-03-01T12:00:00Z, when the clock of every fake world stands."""


class StillClock:
    """A clock that does not move."""

    def monotonic(self) -> float:
        """Give the same moment each time."""
        return 0.0

    def now(self) -> float:
        """Give noon of 1 March 2026."""
        return NOON


class ScriptedProcesses(Struct):
    """Programs that answer what a test says; a program without an answer is not installed.

    ``answers`` are by the name of the program; ``calls`` and ``inputs`` record the arguments and
    standard input of each run.
    """

    answers: Mapping[str, Completed] = field(default_factory=dict)
    calls: list[tuple[str, ...]] = field(default_factory=list)
    inputs: list[bytes] = field(default_factory=list)

    def run(
        self,
        arguments: Sequence[str],
        *,
        cwd: Path | None = None,
        stdin: bytes = b"",
        environ: Mapping[str, str] | None = None,
        timeout: float = 60.0,
    ) -> Completed:
        """Record the call and give the answer of the program."""
        self.calls.append(tuple(arguments))
        self.inputs.append(stdin)
        if arguments[0] not in self.answers:
            raise WorldError(f"{arguments[0]} cannot be run: no such file or directory")
        return self.answers[arguments[0]]

    def stop(self) -> None:
        """Nothing runs."""


def fake_world(
    folder: Path,
    *,
    environ: Mapping[str, str] | None = None,
    stdin: bytes = b"",
    progress: list[str] | None = None,
    processes: ScriptedProcesses | None = None,
) -> World:
    """Build a world whose working folder is ``folder``; lines for people go to ``progress``."""
    lines = progress if progress is not None else []
    return World(
        cwd=folder,
        environ=environ or {},
        files=Files(folder),
        processes=processes or ScriptedProcesses(),
        clock=StillClock(),
        read_stdin=lambda: stdin,
        progress=lines.append,
    )
