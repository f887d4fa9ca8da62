from buildsteps.reporting.headline import counts_line, most_severe_first, verdict_line
from buildsteps.results import Counts, Finding, Severity
from tests.unit.reporting.samples import ALL_PASSED, NOTHING_JUDGED, STOPPED


def test_the_verdict_line_says_the_decision_the_exit_code_and_the_reasons() -> None:
    assert verdict_line(ALL_PASSED) == "cedar-validate: passed (exit code 0)"
    assert verdict_line(STOPPED) == (
        "cedar-validate: stopped (exit code 1): 2 cases failed; 1 case could not be judged"
    )
    assert verdict_line(NOTHING_JUDGED).startswith("verify: wrong call (exit code 2): nothing")


def test_the_counts_line_leaves_out_what_there_is_none_of() -> None:
    assert counts_line(Counts()) == "no cases"
    assert counts_line(Counts(passed=1200, failed=1, findings=1)) == (
        "1,201 cases: 1 failed, 1,200 passed; 1 finding"
    )


def test_open_findings_come_before_accepted_ones_and_severe_before_mild() -> None:
    low, high = (
        Finding(rule=s.value, severity=s, message="m") for s in (Severity.LOW, Severity.HIGH)
    )
    accepted = Finding(rule="c", severity=Severity.CRITICAL, message="m", accepted="why")
    assert most_severe_first([accepted, low, high]) == [high, low, accepted]
