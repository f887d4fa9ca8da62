import pytest
from hypothesis import given
from hypothesis import strategies as st

from buildsteps.errors import UsageError
from buildsteps.expressions import Window
from buildsteps.results import Case, Cause, Outcome, Severity
from buildsteps.steps.loadtest.measured.model import Results
from buildsteps.steps.loadtest.verdict.thresholds import (
    METRICS,
    Judged,
    Level,
    Windows,
    fewest,
    judge_thresholds,
    parse_threshold,
    parse_thresholds,
)
from tests.unit.steps.loadtest.runs import measured, results

HUNDRED = [number / 100 for number in range(1, 101)]
"""Ten milliseconds to a second."""


def judged(text: str, found: Results, windows: Windows | None = None) -> Judged:
    return judge_thresholds([parse_threshold(text)], found, windows)


def case_of(text: str, found: Results, windows: Windows | None = None) -> Case:
    return judged(text, found, windows).cases[0]


@pytest.mark.parametrize(
    ("text", "outcome", "message"),
    [
        ("p95 < 1s", Outcome.PASSED, "measured 950 ms, 5.0 % below the limit"),
        ("p95 < 950ms", Outcome.FAILED, "measured 950 ms, exactly the limit"),
        ("p95 <= 950ms", Outcome.PASSED, "measured 950 ms, exactly the limit"),
        ("p95 < 500ms", Outcome.FAILED, "measured 950 ms, 90 % above the limit of 500 ms"),
        ("avg_rt < .2s", Outcome.FAILED, "measured 505 ms, 152 % above the limit of 200 ms"),
        ("min_rt >= 10ms", Outcome.PASSED, "measured 10 ms, exactly the limit"),
        ("avg_rt < 5ms", Outcome.FAILED, "measured 505 ms, 101 times the limit of 5 ms"),
        ("max_rt < 2s", Outcome.PASSED, "measured 1 s, 50 % below the limit"),
        ("errors < 1", Outcome.FAILED, "measured 3, 200 % above the limit of 1"),
        ("errors == 0", Outcome.FAILED, "measured 3, must be == 0"),
        ("error_rate < 5%", Outcome.PASSED, "measured 3 %, 40 % below the limit"),
        ("requests >= 100", Outcome.PASSED, "measured 100, exactly the limit"),
        ("throughput > 50/s", Outcome.FAILED, "measured 10/s, 80 % below the limit of 50/s"),
        ("throughput > 5/s", Outcome.PASSED, "measured 10/s, 100 % above the limit"),
    ],
)
def test_a_threshold_is_a_case_with_the_value_and_the_margin(
    text: str, outcome: Outcome, message: str
) -> None:
    case = case_of(text, results(HUNDRED, errors=3))
    assert (case.name, case.group, case.outcome, case.message) == (
        text,
        "thresholds",
        outcome,
        message,
    )


def test_a_label_or_a_region_is_judged_alone() -> None:
    found = results(
        HUNDRED,
        labels={"GET /": measured([0.1] * 50)},
        regions={"eu-west-1": measured([0.3] * 50)},
    )
    assert case_of('label("GET /").p95 < 200ms', found).outcome is Outcome.PASSED
    assert case_of('region("eu-west-1").p95 < 200ms', found).outcome is Outcome.FAILED


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (
            'label("GET /order").p95 < 1s',
            "no request has the label `GET /order`. Did you mean `GET /orders`?",
        ),
        ('label("x").errors < 1', "no request has the label `x`. There are `GET /orders`."),
        (
            'region("eu").p95 < 1s',
            "no request has the region `eu`. There is no region at all:"
            " a run on this machine has none.",
        ),
        (
            'label("GET /orders").region("eu").p95 < 1s',
            "a label within a region is not measured; ask for one of them",
        ),
        ("p99.9 < 5s", "p99.9 needs at least 1,000 requests, and there were 100"),
        ("p95[30s:] < 5s", "a part of the run needs raw samples, and there are none"),
    ],
)
def test_a_threshold_without_data_is_an_error(text: str, message: str) -> None:
    found = results(HUNDRED, labels={"GET /orders": measured(HUNDRED)})
    case = case_of(text, found)
    assert (case.outcome, case.cause, case.message) == (Outcome.ERROR, Cause.SUBJECT, message)


@pytest.mark.parametrize("metric", ["avg_rt", "p100", "errors", "error_rate", "max_rt"])
def test_no_request_at_all_is_never_a_pass(metric: str) -> None:
    limit = {"errors": "1", "error_rate": "1%"}.get(metric, "1s")
    case = case_of(f"{metric} < {limit}", results([]))
    assert (case.outcome, case.message) == (Outcome.ERROR, "there was no request")


def test_a_run_without_requests_has_none() -> None:
    assert case_of("throughput > 0", results([])).outcome is Outcome.FAILED


def test_a_percentile_that_the_engine_does_not_tell_is_an_error() -> None:
    class Untold:
        def percentile(self, share: float) -> float | None:
            return None

    from msgspec.structs import replace

    found = results(HUNDRED)
    found = replace(found, total=replace(found.total, times=Untold()))
    case = case_of("p93 < 1s", found)
    assert case.message == "the engine does not tell p93 (raw samples would)"
    assert case.outcome is Outcome.ERROR


def test_a_window_is_asked_of_the_raw_samples() -> None:
    asked: list[Window] = []

    def windows(window: Window) -> Results:
        asked.append(window)
        return results([0.1] * 100)

    assert case_of("p95[30s:] < 200ms", results(HUNDRED), windows).outcome is Outcome.PASSED
    warm = judge_thresholds([parse_threshold("p95 < 200ms", 10)], results(HUNDRED), windows)
    assert warm.cases[0].outcome is Outcome.PASSED
    assert asked == [Window(30), Window(10)]


def test_a_part_of_the_run_without_requests_is_told_as_such() -> None:
    case = case_of("p95[30s:] < 200ms", results(HUNDRED), lambda _: results([]))
    assert (case.outcome, case.message) == (
        Outcome.ERROR,
        "there was no request in this part of the run",
    )
    assert case_of("requests[30s:] < 1", results(HUNDRED), lambda _: results([])).outcome is (
        Outcome.PASSED
    )


def test_a_window_of_its_own_is_stronger_than_the_warm_up() -> None:
    assert parse_threshold("p95[:5s] < 1s", 10).expression.window == Window(0, 5)


def test_a_warning_is_a_finding_and_stops_nothing() -> None:
    found = judged("warn: p95 < 500ms", results(HUNDRED))
    assert [case.outcome for case in found.cases] == [Outcome.PASSED]
    assert found.cases[0].message.startswith("a warning: measured 950 ms")
    (finding,) = found.findings
    assert finding.severity is Severity.MEDIUM
    assert finding.message == "p95 < 500ms: measured 950 ms, 90 % above the limit of 500 ms"


def test_a_warning_that_holds_says_nothing() -> None:
    assert judged("warn: p95 < 2s", results(HUNDRED)).findings == ()


def test_a_warning_without_data_is_told_and_judges_nothing() -> None:
    found = judged('warn: label("x").p95 < 2s', results(HUNDRED))
    assert [case.outcome for case in found.cases] == [Outcome.SKIPPED]
    assert "no request has the label `x`" in found.findings[0].message


def test_levels_are_written_before_the_expression() -> None:
    assert parse_threshold("fail: p95 < 1s").level is Level.FAIL
    assert parse_threshold(" warn : p95 < 1s").level is Level.WARN
    assert parse_threshold('label("warn: x").p95 < 1s').level is Level.FAIL


def test_all_mistakes_are_told_at_once() -> None:
    with pytest.raises(UsageError) as caught:
        parse_thresholds(["p95 < 1", "p96 < 1s", "eror_rate < 1%"])
    assert "needs a unit" in caught.value.message
    assert "Did you mean `error_rate`?" in caught.value.detail


def test_averages_over_tasks_are_told() -> None:
    case = case_of("p95 < 2s", results(HUNDRED, exact=False))
    assert case.detail.startswith("not from raw samples")
    assert case_of("errors < 1", results(HUNDRED, exact=False)).detail == ""


@pytest.mark.parametrize(
    ("percentile", "number"), [(50, 2), (95, 20), (99, 100), (99.9, 1000), (100, 1), (0, 1)]
)
def test_a_percentile_needs_requests_above_it(percentile: float, number: int) -> None:
    assert fewest(percentile) == number


@given(
    times=st.lists(st.integers(1, 5000), min_size=1, max_size=200),
    errors=st.integers(0, 200),
    metric=st.sampled_from([*METRICS, "p50", "p95", "p99.9"]),
    limit=st.integers(0, 6000),
    comparison=st.sampled_from(["<", "<=", ">", ">="]),
)
def test_a_case_passes_only_where_the_value_keeps_the_limit(
    times: list[int], errors: int, metric: str, limit: int, comparison: str
) -> None:
    unit = {"errors": "", "requests": "", "error_rate": "%", "throughput": "/s"}.get(metric, "ms")
    found = results([time / 1000 for time in times], min(errors, len(times)))
    opposite = {"<": ">=", "<=": ">", ">": "<=", ">=": "<"}[comparison]
    outcomes = {
        case_of(f"{metric} {sign} {limit}{unit}", found).outcome for sign in (comparison, opposite)
    }
    assert outcomes in ({Outcome.PASSED, Outcome.FAILED}, {Outcome.ERROR})
