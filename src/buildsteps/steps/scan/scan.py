"""``scan``: ask the engines, put together what they saw, and judge what is new."""

from functools import partial

from buildsteps.acceptances import settle
from buildsteps.errors import WorldError
from buildsteps.reporting.text import counted
from buildsteps.results import Cause, Report, unjudged
from buildsteps.step import Text
from buildsteps.steps.scan.engines.interface import engine
from buildsteps.steps.scan.python_rules import name_of
from buildsteps.steps.scan.settings import ScanOptions
from buildsteps.steps.scan.sighting import Scanned
from buildsteps.steps.scan.subjects import Subjects, subjects_of
from buildsteps.steps.scan.verdict.baseline_in_force import baseline_of
from buildsteps.steps.scan.verdict.baselined import against
from buildsteps.steps.scan.verdict.cases import cases_of
from buildsteps.steps.scan.verdict.explaining import Explainer
from buildsteps.steps.scan.verdict.looked import Looked
from buildsteps.steps.scan.verdict.merging import finding_of, merged
from buildsteps.steps.scan.verdict.policy import Policy
from buildsteps.steps.scan.verdict.since import changed_since
from buildsteps.steps.scan.verdict.snippets import roots_of, with_snippets
from buildsteps.steps.scan.verdict.tracing import TracePaths, traced
from buildsteps.world import World
from buildsteps.world.clock import utc_date
from buildsteps.world.concurrency import threaded_map


def collect(options: ScanOptions, world: World) -> Report | Text:
    """Scan with every engine asked for, and judge the findings.

    Raises:
        UsageError: what an engine needs is not given, or wrong.
    """
    baseline = baseline_of(options, world)
    changed = changed_since(options.since, world) if options.since else None
    subjects = subjects_of(options, world)
    names = engine_names(options)
    ask = partial(_asked, subjects=subjects, options=options, world=world)
    scans = [one for answer in threaded_map(ask, names) for one in answer]
    sightings = [sighting for scan in scans for sighting in scan.sightings]
    policy = Policy(options=options)
    groups = merged(sightings, name_of)
    found = [policy.settled(finding_of(group, name_of)) for group in groups]
    shown = with_snippets(found, groups, roots_of(options, world), world)
    known = traced(shown, groups, baseline.folder, world)
    settled = settle(
        known.findings,
        options.accept,
        (),
        utc_date(world.clock.now()),
        whole_run=subjects.whole and changed is None,
    )
    paths = TracePaths(baseline.folder, world)
    looked = Looked.of(scans, options.paths, paths, whole=subjects.whole)
    judged = against(baseline, settled.findings, known.traces, looked, options, world, changed)
    stops = {one.fingerprint for one in judged.findings if policy.stops(one)}
    if options.explain:
        said = {one.fingerprint: group for one, group in zip(known.findings, groups, strict=True)}
        explainer = Explainer(
            findings=judged.findings, said=said, policy=policy, stops=frozenset(stops)
        )
        return explainer.explain(options.explain)
    return Report(
        cases=[*cases_of(scans, judged.findings, stops, options.max), *settled.cases],
        findings=judged.findings,
        facts={"engines": [_facts(scan) for scan in scans], **judged.facts},
        notes=(*(note for scan in scans for note in _notes(scan)), *judged.notes),
        tables=judged.tables,
        emptiness="no engine read anything",
    )


def engine_names(options: ScanOptions) -> tuple[str, ...]:
    """The engines that a call asks for: by name, or by what it gives them."""
    if options.engine:
        return tuple(dict.fromkeys(options.engine))
    given = {
        "sarif": options.sarif,
        "scanners": options.scanners,
        "inspector": options.sbom,
        "inspector-code": options.project,
        "ecr": options.image,
    }
    return tuple(name for name, value in given.items() if value) or ("bandit", "ruff")


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


def _facts(scan: Scanned) -> dict[str, object]:
    return {
        "name": scan.engine,
        "version": scan.version,
        "subject": scan.subject,
        "sightings": len(scan.sightings),
        **scan.facts,
    }


def _notes(scan: Scanned) -> list[str]:
    version = f" {scan.version}" if scan.version else ""
    silent = scan.cases and not scan.sightings
    number = "not judged" if silent else counted(len(scan.sightings), "finding")
    return [
        f"{scan.engine}{version}: {scan.subject}, {number}",
        *(f"{scan.engine}: {note}" for note in scan.notes),
    ]
