"""What a run measured over time, as charts, beside what earlier runs measured."""

from collections.abc import Callable, Sequence

from buildsteps.expressions import parse
from buildsteps.results import Chart, Level, Series
from buildsteps.steps.loadtest.measured.model import Results, Second
from buildsteps.steps.loadtest.verdict.baseline import Comparison
from buildsteps.steps.loadtest.verdict.thresholds import VOCABULARY
from buildsteps.units import Dimension

ALONG = "seconds from the start"


def charts_of(results: Results | None, comparisons: Sequence[Comparison] = ()) -> tuple[Chart, ...]:
    """Response times, throughput and errors over time; none where the run has no series.

    Earlier runs keep one value a metric, not a series: they are levels, of all requests only.
    """
    if results is None or not results.series:
        return ()
    series = results.series
    whole = [one for one in comparisons if not _selects(one.metric)]
    times = [one for one in whole if one.dimension is Dimension.TIME]
    rates = [one for one in whole if one.metric == "throughput"]
    shares = [one for one in whole if one.metric == "error_rate"]
    scale, unit = _time_scale(series, times)
    return (
        Chart(
            title="Response time",
            unit=unit,
            along=ALONG,
            series=(
                _line("p95", series, lambda one: one.p95 * scale if one.count else None),
                _line("p50", series, lambda one: one.p50 * scale if one.count else None),
            ),
            levels=_levels(times, scale),
        ),
        Chart(
            title="Throughput",
            unit="requests a second",
            along=ALONG,
            series=(
                _line("all", series, lambda one: one.count / one.width),
                _line("failed", series, lambda one: one.errors / one.width),
            ),
            levels=_levels(rates, 1.0),
        ),
        Chart(
            title="Errors",
            unit="% of requests",
            along=ALONG,
            series=(
                _line(
                    "error_rate", series, lambda o: 100 * o.errors / o.count if o.count else None
                ),
            ),
            levels=_levels(shares, 100.0),
        ),
    )


def _line(name: str, series: Sequence[Second], value: Callable[[Second], float | None]) -> Series:
    """Each step stands at its middle, since its value is that of the whole step."""
    places = tuple(one.at + one.width / 2 for one in series)
    return Series(name=name, x=places, y=tuple(map(value, series)))


def _levels(comparisons: Sequence[Comparison], scale: float) -> tuple[Level, ...]:
    return tuple(Level(name=_before(one), value=one.before * scale) for one in comparisons)


def _before(one: Comparison) -> str:
    runs = "the earlier run" if one.runs == 1 else f"{one.runs} earlier runs"
    return f"{one.metric} of {runs}"


def _selects(metric: str) -> bool:
    return bool(parse(f"{metric} > 0", VOCABULARY).selectors)


def _time_scale(series: Sequence[Second], times: Sequence[Comparison]) -> tuple[float, str]:
    longest = max([*(one.p95 for one in series), *(one.before for one in times)])
    return (1.0, "s") if longest >= 10 else (1000.0, "ms")
