"""What a run measured, as tables: by label and region, over time, and beside earlier runs."""

import itertools
from collections.abc import Mapping, Sequence

from buildsteps.results import Table
from buildsteps.steps.loadtest.measured.model import Failure, Measured, Results, Second
from buildsteps.steps.loadtest.verdict.baseline import Comparison, change_words
from buildsteps.units import Dimension, shown

PERCENTILES = (50.0, 95.0, 99.0)
MOST_ROWS = 20
"""Labels that are shown, the most frequent."""

WIDTH = 60
"""Bars of a sparkline."""

_BARS = "▁▂▃▄▅▆▇█"
_GAP = " "
_COLUMNS = ("requests", "failed", "a second", "mean", "p50", "p95", "p99", "slowest")


def tables_of(
    results: Results | None,
    comparisons: Sequence[Comparison] = (),
    failures: Sequence[Failure] = (),
) -> tuple[Table, ...]:
    """All tables of a run; none where it has no results."""
    if results is None:
        return ()
    tables = [_measured("Measured", "label", {"all": results.total, **results.labels})]
    if results.regions:
        tables.append(_measured("By region", "region", results.regions))
    if reasons := failures or _statuses(results):
        tables.append(_failed(reasons))
    if results.series:
        tables.append(_over_time(results.series))
    if comparisons:
        tables.append(_compared(comparisons))
    return tuple(tables)


def sparkline(values: Sequence[float | None], width: int = WIDTH) -> str:
    """Bars from 0 to the largest value; a gap where there is none, neighbours taken together."""
    merged = [_largest(values[start:stop]) for start, stop in _stretches(len(values), width)]
    most = max((value for value in merged if value is not None), default=0.0)
    return "".join(_bar(value, most) for value in merged).rstrip()


def _bar(value: float | None, most: float) -> str:
    if value is None:
        return _GAP
    return _BARS[round(value / most * (len(_BARS) - 1))] if most else _BARS[0]


def _largest(values: Sequence[float | None]) -> float | None:
    return max((value for value in values if value is not None), default=None)


def _stretches(number: int, width: int) -> list[tuple[int, int]]:
    bars = min(number, width)
    edges = [at * number // bars for at in range(bars + 1)] if bars else []
    return list(itertools.pairwise(edges))


def _measured(title: str, what: str, rows: Mapping[str, Measured]) -> Table:
    kept = list(rows.items())[: MOST_ROWS + 1]
    hidden = len(rows) - len(kept)
    more = f" (the {len(kept) - 1} most frequent of {len(rows) - 1})" if hidden else ""
    return Table(
        title=title + more,
        columns=(what, *_COLUMNS),
        rows=tuple((name, *_cells(one)) for name, one in kept),
    )


def _cells(one: Measured) -> tuple[str, ...]:
    if not one.count:
        return ("0", *[""] * (len(_COLUMNS) - 1))
    percentiles = (one.times.percentile(share) for share in PERCENTILES)
    return (
        shown(one.count, Dimension.COUNT),
        f"{shown(one.errors, Dimension.COUNT)} ({shown(one.error_rate, Dimension.SHARE)})",
        shown(one.throughput, Dimension.RATE),
        shown(one.mean, Dimension.TIME),
        *("" if value is None else shown(value, Dimension.TIME) for value in percentiles),
        shown(one.maximum, Dimension.TIME),
    )


def _statuses(results: Results) -> list[Failure]:
    """What failed answers are known by where the engine tells no reason: their codes."""
    rows = results.labels or {"all": results.total}
    found = [
        Failure(label, f"status {code}" if code.isdigit() else code, count)
        for label, one in rows.items()
        if one.errors
        for code, count in one.codes.items()
        if not code.startswith(("1", "2", "3"))
    ]
    return sorted(found, key=lambda one: -one.count)


def _failed(failures: Sequence[Failure]) -> Table:
    kept = failures[:MOST_ROWS]
    hidden = len(failures) - len(kept)
    return Table(
        title="Failed"
        + (f" (the {len(kept)} most frequent reasons of {len(failures)})" * bool(hidden)),
        columns=("label", "why", "requests"),
        rows=tuple((one.label, one.reason, shown(one.count, Dimension.COUNT)) for one in kept),
    )


def _over_time(series: Sequence[Second]) -> Table:
    rates = [one.count / one.width for one in series]
    failed = [one.errors / one.width for one in series]
    slow = [one.p95 if one.count else None for one in series]
    lines = (
        ("requests", rates, Dimension.RATE),
        ("failed", failed, Dimension.RATE),
        ("p95", slow, Dimension.TIME),
    )
    end = series[-1].at + series[-1].width
    return Table(
        title=f"Over time (0 to {shown(end, Dimension.TIME)})",
        columns=("what", "course", "most"),
        rows=tuple(
            (name, sparkline(values), shown(_largest(values) or 0.0, dimension))
            for name, values, dimension in lines
        ),
    )


def _compared(comparisons: Sequence[Comparison]) -> Table:
    return Table(
        title="Beside earlier runs",
        columns=("metric", "now", "before", "allowed", "change", "earlier runs"),
        rows=tuple(
            (
                one.metric,
                shown(one.now, one.dimension),
                shown(one.before, one.dimension),
                shown(one.allowed, one.dimension),
                change_words(one),
                str(one.runs),
            )
            for one in comparisons
        ),
    )
