from msgspec.structs import replace

from buildsteps.results import Level
from buildsteps.steps.loadtest.measured.model import Results, Second
from buildsteps.steps.loadtest.showing.charts import charts_of
from buildsteps.steps.loadtest.verdict.baseline import BaselineRule, Comparison, compare
from buildsteps.steps.loadtest.verdict.stored import StoredRun
from tests.unit.steps.loadtest.runs import results

SERIES = (
    Second(at=0, width=2, count=10, errors=1, p50=0.1, p95=0.25),
    Second(at=2, width=2, count=0, errors=0, p50=0.0, p95=0.0),
    Second(at=4, width=2, count=4, errors=4, p50=0.2, p95=0.5),
)


def with_series(series: tuple[Second, ...] = SERIES) -> Results:
    return replace(results([0.1] * 14), series=series)


def beside(metric: str, now: float, *before: float) -> Comparison:
    earlier = [
        StoredRun(id=str(n), at=n, fingerprint="f", values={metric: value}, good=True)
        for n, value in enumerate(before)
    ]
    return compare(metric, now, None, earlier, BaselineRule())


def test_times_throughput_and_errors_stand_over_the_middle_of_each_step() -> None:
    times, throughput, errors = charts_of(with_series())
    assert times.unit == "ms"
    assert [one.name for one in times.series] == ["p95", "p50"]
    assert times.series[0].x == (1.0, 3.0, 5.0)
    assert times.series[0].y == (250.0, None, 500.0)
    assert throughput.series[0].y == (5.0, 0.0, 2.0)
    assert throughput.series[1].y == (0.5, 0.0, 2.0)
    assert errors.series[0].y == (10.0, None, 100.0)


def test_earlier_runs_are_levels_in_the_chart_of_their_metric() -> None:
    compared = [
        beside("p95", 0.3, 0.2),
        beside("throughput", 5, 6, 8),
        beside("error_rate", 0.02, 0.01),
    ]
    times, throughput, errors = charts_of(with_series(), compared)
    assert times.levels == (Level(name="p95 of the earlier run", value=200.0),)
    assert throughput.levels == (Level(name="throughput of 2 earlier runs", value=7.0),)
    assert errors.levels == (Level(name="error_rate of the earlier run", value=1.0),)


def test_a_metric_of_some_requests_is_no_level_of_all() -> None:
    times, _, _ = charts_of(with_series(), [beside('label("GET /").p95', 0.3, 0.2)])
    assert times.levels == ()


def test_long_times_are_in_seconds() -> None:
    slow = (Second(at=0, width=1, count=1, errors=0, p50=11.0, p95=12.0),)
    times, _, _ = charts_of(with_series(slow))
    assert (times.unit, times.series[0].y) == ("s", (12.0,))


def test_a_run_without_a_series_has_no_charts() -> None:
    assert charts_of(None) == ()
    assert charts_of(results([0.1])) == ()
