"""Cases of a scan: one a file that was read, or one a rule; clean ones pass."""

from collections.abc import Collection, Sequence

from buildsteps.reporting.text import counted
from buildsteps.results import Case, Finding, Location, Outcome
from buildsteps.steps.scan.sighting import Scanned
from buildsteps.steps.scan.verdict.merging import told_once


def cases_of(
    scans: Sequence[Scanned], findings: Sequence[Finding], stops: Collection[str]
) -> list[Case]:
    """Judge what was scanned; ``stops`` are the fingerprints of the findings that stop."""
    cases = told_once(scans)
    stopping = [one for one in findings if one.fingerprint in stops]
    by_file: dict[str, list[Finding]] = {}
    by_rule: dict[tuple[str, str], list[Finding]] = {}
    read = {path: scan.engine for scan in reversed(scans) for path in scan.read or ()}
    for one in stopping:
        path = one.locations[0].path if one.locations else ""
        if path in read:
            by_file.setdefault(path, []).append(one)
        else:
            by_rule.setdefault((one.engines[0], one.rule), []).append(one)
    for path in sorted(read):
        cases.append(_case(path, read[path], by_file.get(path, ())))
    for (engine, rule), members in by_rule.items():
        cases.append(_case(rule, engine, members))
    failed = {engine for engine, _ in by_rule}
    for scan in scans:
        if scan.read is None and scan.engine not in failed and not scan.cases:
            cases.append(Case(name=scan.subject, group=scan.engine, outcome=Outcome.PASSED))
    return cases


def _case(name: str, group: str, findings: Sequence[Finding]) -> Case:
    if not findings:
        return Case(name=name, group=group, outcome=Outcome.PASSED)
    first = findings[0]
    message = first.message if len(findings) == 1 else counted(len(findings), "finding")
    return Case(
        name=name,
        group=group,
        outcome=Outcome.FAILED,
        kind="finding",
        message=message,
        detail="\n\n".join(map(_told, findings)),
        locations=tuple(place for one in findings for place in one.locations[:1]),
        findings=tuple(one.fingerprint for one in findings),
    )


def _told(finding: Finding) -> str:
    place: Location | str = finding.locations[0] if finding.locations else ""
    lines = [f"{place}: {finding.severity} {finding.rule}: {finding.message}", finding.snippet]
    return "\n".join(line for line in (*lines, finding.help) if line)
