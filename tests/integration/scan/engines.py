"""Real engines over files that a test writes."""

import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

from msgspec import Struct, field
from msgspec.structs import replace

from buildsteps.results import Location
from buildsteps.steps.scan.engines import bandit, ruff
from buildsteps.steps.scan.settings import ScanOptions
from buildsteps.steps.scan.sighting import Scanned
from buildsteps.steps.scan.subjects import Subjects, subjects_of
from buildsteps.world import World
from buildsteps.world.clock import SystemClock
from buildsteps.world.process import Completed, SystemProcesses
from tests.world_double import fake_world


class Recording(Struct):
    """Real programs; ``calls`` are the arguments of each, ``changed`` are answers by a word."""

    changed: Mapping[str, Completed] = field(default_factory=dict)
    calls: list[tuple[str, ...]] = field(default_factory=list)
    real: SystemProcesses = field(default_factory=SystemProcesses)

    def run(
        self,
        arguments: Sequence[str],
        *,
        cwd: Path | None = None,
        stdin: bytes = b"",
        environ: Mapping[str, str] | None = None,
        timeout: float = 60.0,
    ) -> Completed:
        """Run the program, or give the answer for the first word of ``changed`` in the call."""
        self.calls.append(tuple(arguments))
        for word, answer in self.changed.items():
            if word in arguments:
                return answer
        return self.real.run(arguments, cwd=cwd, stdin=stdin, environ=environ, timeout=timeout)

    def stop(self) -> None:
        """End what runs."""
        self.real.stop()


def world_at(folder: Path, changed: Mapping[str, Completed] | None = None) -> World:
    """The world around ``folder``, with real programs but for the answers that are changed."""
    return replace(
        fake_world(folder, environ={"RUFF_OUTPUT_FILE": str(folder / "stolen.json")}),
        processes=Recording(changed or {}),
        clock=SystemClock(),
    )


def write(folder: Path, files: Mapping[str, str | bytes]) -> None:
    """Write files below ``folder``."""
    for name, content in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content.encode() if isinstance(content, str) else content)


def scanned(
    engine: str,
    folder: Path,
    files: Mapping[str, str | bytes],
    world: World | None = None,
    also: Sequence[str] = (),
) -> Scanned:
    """Scan ``files`` with one engine; ``also`` are subjects that are not there."""
    write(folder, files)
    world = world or world_at(folder)
    options = ScanOptions(timeout=60.0)
    subjects = subjects_of(options, world)
    every = Subjects(files=(*subjects.files, *also))
    scan = bandit.scan if engine == "bandit" else ruff.scan
    (found,) = scan(every, options, world)
    return found


def read(found: Scanned) -> set[str]:
    """The files that were read; a scan that does not say so read none."""
    return set(found.read or ())


def told(found: Scanned) -> list[str]:
    """Each sighting as ``place rule severity``, with its suppression."""
    return [
        f"{one.locations[0]} {one.rule} {one.severity}"
        + (f" ({one.suppressed})" if one.suppressed else "")
        for one in found.sightings
    ]


def cases(found: Scanned) -> list[tuple[str, str, str]]:
    """Each case as cause, place and message."""
    return [
        (str(one.cause), str(one.locations[0] if one.locations else one.name), one.message)
        for one in found.cases
    ]


def place(found: Scanned, rule: str) -> Location:
    """The place of the one sighting of a rule."""
    (one,) = [one for one in found.sightings if one.rule == rule]
    return one.locations[0]


VERSION = ".".join(map(str, sys.version_info[:2]))
