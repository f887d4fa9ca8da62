import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from buildsteps.gate import judge, stopping_cases
from buildsteps.results import Case, Cause, Finding, Location, Outcome, Report, Severity


def case(outcome: str) -> Case:
    if outcome in ("subject", "world"):
        return Case(name="x", group="g", outcome=Outcome.ERROR, cause=Cause(outcome))
    return Case(name="x", group="g", outcome=Outcome(outcome))


def code(*outcomes: str, allow_empty: bool = False, report_only: bool = False) -> int:
    report = Report(cases=[case(outcome) for outcome in outcomes])
    return judge(report, allow_empty=allow_empty, report_only=report_only).exit_code


EVERY = ("failed", "subject", "world", "passed", "skipped")


@pytest.mark.parametrize(
    "outcomes",
    [c for n in range(len(EVERY) + 1) for c in itertools.combinations(EVERY, n)],
)
def test_the_order_of_exit_codes(outcomes: tuple[str, ...]) -> None:
    if "failed" in outcomes or "subject" in outcomes:
        expected = 1
    elif "world" in outcomes:
        expected = 3
    else:
        expected = 0 if "passed" in outcomes else 2
    assert code(*outcomes) == expected
    assert code(*outcomes, allow_empty=True) == (0 if expected == 2 else expected)
    assert code(*outcomes, report_only=True) == (0 if expected == 1 else expected)


@given(st.lists(st.sampled_from(EVERY)), st.booleans(), st.booleans())
def test_a_verdict_that_does_not_pass_says_why(
    outcomes: list[str], allow_empty: bool, report_only: bool
) -> None:
    report = Report(cases=[case(outcome) for outcome in outcomes])
    verdict = judge(report, allow_empty=allow_empty, report_only=report_only)
    assert (verdict.outcome == "passed") == (not verdict.reasons)
    assert verdict.exit_code in (0, 1, 2, 3)


def test_nothing_judged_tells_what_the_step_knows() -> None:
    verdict = judge(Report(emptiness="no file"))
    assert verdict.reasons == ("nothing was judged: no file (--allow-empty accepts it)",)
    skipped = judge(Report(cases=[case("skipped")], emptiness="no file"))
    assert "all cases were skipped" in skipped.reasons[0]


def test_findings_stop_through_cases_unless_they_are_accepted() -> None:
    place = (Location("a.txt", 3),)
    findings = [
        Finding(rule="r", severity=Severity.MEDIUM, message="m", locations=place),
        Finding(rule="s", severity=Severity.MEDIUM, message="n", accepted="known"),
    ]
    (stop,) = stopping_cases(findings, "warnings", "warning")
    assert (stop.name, stop.outcome, stop.message) == ("r a.txt:3", Outcome.FAILED, "m")


def test_only_an_error_names_a_cause() -> None:
    with pytest.raises(ValueError, match="names its cause"):
        Case(name="x", group="g", outcome=Outcome.ERROR)
    with pytest.raises(ValueError, match="names its cause"):
        Case(name="x", group="g", outcome=Outcome.PASSED, cause=Cause.WORLD)
