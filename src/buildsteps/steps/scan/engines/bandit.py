"""bandit: Python code for security, in processes of its own."""

import os
import sys
from collections.abc import Iterable, Sequence
from functools import partial
from importlib.util import find_spec

from msgspec import Struct

from buildsteps.errors import FloodedError, WorldError
from buildsteps.reporting.text import counted
from buildsteps.results import Case, Cause, unjudged
from buildsteps.steps.scan.engines.bandit_meaning import Meaning
from buildsteps.steps.scan.engines.bandit_report import BanditReport, bandit_report
from buildsteps.steps.scan.python.files import argument, python_files
from buildsteps.steps.scan.python.portions import portions
from buildsteps.steps.scan.python.timed import TimedCalls
from buildsteps.steps.scan.settings import ScanOptions
from buildsteps.steps.scan.sighting import Scanned
from buildsteps.steps.scan.subjects import Subjects
from buildsteps.world import World
from buildsteps.world.concurrency import threaded_map
from buildsteps.world.process import Completed

_ENOUGH = 150_000
"""Bytes of code for which one more process is worth its start, some 0.4 s."""

_SPLITS = 40
"""How often a portion that bandit fails on is halved, over a run, to find the file it fails on."""

_INSTALL = "bandit is not installed: pip install 'buildsteps[scan]'"


def scan(subjects: Subjects, options: ScanOptions, world: World) -> tuple[Scanned, ...]:
    """Scan the Python files; see :class:`~buildsteps.steps.scan.engines.interface.Engine`."""
    if find_spec("bandit") is None:
        raise WorldError(_INSTALL)
    files = python_files(subjects, world, stubs=False)
    meaning = Meaning(world)
    calls = Calls(world, options.timeout)
    judged = calls.over(files)
    quieted = [path for one in judged for path in meaning.quieted(one.report)]
    loud = calls.over(quieted, "--ignore-nosec") if quieted else []
    sightings = meaning.sightings([one.report for one in judged], [one.report for one in loud])
    read = {path for one in judged for path in meaning.read(one.report)}
    cases = [case for one in judged for case in (*one.cases, *meaning.cases(one))]
    known = read | {case.name for case in cases}
    unread = [path for path in files if path not in known]
    return (
        Scanned(
            engine="bandit",
            subject=counted(len(files), "file"),
            version=_version(),
            sightings=sightings,
            read=frozenset(read),
            cases=(*cases, *_unread(unread)),
            partial=bool(cases or unread) or not subjects.whole,
        ),
    )


class Judged(Struct, frozen=True):
    """A portion that bandit came to the end of, and what it wrote beside its report."""

    report: BanditReport
    stderr: str = ""
    cases: tuple[Case, ...] = ()


class Calls:
    """Calls of bandit, each with as many files as it can take, over all cores."""

    def __init__(self, world: World, timeout: float) -> None:
        self._world = world
        self._calls = TimedCalls("bandit", timeout, world)
        self._splits = _SPLITS

    def over(self, files: Sequence[str], *flags: str) -> list[Judged]:
        """Scan ``files``; a file that bandit fails on is an error case, the others are judged.

        Raises:
            WorldError: bandit cannot be run at all, or took too long.
        """
        sizes = [_size(self._world, path) for path in files]
        shares = portions(files, sizes, os.cpu_count() or 1, _ENOUGH) if files else []
        ask = partial(self._judged, flags=flags)
        threads = os.cpu_count() or 1
        return [one for answer in threaded_map(ask, shares, threads) for one in answer]

    def _judged(self, files: tuple[str, ...], flags: Sequence[str]) -> list[Judged]:
        """Judge a portion, or its halves where bandit fails on it."""
        done = self._run(files, flags)
        try:
            if isinstance(done, Completed) and done.status in (0, 1):
                return [Judged(bandit_report(done.stdout), done.stderr.decode(errors="replace"))]
        except ValueError:
            pass
        if len(files) == 1:
            return [Judged(BanditReport((), ()), cases=(_failed(files[0], done),))]
        self._splits -= 1
        if self._splits == _SPLITS - 1:
            self._stand_up(done)
        if self._splits < 0:
            raise WorldError("bandit failed on many files", detail=_said(done))
        middle = len(files) // 2
        return [*self._judged(files[:middle], flags), *self._judged(files[middle:], flags)]

    def _run(self, files: Sequence[str], flags: Sequence[str]) -> Completed | FloodedError:
        """Run bandit on ``files``, without any configuration of the project.

        ``-P`` keeps the working folder off the module path: a ``yaml.py`` there is the project's.
        The empty ``-x`` takes the place of bandit's own list, which leaves out ``.github``, too.
        """
        command = [sys.executable, "-P", "-m", "bandit", "-q", "-f", "json", "-x", "", *flags, "--"]
        try:
            return self._calls.run([*command, *map(argument, files)])
        except FloodedError as flood:
            return flood

    def _stand_up(self, done: Completed | FloodedError) -> None:
        """Make sure that bandit runs at all before looking for the file that it fails on."""
        command = [sys.executable, "-P", "-m", "bandit", "--version"]
        if self._calls.run(command).status != 0:
            raise WorldError("bandit failed", detail=_said(done))


def _size(world: World, path: str) -> int:
    try:
        return world.path(path).stat().st_size
    except OSError:
        return 0


def _version() -> str:
    from importlib.metadata import PackageNotFoundError, version

    try:
        return version("bandit")
    except PackageNotFoundError:
        return ""


def _said(done: Completed | FloodedError) -> str:
    if isinstance(done, FloodedError):
        return done.message
    lines = done.stderr.decode(errors="replace").strip().splitlines()
    return "\n".join(lines[-20:])


def _failed(path: str, done: Completed | FloodedError) -> Case:
    if isinstance(done, FloodedError):
        what = "bandit printed more about it than can be read"
    elif done.status in (0, 1) and done.stdout:
        what = "bandit wrote something else than its JSON"
    else:
        what = f"bandit failed on it, with exit status {done.status}"
    return unjudged(path, "bandit", what, kind="engine", cause=Cause.WORLD, detail=_said(done))


def _unread(paths: Iterable[str]) -> list[Case]:
    """Files that bandit says nothing of: never taken for clean ones."""
    message = "bandit did not say that it read it"
    return [unjudged(path, "bandit", message, kind="engine", cause=Cause.WORLD) for path in paths]
