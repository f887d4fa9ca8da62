from msgspec.structs import replace

from buildsteps.gate import stopping_cases
from buildsteps.reporting.gathered import Gathered
from buildsteps.reporting.stopping import (
    cases_beside_findings,
    findings_beside_cases,
    stopping,
)
from buildsteps.results import Case, Cause, Finding, Location, Outcome, Report, Severity


def finding(message: str, accepted: str = "") -> Finding:
    place = (Location("a.py", 1),)
    return Finding(
        rule="r", severity=Severity.HIGH, message=message, locations=place, accepted=accepted
    )


def test_failed_cases_come_before_errors_and_passed_ones_do_not_stop() -> None:
    cases = [
        Case(name="error", group="g", outcome=Outcome.ERROR, cause=Cause.WORLD),
        Case(name="passed", group="g", outcome=Outcome.PASSED),
        Case(name="failed", group="g", outcome=Outcome.FAILED),
    ]
    assert [case.name for case in stopping(Report(cases=cases))] == ["failed", "error"]


def test_a_finding_and_the_case_that_the_gate_made_of_it_are_told_once() -> None:
    findings = [finding("stops"), finding("tolerated"), finding("stops too", accepted="why")]
    own = Case(name="own", group="g", outcome=Outcome.FAILED, message="not a finding")
    report = Report(cases=[*stopping_cases(findings[:1], "g", "k"), own], findings=findings)
    assert [f.message for f in findings_beside_cases(report)] == ["tolerated", "stops too"]
    assert cases_beside_findings(report) == [own]


def test_a_case_that_gathers_findings_speaks_for_each_of_them() -> None:
    findings = [replace(finding(f"stops {name}"), fingerprint=name, locations=()) for name in "ab"]
    beside = replace(finding("tolerated"), fingerprint="c")
    case = Case(name="a.py", group="g", outcome=Outcome.FAILED, findings=("a", "b"))
    report = Report(cases=[case], findings=[*findings, beside])
    assert findings_beside_cases(report) == [beside]
    assert cases_beside_findings(report) == []
    assert Gathered.of(report).findings(case) == findings
