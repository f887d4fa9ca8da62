"""``scan``: ask the engines, put together what they saw, and judge what is new."""

from functools import partial

from buildsteps.acceptances import settle
from buildsteps.errors import UsageError, WorldError
from buildsteps.reporting.text import counted
from buildsteps.results import Cause, Report, unjudged
from buildsteps.step import Text
from buildsteps.steps.scan.engines.interface import engine
from buildsteps.steps.scan.settings import ScanOptions
from buildsteps.steps.scan.sighting import Scanned
from buildsteps.steps.scan.subjects import Subjects, subjects_of
from buildsteps.steps.scan.verdict.cases import cases_of
from buildsteps.steps.scan.verdict.merging import finding_of, merged
from buildsteps.steps.scan.verdict.policy import Policy
from buildsteps.world import World
from buildsteps.world.clock import utc_date
from buildsteps.world.concurrency import threaded_map


def collect(options: ScanOptions, world: World) -> Report | Text:
    """Scan with every engine asked for, and judge the findings.

    Raises:
        UsageError: what an engine needs is not given, or wrong.
    """
    subjects = subjects_of(options, world)
    names = engine_names(options)
    ask = partial(_asked, subjects=subjects, options=options, world=world)
    scans = [one for answer in threaded_map(ask, names) for one in answer]
    sightings = [sighting for scan in scans for sighting in scan.sightings]
    policy = Policy(options=options)
    findings = [
        policy.settled(finding_of(group, _own_name)) for group in merged(sightings, _own_name)
    ]
    settled = settle(
        findings, options.accept, (), utc_date(world.clock.now()), whole_run=subjects.whole
    )
    stops = {one.fingerprint for one in settled.findings if policy.stops(one)}
    return Report(
        cases=[*cases_of(scans, settled.findings, stops), *settled.cases],
        findings=settled.findings,
        facts={"engines": [_facts(scan) for scan in scans]},
        notes=tuple(_note(scan) for scan in scans),
        emptiness="no engine read anything",
    )


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


def _asked(
    name: str, subjects: Subjects, options: ScanOptions, world: World
) -> tuple[Scanned, ...]:
    """Ask one engine; where the world fails it, that is its case, and the others go on."""
    try:
        return engine(name)(subjects, options, world)
    except WorldError as error:
        case = unjudged(
            "scan", name, error.message, kind="engine", cause=Cause.WORLD, detail=error.detail
        )
        return (Scanned(engine=name, subject="nothing", cases=(case,), partial=True),)


def _own_name(sighting: object) -> str:
    return str(getattr(sighting, "rule", ""))


def _facts(scan: Scanned) -> dict[str, object]:
    return {
        "name": scan.engine,
        "version": scan.version,
        "subject": scan.subject,
        "sightings": len(scan.sightings),
        **scan.facts,
    }


def _note(scan: Scanned) -> str:
    version = f" {scan.version}" if scan.version else ""
    return f"{scan.engine}{version}: {scan.subject}, {counted(len(scan.sightings), 'finding')}"
