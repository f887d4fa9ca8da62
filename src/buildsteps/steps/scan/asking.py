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


def engine_names(options: ScanOptions) -> tuple[str, ...]:
    """The engines that a call asks for: by name, or by what it gives them.

    Raises:
        UsageError: a saved answer is given, and nothing tells of which engine.
    """
    if options.engine:
        return tuple(dict.fromkeys(options.engine))
    given = {
        "sarif": options.sarif,
        "scanners": options.scanners,
        "inspector": options.sbom,
        "inspector-code": options.project,
        "ecr": options.image,
    }
    named = tuple(name for name, value in given.items() if value)
    if options.saved and not named:
        raise UsageError("--saved needs --engine: whose answer is it?")
    return named or ("bandit", "ruff")


def ask_engines(subjects: Subjects, options: ScanOptions, world: World) -> list[Scanned]:
    """Ask every engine of the call, at the same time; the order is that of their names.

    Raises:
        UsageError: what an engine needs is not given, or wrong.
    """
    ask = partial(_asked, subjects=subjects, options=options, world=world)
    return [one for answer in threaded_map(ask, engine_names(options)) for one in answer]


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
