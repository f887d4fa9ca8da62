import pytest
from hypothesis import given
from hypothesis import strategies as st

from buildsteps.expressions import ExpressionError
from buildsteps.results import Case, Outcome
from buildsteps.steps.loadtest.verdict.baseline import (
    BaselineRule,
    check_metrics,
    judge_baseline,
    spreads_of,
    values_of,
)
from buildsteps.steps.loadtest.verdict.stored import StoredRun
from tests.unit.steps.loadtest.runs import results, steps_of

P95 = BaselineRule(metrics=("p95",))


def earlier(*values: float, metric: str = "p95", error: float | None = None) -> list[StoredRun]:
    return [
        StoredRun(
            id=str(at),
            at=float(at),
            fingerprint="f",
            values={metric: value},
            spreads={} if error is None else {metric: error},
            good=True,
        )
        for at, value in enumerate(values)
    ]


def case_of(
    now: float,
    runs: list[StoredRun],
    *,
    metric: str = "p95",
    error: float | None = None,
    rule: BaselineRule | None = None,
) -> Case:
    rule = rule or BaselineRule(metrics=(metric,))
    spreads = {} if error is None else {metric: error}
    return judge_baseline({metric: now}, spreads, runs, rule).cases[0]


def test_a_regression_is_told_with_its_interval() -> None:
    case = case_of(0.9, earlier(0.8, 0.8, 0.81, 0.79, 0.8, error=0.01), error=0.01)
    assert case.outcome is Outcome.FAILED
    assert case.message == "p95 slower by 12 % (10 to 15 %), more than the 10 % allowed"
    assert case.detail == (
        "900 ms, and a median of 800 ms in the last 5 good runs; up to 880 ms is allowed by the"
        " tolerance and by 3 median absolute deviations"
    )


def test_with_one_earlier_run_the_tolerance_alone_decides_and_that_is_said() -> None:
    assert case_of(0.87, earlier(0.8)).outcome is Outcome.PASSED
    case = case_of(0.9, earlier(0.8))
    assert case.outcome is Outcome.FAILED
    assert case.message == "p95 slower by 12 %, more than the 10 % allowed"
    assert "the tolerance alone, because one run does not tell how much runs differ" in case.detail


def test_what_runs_differ_by_anyway_is_no_regression() -> None:
    case = case_of(0.93, earlier(0.7, 0.75, 0.8, 0.85, 0.9))
    assert case.outcome is Outcome.PASSED
    assert case.message == (
        "p95 slower by 16 %, more than 10 %, but within what the earlier runs differ by"
    )
    assert case_of(0.96, earlier(0.7, 0.75, 0.8, 0.85, 0.9)).outcome is Outcome.FAILED


@pytest.mark.parametrize(
    ("now", "error", "words"),
    [
        (0.8, None, "p95 unchanged"),
        (0.84, None, "p95 slower by 5 %"),
        (0.72, None, "p95 faster by 10 %"),
        (0.84, 0.05, "p95 slower by 5 % (8.6 % faster to 21 % slower)"),
        (0.6, 0.02, "p95 faster by 25 % (21 to 29 %)"),
    ],
)
def test_a_run_that_is_no_slower_says_how_it_differs(
    now: float, error: float | None, words: str
) -> None:
    case = case_of(now, earlier(0.8), error=error)
    assert case.outcome is Outcome.PASSED
    assert case.message == f"{words}, within the 10 % allowed"


def test_less_throughput_is_worse_and_more_is_not() -> None:
    runs = earlier(100.0, 101.0, 99.0, metric="throughput")
    assert case_of(150.0, runs, metric="throughput").outcome is Outcome.PASSED
    case = case_of(80.0, runs, metric="throughput")
    assert case.outcome is Outcome.FAILED
    assert case.message == "throughput lower by 20 %, more than the 10 % allowed"


def test_errors_where_there_were_none_are_a_regression() -> None:
    runs = earlier(0.0, 0.0, 0.0, metric="error_rate")
    case = case_of(0.02, runs, metric="error_rate")
    assert case.outcome is Outcome.FAILED
    assert case.message == "error_rate 2 % instead of none, more than the 10 % allowed"
    assert case_of(0.0005, runs, metric="error_rate").outcome is Outcome.PASSED


def test_less_than_a_millisecond_is_no_regression() -> None:
    assert case_of(0.0029, earlier(0.002, 0.002)).outcome is Outcome.PASSED
    assert case_of(0.0031, earlier(0.002, 0.002)).outcome is Outcome.FAILED


def test_the_first_run_has_nothing_to_be_compared_with() -> None:
    case = case_of(0.8, [])
    assert case.outcome is Outcome.SKIPPED
    assert case.message == "no earlier good run of the same requests, load and engine"


def test_bad_runs_do_not_count() -> None:
    bad = StoredRun(id="bad", at=9.0, fingerprint="f", values={"p95": 9.0}, good=False)
    assert case_of(0.9, [*earlier(0.8), bad]).outcome is Outcome.FAILED


def test_only_the_last_runs_count() -> None:
    rule = BaselineRule(metrics=("p95",), last=2)
    case = case_of(0.5, earlier(9.0, 9.0, 0.4, 0.4), rule=rule)
    assert case.outcome is Outcome.FAILED


def test_what_this_run_does_not_tell_is_an_error() -> None:
    case = judge_baseline({}, {}, earlier(0.8), P95).cases[0]
    assert case.outcome is Outcome.ERROR


def test_values_and_spreads_come_from_the_results() -> None:
    seconds = [[0.1 + 0.01 * (at % 3)] * 10 for at in range(30)]
    found = results([time for second in seconds for time in second], steps=steps_of(seconds))
    rule = BaselineRule(metrics=("p95", "error_rate", "p99.9", 'label("x").p95'))
    assert values_of(found, rule) == {"p95": 0.12, "error_rate": 0.0}
    assert list(spreads_of(found, rule)) == ["p95", "p99.9"]


def test_an_unknown_metric_is_told_before_the_run() -> None:
    with pytest.raises(ExpressionError, match="Did you mean `error_rate`"):
        check_metrics(BaselineRule(metrics=("eror_rate",)))


@given(
    values=st.lists(st.floats(0.01, 10), min_size=1, max_size=8),
    now=st.floats(0.01, 20),
    more=st.floats(1, 5),
)
def test_a_slower_run_is_never_judged_better(values: list[float], now: float, more: float) -> None:
    runs = earlier(*values)
    slower = case_of(now * more, runs).outcome
    assert slower is Outcome.FAILED or case_of(now, runs).outcome is Outcome.PASSED


@given(values=st.lists(st.floats(0.01, 10), min_size=1, max_size=5), now=st.floats(0.01, 20))
def test_within_the_tolerance_nothing_is_a_regression(values: list[float], now: float) -> None:
    import statistics

    if now <= statistics.median(values) * 1.0999:
        assert case_of(now, earlier(*values)).outcome is Outcome.PASSED


def test_nothing_failed_before_and_now_is_unchanged() -> None:
    case = case_of(0.0, earlier(0.0, 0.0, metric="error_rate"), metric="error_rate")
    assert case.outcome is Outcome.PASSED
    assert case.message == "error_rate unchanged, within the 10 % allowed"


def test_a_difference_that_is_just_allowed_is_allowed_and_says_why() -> None:
    assert 0.0027 - 0.0017 > 0.001  # by what binary fractions are off
    case = case_of(0.0027, earlier(0.0017, 0.0018, 0.0017))
    assert case.outcome is Outcome.PASSED
    assert case.message == (
        "p95 slower by 59 %, more than 10 %, but no more than 1 ms, which never counts"
    )
    assert case.detail == (
        "2.7 ms, and 1.7 ms in the last 3 good runs (median); up to 2.7 ms is allowed, because a"
        " difference of 1 ms never counts"
    )
