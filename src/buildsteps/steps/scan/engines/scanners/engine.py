"""Programs of the configuration that write SARIF: ``scan: scanners: NAME: {run: [...]}``.

Each is shown before it starts. One that is missing, crashes, takes too long, writes nothing or no
SARIF, or says by its exit status what its result does not, is a case with the cause world.
"""

import os
import re
import shlex
from fnmatch import fnmatchcase
from functools import partial
from pathlib import Path

from msgspec.structs import replace

from buildsteps import config
from buildsteps.errors import UsageError, WorldError
from buildsteps.reporting.text import counted, printable
from buildsteps.results import Case, Cause, Outcome, unjudged
from buildsteps.steps.scan.engines.sarif_files import source_root
from buildsteps.steps.scan.engines.scanners.process import run, tail
from buildsteps.steps.scan.sarif.origin import Origin
from buildsteps.steps.scan.sarif.runs import scans_of
from buildsteps.steps.scan.sarif.selecting import selected
from buildsteps.steps.scan.sarif.tree import Tree
from buildsteps.steps.scan.settings import Scanner, ScanOptions
from buildsteps.steps.scan.sighting import Scanned
from buildsteps.steps.scan.subjects import Subjects
from buildsteps.world import World
from buildsteps.world.concurrency import threaded_map
from buildsteps.world.process import Completed

Named = tuple[str, Scanner]

_SAW_NOTHING = re.compile(
    r"no such file or directory|does not exist|nothing to (?:scan|lint|check)"
    r"|\bno (?:\S+ ){0,3}files? (?:were |was )?(?:found|matched)",
    re.IGNORECASE,
)
"""What scanners say on standard error that had nothing to read and end well nevertheless: ruff."""


def scan(subjects: Subjects, options: ScanOptions, world: World) -> tuple[Scanned, ...]:
    """Run them, as many at once as there are processors; see ``interface.Engine``.

    Raises:
        UsageError: none is configured, or two write the same file.
    """
    if not options.scanners:
        raise UsageError("the engine scanners runs those of `scanners:` in buildsteps.yaml: none")
    _refuse_shared_outputs(options.scanners)
    folder = home(options, world)
    root = source_root(options, world) if options.source_root else folder
    ask = partial(_scans, subjects=subjects, options=options, tree=Tree(root, world), folder=folder)
    answers = threaded_map(ask, list(options.scanners.items()), threads=os.cpu_count() or 1)
    return tuple(selected(one, subjects, options) for answer in answers for one in answer)


def home(options: ScanOptions, world: World) -> Path:
    """The folder of ``buildsteps.yaml``: there they run, as their paths are written for it."""
    if options.config:
        return world.path(options.config).parent
    found = config.find_file(world.cwd, world.environ)
    return world.cwd if found is None else found.parent


def _refuse_shared_outputs(scanners: dict[str, Scanner]) -> None:
    seen: dict[str, str] = {}
    for name, one in scanners.items():
        if one.output and one.output in seen:
            raise UsageError(
                f"the scanners `{seen[one.output]}` and `{name}` both write {one.output}:"
                " give each an `output` of its own"
            )
        seen[one.output] = name


def _scans(
    named: Named, subjects: Subjects, options: ScanOptions, tree: Tree, folder: Path
) -> tuple[Scanned, ...]:
    """Run one; what it fails at is its case, and the others go on."""
    name, scanner = named
    to_read = files_of(scanner, subjects)
    if scanner.files and not to_read:
        return (_without_files(name, scanner),)
    world = tree.world
    world.progress(printable(f"{name}: {shlex.join(scanner.run)}"))
    try:
        done, data = run(name, scanner, min(scanner.timeout, options.timeout), folder, world)
    except WorldError as error:
        return (_failed(name, scanner, str(error), error.detail),)
    origin = Origin(
        name=_source(name, scanner, world),
        subject=_subject(scanner, to_read),
        engine=name,
        blame=Cause.WORLD,
    )
    return _checked(scans_of(data, origin, tree), name, scanner, done, frozenset(to_read))


def files_of(scanner: Scanner, subjects: Subjects) -> tuple[str, ...]:
    """The files that a scanner should read, by its globs: of the path, its end, or the name."""
    globs = [one.removeprefix("./").removeprefix("**/") for one in scanner.files]
    return tuple(
        path
        for path in subjects.files
        if any(fnmatchcase(path, one) or fnmatchcase(path, f"*/{one}") for one in globs)
    )


def _checked(
    scans: tuple[Scanned, ...], name: str, scanner: Scanner, done: Completed, files: frozenset[str]
) -> tuple[Scanned, ...]:
    """Hold the result against the exit status and the files that should have been read."""
    cases = [case for one in scans for case in one.cases]
    found = sum(len(one.sightings) for one in scans)
    if done.status != 0 and not found and not cases:
        message = f"{name} ended with exit status {done.status} and wrote no result"
        return (_failed(name, scanner, message, tail(done)),)
    first, *others = scans
    if any(case.cause is Cause.WORLD for case in cases):
        return (_with_tail(first, done), *others)
    said = tail(done)
    complaint = None if found or cases else _SAW_NOTHING.search(said)
    if complaint is not None:
        message = f"{name} wrote no result and says `{complaint[0]}`: it read nothing"
        return (_failed(name, scanner, message, said),)
    return (replace(first, read=files or first.read), *others)


def _with_tail(scan: Scanned, done: Completed) -> Scanned:
    """Where something could not be judged, what the scanner said may tell why."""
    said = tail(done)
    cases = tuple(
        replace(case, detail=case.detail or said) if case.cause is Cause.WORLD else case
        for case in scan.cases
    )
    return replace(scan, cases=cases)


def _failed(name: str, scanner: Scanner, message: str, detail: str) -> Scanned:
    case = unjudged("run", name, message, kind="scanner-failed", cause=Cause.WORLD, detail=detail)
    return Scanned(engine=name, subject=shlex.join(scanner.run), cases=(case,), partial=True)


def _without_files(name: str, scanner: Scanner) -> Scanned:
    why = f"not started: no file matches {', '.join(scanner.files)}"
    case = Case(name="run", group=name, outcome=Outcome.SKIPPED, message=why)
    return Scanned(engine=name, subject="nothing", cases=(case,), notes=(why,), partial=True)


def _source(name: str, scanner: Scanner, world: World) -> str:
    return world.shown(scanner.output) if scanner.output else f"standard output of {name}"


def _subject(scanner: Scanner, files: tuple[str, ...]) -> str:
    return counted(len(files), "file") if files else shlex.join(scanner.run)
