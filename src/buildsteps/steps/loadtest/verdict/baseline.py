"""Compare a run with the last good ones of the same configuration.

A regression needs both: more than the relative tolerance above their median, and more than the
median and some median absolute deviations (MAD). The first leaves out what nobody would notice, the
second what runs differ by anyway. With one earlier run only the tolerance can decide.
"""

import math
import statistics
from collections.abc import Mapping, Sequence
from contextlib import suppress

from msgspec import Struct

from buildsteps.expressions import Expression, parse
from buildsteps.results import Case, Outcome, unjudged
from buildsteps.steps.loadtest.measured.model import Results
from buildsteps.steps.loadtest.verdict.bootstrap import spread
from buildsteps.steps.loadtest.verdict.stored import StoredRun
from buildsteps.steps.loadtest.verdict.thresholds import (
    VOCABULARY,
    NoDataError,
    measured_value,
)
from buildsteps.units import Dimension, shown

GROUP = "baseline"
EVIDENCE = 1.96
"""Standard errors to each side: 19 of 20 intervals hold the true value."""

NONE_EARLIER = "no earlier good run of the same requests, load and engine"
_ENOUGH_TO_DIFFER = 3
_MORE_IS_BETTER = frozenset({"throughput", "requests"})
_FLOORS = {Dimension.TIME: 0.001, Dimension.SHARE: 0.001, Dimension.RATE: 0.0, Dimension.COUNT: 1.0}
"""Differences that are never a regression: a millisecond, one request of a thousand."""


_ROUNDING = 1e-9
"""What sums of decimal fractions are off by: a value that is just allowed is allowed."""


class BaselineRule(Struct, frozen=True, kw_only=True):
    """What is compared, with the ``last`` good runs, and how much worse it may be.

    ``tolerance`` is a share (0.1 is 10 %), ``mads`` how many median absolute deviations.
    """

    metrics: tuple[str, ...] = ("p95", "error_rate")
    tolerance: float = 0.10
    mads: float = 3.0
    last: int = 5


class Comparison(Struct, frozen=True, kw_only=True):
    """One metric of this run beside the earlier ones.

    ``change`` is how much worse it is, as a share of ``before`` (negative: better); None where
    ``before`` is 0. ``low`` and ``high`` are the interval of that, from raw samples.
    """

    metric: str
    dimension: Dimension
    now: float
    before: float
    allowed: float
    runs: int
    regressed: bool
    change: float | None = None
    low: float | None = None
    high: float | None = None


class Compared(Struct, frozen=True):
    """The comparisons of a run with earlier ones, and their cases."""

    comparisons: tuple[Comparison, ...] = ()
    cases: tuple[Case, ...] = ()


def check_metrics(rule: BaselineRule) -> None:
    """Check that each metric of the rule is one.

    Raises:
        ExpressionError: it is none; names the nearest.
    """
    for metric in rule.metrics:
        _expression(metric)


def values_of(results: Results, rule: BaselineRule) -> dict[str, float]:
    """The values that are compared, by metric; one that the run does not tell is left out."""
    found = {}
    for metric in rule.metrics:
        expression = _expression(metric)
        with suppress(NoDataError):
            found[metric] = measured_value(expression, results, None)
    return found


def spreads_of(results: Results, rule: BaselineRule) -> dict[str, float]:
    """The standard errors of the percentiles over all requests, where raw samples tell them."""
    found = {}
    for metric in rule.metrics:
        expression = _expression(metric)
        if results.steps and expression.percentile is not None and not expression.selectors:
            error = spread(results.steps, expression.percentile)
            if error is not None:
                found[metric] = error
    return found


def judge_baseline(
    values: Mapping[str, float],
    spreads: Mapping[str, float],
    earlier: Sequence[StoredRun],
    rule: BaselineRule,
) -> Compared:
    """Compare a run with the last good ones of ``earlier``; there is a case a metric.

    Without an earlier run the case is skipped and says that this run is the first.
    """
    good = sorted((run for run in earlier if run.good), key=lambda run: run.at)[-rule.last :]
    cases, comparisons = [], []
    for metric in rule.metrics:
        runs = [run for run in good if metric in run.values]
        if not runs:
            cases.append(_skipped(metric, NONE_EARLIER))
        elif metric not in values:
            message = f"this run does not tell {metric}, which earlier runs do"
            cases.append(unjudged(metric, GROUP, message, kind="no-data"))
        else:
            comparison = compare(metric, values[metric], spreads.get(metric), runs, rule)
            comparisons.append(comparison)
            cases.append(_case(comparison, rule))
    return Compared(tuple(comparisons), tuple(cases))


def compare(
    metric: str,
    now: float,
    error: float | None,
    runs: Sequence[StoredRun],
    rule: BaselineRule,
) -> Comparison:
    """Compare one value with those of ``runs``, of which there is at least one."""
    expression = _expression(metric)
    values = [run.values[metric] for run in runs]
    before = statistics.median(values)
    sign = -1.0 if expression.metric in _MORE_IS_BETTER else 1.0
    room = max(before * rule.tolerance, _FLOORS[expression.dimension])
    if len(values) > 1:
        deviation = statistics.median(abs(value - before) for value in values)
        room = max(room, rule.mads * deviation)
    change = sign * (now - before) / before if before else None
    low, high = _interval(now, values, sign, error, [run.spreads.get(metric) for run in runs])
    return Comparison(
        metric=metric,
        dimension=expression.dimension,
        now=now,
        before=before,
        allowed=before + sign * room,
        runs=len(runs),
        regressed=sign * (now - before) > room * (1 + _ROUNDING),
        change=change,
        low=low,
        high=high,
    )


def _interval(
    now: float,
    earlier: Sequence[float],
    sign: float,
    error: float | None,
    errors: Sequence[float | None],
) -> tuple[float | None, float | None]:
    """The interval of the change, from the standard error of both sides.

    Where there are three earlier runs, what they differ by counts, too: it holds for this run as
    well. Where earlier runs kept no error, that of this run stands for theirs. The median of
    several runs has some 1.25 times the error of their mean.
    """
    before = statistics.median(earlier)
    if error is None or not now or not all(earlier):
        return None, None
    known = [one if one is not None else error for one in errors]
    single = math.sqrt(sum(one * one for one in known) / len(known))
    median_factor = 1.0
    if len(earlier) >= _ENOUGH_TO_DIFFER:
        single = max(single, statistics.stdev(map(math.log, earlier)))
        error, median_factor = max(error, single), 1.2533
    whole = math.hypot(error, median_factor * single / math.sqrt(len(earlier)))
    ends = [now / before * math.exp(way * EVIDENCE * whole) - 1 for way in (-1, 1)]
    low, high = sorted(sign * end for end in ends)
    return low, high


def change_words(comparison: Comparison) -> str:
    """Say the change, such as ``slower by 12 % (9 to 15 %)``."""
    change = comparison.change
    if comparison.now == comparison.before:
        return "unchanged"
    if change is None:
        return f"{shown(comparison.now, comparison.dimension)} instead of none"
    if round(abs(change), 3) == 0:
        return "unchanged"
    worse, better = _words(comparison)
    text = f"{worse if change > 0 else better} by {_percent(abs(change))} %"
    if comparison.low is None or comparison.high is None:
        return text
    return f"{text} ({_range(change, comparison.low, comparison.high, worse, better)})"


def _range(change: float, low: float, high: float, worse: str, better: str) -> str:
    if low < 0 < high:
        return f"{_percent(-low)} % {better} to {_percent(high)} % {worse}"
    ends = (low, high) if change > 0 else (-high, -low)
    return f"{_percent(ends[0])} to {_percent(ends[1])} %"


def _words(comparison: Comparison) -> tuple[str, str]:
    if comparison.dimension is Dimension.TIME:
        return "slower", "faster"
    if _expression(comparison.metric).metric in _MORE_IS_BETTER:
        return "lower", "higher"
    return "higher", "lower"


def _percent(share: float) -> str:
    return f"{share * 100:.0f}" if abs(share) >= 0.095 else f"{share * 100:.1f}".removesuffix(".0")


def _case(comparison: Comparison, rule: BaselineRule) -> Case:
    words = f"{comparison.metric} {change_words(comparison)}"
    tolerance = f"{_percent(rule.tolerance)} %"
    worse = comparison.now != comparison.before if comparison.change is None else comparison.change
    over = worse > rule.tolerance
    if comparison.regressed:
        limit = f"more than the {tolerance} allowed"
    elif over and _is_small(comparison):
        least = shown(_FLOORS[comparison.dimension], comparison.dimension)
        limit = f"more than {tolerance}, but no more than {least}, which never counts"
    elif over:
        limit = f"more than {tolerance}, but within what the earlier runs differ by"
    else:
        limit = f"within the {tolerance} allowed"
    return Case(
        name=comparison.metric,
        group=GROUP,
        outcome=Outcome.FAILED if comparison.regressed else Outcome.PASSED,
        kind="regression" if comparison.regressed else "",
        message=f"{words}, {limit}",
        detail=_detail(comparison, rule),
    )


def _is_small(comparison: Comparison) -> bool:
    """Whether the difference is one that never counts."""
    floor = _FLOORS[comparison.dimension]
    return abs(comparison.now - comparison.before) <= floor * (1 + _ROUNDING)


def _detail(comparison: Comparison, rule: BaselineRule) -> str:
    now, before, allowed = (
        shown(value, comparison.dimension)
        for value in (comparison.now, comparison.before, comparison.allowed)
    )
    floor = _FLOORS[comparison.dimension]
    if floor and math.isclose(abs(comparison.allowed - comparison.before), floor):
        least = shown(floor, comparison.dimension)
        runs = "the one earlier good run"
        if comparison.runs > 1:
            runs = f"the last {comparison.runs} good runs (median)"
        return (
            f"{now}, and {before} in {runs}; up to {allowed} is allowed, because a difference of"
            f" {least} never counts"
        )
    if comparison.runs == 1:
        return (
            f"{now}, and {before} in the one earlier good run; up to {allowed} is allowed by the"
            " tolerance alone, because one run does not tell how much runs differ"
        )
    return (
        f"{now}, and a median of {before} in the last {comparison.runs} good runs; up to {allowed}"
        f" is allowed by the tolerance and by {rule.mads:g} median absolute deviations"
    )


def _skipped(metric: str, message: str) -> Case:
    return Case(name=metric, group=GROUP, outcome=Outcome.SKIPPED, message=message)


def _expression(metric: str) -> Expression:
    return parse(f"{metric} > 0", VOCABULARY)
