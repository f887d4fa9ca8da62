"""``scan``: ask the engines, put together what they saw, and judge what is new."""

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import get_args

from msgspec import Struct

from buildsteps.acceptances import Settled, settle
from buildsteps.errors import UsageError
from buildsteps.nearest import suggestion
from buildsteps.reporting.text import counted
from buildsteps.results import Finding, Report
from buildsteps.step import Text
from buildsteps.steps.scan.asking import ask_engines
from buildsteps.steps.scan.python_rules import name_of
from buildsteps.steps.scan.security_hub.bringing import brought, scope_of
from buildsteps.steps.scan.settings import EngineName, ScanOptions
from buildsteps.steps.scan.sighting import Scanned, Sighting
from buildsteps.steps.scan.subjects import subjects_of
from buildsteps.steps.scan.verdict.baseline_in_force import baseline_of
from buildsteps.steps.scan.verdict.baselined import against
from buildsteps.steps.scan.verdict.cases import cases_of
from buildsteps.steps.scan.verdict.explaining import Explainer
from buildsteps.steps.scan.verdict.inline import inline_of
from buildsteps.steps.scan.verdict.looked import Looked
from buildsteps.steps.scan.verdict.merging import finding_of, merged
from buildsteps.steps.scan.verdict.policy import Policy
from buildsteps.steps.scan.verdict.since import changed_since
from buildsteps.steps.scan.verdict.snippets import roots_of, with_snippets
from buildsteps.steps.scan.verdict.tracing import Traced, TracePaths, traced
from buildsteps.world import World
from buildsteps.world.clock import utc_date


class Found(Struct, frozen=True, kw_only=True):
    """The findings of a run and what each is known again by; by fingerprint who saw it."""

    known: Traced
    said: Mapping[str, Sequence[Sighting]]

    def said_of(self, findings: Iterable[Finding]) -> list[Sequence[Sighting]]:
        """The sightings that each finding was made of; none for a remark of our own."""
        return [self.said.get(one.fingerprint, ()) for one in findings]


def collect(options: ScanOptions, world: World) -> Report | Text:
    """Scan with every engine asked for, and judge the findings.

    Raises:
        UsageError: what an engine needs is not given, or wrong; so is the baseline, or a commit.
        WorldError: the baseline cannot be written, or git failed.
    """
    _check(options)
    scope = scope_of(options, world)
    baseline = baseline_of(options, world)
    changed = changed_since(options.since, world) if options.since else None
    subjects = subjects_of(options, world)
    scans = ask_engines(subjects, options, world)
    policy = Policy(options=options)
    found = _found(scans, policy, baseline.folder, world)
    whole = subjects.whole and changed is None
    settled = _settled(found, scans, options, world, whole=whole)
    paths = TracePaths(baseline.folder, world)
    looked = Looked.of(scans, options.paths, paths, whole=subjects.whole)
    judged = against(
        baseline, settled.findings, found.known.traces, looked, options, world, changed
    )
    findings = with_snippets(
        judged.findings,
        found.said_of(judged.findings),
        roots_of(options, world),
        world,
        old_ones=options.verbose or bool(options.explain),
    )
    stops = frozenset(one.fingerprint for one in findings if policy.stops(one))
    if options.explain:
        explainer = Explainer(findings=findings, said=found.said, policy=policy, stops=stops)
        return explainer.explain(options.explain)
    report = Report(
        cases=[*cases_of(scans, findings, stops, options.max), *settled.cases],
        findings=findings,
        facts={"engines": [_facts(scan) for scan in scans], **judged.facts},
        notes=(
            *(note for scan in scans for note in _notes(scan)),
            *judged.notes,
            *_unknown(options, scans),
        ),
        tables=judged.tables,
        emptiness=_emptiness(scans, options),
    )
    return brought(report, scans, scope, whole=whole, options=options, world=world)


def _check(options: ScanOptions) -> None:
    if options.max < 0:
        raise UsageError("--max is a whole number from 0 on")
    if not options.timeout > 0:
        raise UsageError("--timeout is a number of seconds above 0")


def rules_of(scans: Iterable[Scanned], findings: Iterable[Finding]) -> frozenset[str]:
    """The rules that this run could find, as far as they are known."""
    applied = {rule for scan in scans for rule in scan.rules}
    return frozenset(applied.union(*((one.rule, *one.aliases) for one in findings)))


def _found(scans: Sequence[Scanned], policy: Policy, folder: Path, world: World) -> Found:
    """Make findings of what the engines saw, each with a fingerprint."""
    groups = merged((one for scan in scans for one in scan.sightings), name_of)
    findings = [policy.settled(finding_of(group, name_of)) for group in groups]
    known = traced(findings, groups, folder, world)
    every = zip(known.findings, groups, strict=True)
    return Found(known=known, said={one.fingerprint: group for one, group in every})


def _settled(
    found: Found, scans: Sequence[Scanned], options: ScanOptions, world: World, *, whole: bool
) -> Settled:
    """Mark what the configuration and comments accept."""
    findings = found.known.findings
    inline = inline_of(scans, findings, found.said_of(findings), world)
    return settle(
        [*findings, *inline.findings],
        options.accept,
        inline.acceptances,
        utc_date(world.clock.now()),
        whole_run=whole and not any(one.partial for one in scans),
        rules=rules_of(scans, findings),
    )


def _unknown(options: ScanOptions, scans: Iterable[Scanned]) -> list[str]:
    """What seems misspelt in ``engines:``; else a name may be of a scanner of another call."""
    names = {*get_args(EngineName), *options.scanners, *(scan.engine for scan in scans)}
    return [
        f"engines.{name}: there is no such engine.{hint}"
        for name in options.engines
        if name not in names and (hint := suggestion(name, names))
    ]


def _emptiness(scans: Iterable[Scanned], options: ScanOptions) -> str:
    """Why nothing was judged, if nothing was: most often there is no Python where it was sought."""
    if not {scan.engine for scan in scans} <= {"bandit", "ruff"}:
        return "no engine read anything"
    where = f"at {options.paths[0]}" if len(options.paths) == 1 else "at the paths of this call"
    left = " that --exclude does not leave out" if options.exclude else ""
    return f"no Python file was found {where if options.paths else 'in this folder'}{left}"


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
