"""Which engines a call asks, and asking them: one that fails does not keep the others."""

from functools import partial

from buildsteps.errors import UsageError, WorldError
from buildsteps.results import Cause, unjudged
from buildsteps.steps.scan.engines.interface import engine
from buildsteps.steps.scan.settings import ScanOptions
from buildsteps.steps.scan.sighting import Scanned
from buildsteps.steps.scan.subjects import Subjects
from buildsteps.world import World
from buildsteps.world.concurrency import threaded_map

DEFAULT = ("bandit", "ruff")
"""Who is asked where nothing says otherwise."""

_SERVICES = ("inspector", "inspector-code", "ecr", "codeguru")


def engine_names(options: ScanOptions) -> tuple[str, ...]:
    """The engines that a call asks for: by name, or by what it gives them.

    Raises:
        UsageError: a saved answer is given, and no engine that could have given it.
    """
    given = tuple(name for name, (_, value) in _inputs(options).items() if value)
    named = tuple(dict.fromkeys(options.engine)) or given
    if options.saved and not any(name in _SERVICES for name in named):
        raise UsageError("--saved needs --engine: whose answer is it?")
    return named or DEFAULT


def _inputs(options: ScanOptions) -> dict[str, tuple[str, object]]:
    """What is given to an engine, by its name: what we call it, and the value."""
    return {
        "sarif": ("--sarif", options.sarif),
        "scanners": ("`scanners:`", options.scanners),
        "inspector": ("--sbom", options.sbom),
        "inspector-code": ("--project", options.project),
        "ecr": ("--image", options.image),
    }


def ask_engines(subjects: Subjects, options: ScanOptions, world: World) -> list[Scanned]:
    """Ask every engine of the call, at the same time; the order is that of their names.

    Raises:
        UsageError: what an engine needs is not given, or wrong.
    """
    names = engine_names(options)
    for name, (given, value) in _inputs(options).items():
        if value and name not in names:
            world.note(f"note: {given} is not read, for this call asks {', '.join(names)} alone")
    ask = partial(_asked, subjects=subjects, options=options, world=world)
    return [one for answer in threaded_map(ask, names) for one in answer]


def _asked(
    name: str, subjects: Subjects, options: ScanOptions, world: World
) -> tuple[Scanned, ...]:
    """Ask one engine; where the world fails it, that is its case."""
    try:
        return engine(name)(subjects, options, world)
    except WorldError as error:
        case = unjudged(
            "scan", name, error.message, kind="engine", cause=Cause.WORLD, detail=error.detail
        )
        return (Scanned(engine=name, subject="nothing", cases=(case,), partial=True),)
