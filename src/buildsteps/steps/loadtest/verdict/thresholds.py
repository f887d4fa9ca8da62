"""Thresholds state what must hold of a run: one case each, with the measured value and margin."""

import math
from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal
from enum import StrEnum

from msgspec import Struct
from msgspec.structs import replace

from buildsteps.errors import UsageError, raise_together
from buildsteps.expressions import Expression, Vocabulary, Window, parse
from buildsteps.nearest import suggestion
from buildsteps.results import Case, Finding, Location, Outcome, Severity, unjudged
from buildsteps.steps.loadtest.measured.model import Measured, Results
from buildsteps.units import Dimension

GROUP = "thresholds"
RULE = "threshold-warning"

METRICS: Mapping[str, Dimension] = {
    "avg_rt": Dimension.TIME,
    "min_rt": Dimension.TIME,
    "max_rt": Dimension.TIME,
    "errors": Dimension.COUNT,
    "error_rate": Dimension.SHARE,
    "requests": Dimension.COUNT,
    "throughput": Dimension.RATE,
}
"""What a threshold may speak of, beside percentiles such as ``p95``."""

VOCABULARY = Vocabulary(
    metrics=METRICS,
    selectors=("label", "region"),
    percentiles=Dimension.TIME,
    windows=True,
)

_VALUES: Mapping[str, Callable[[Measured], float]] = {
    "avg_rt": lambda measured: measured.mean,
    "min_rt": lambda measured: measured.minimum,
    "max_rt": lambda measured: measured.maximum,
    "errors": lambda measured: float(measured.errors),
    "error_rate": lambda measured: measured.error_rate,
    "requests": lambda measured: float(measured.count),
    "throughput": lambda measured: measured.throughput,
}


MANY_TIMES = 10
"""From how many times the limit on percents are hard to read."""


_OF_NOTHING = ("requests", "throughput")
"""What is told where there was no request: 0."""


class Level(StrEnum):
    """What happens where a threshold does not hold: the gate stops, or it is only said."""

    FAIL = "fail"
    WARN = "warn"


class Threshold(Struct, frozen=True):
    """An expression and its level."""

    level: Level
    expression: Expression


class Judged(Struct, frozen=True):
    """What a part of the verdict came to."""

    cases: tuple[Case, ...] = ()
    findings: tuple[Finding, ...] = ()


class NoDataError(Exception):
    """Nothing was measured that the threshold speaks of; the message says what is missing."""


Windows = Callable[[Window], Results]
"""Gives the results of a part of the run, from raw samples."""


def parse_threshold(text: str, warm_up: float = 0.0, place: Location | None = None) -> Threshold:
    """Understand ``p95 < 800ms``, ``fail: p95 < 800ms`` or ``warn: p95 < 600ms``.

    An expression without a window leaves the first ``warm_up`` seconds out.

    Raises:
        ExpressionError: it cannot be understood.
    """
    word, colon, rest = text.partition(":")
    level = Level(word.strip()) if colon and word.strip() in list(Level) else None
    if level is None:
        level, rest = Level.FAIL, text
    expression = parse(rest.strip(), VOCABULARY, place)
    if expression.window is None and warm_up > 0:
        expression = replace(expression, window=Window(warm_up))
    return Threshold(level, expression)


def parse_thresholds(
    texts: Sequence[str], warm_up: float = 0.0, place: Location | None = None
) -> tuple[Threshold, ...]:
    """Understand all of ``texts``; see :func:`parse_threshold`.

    Raises:
        UsageError: some cannot be understood; all of them are told.
    """
    found: list[Threshold] = []
    errors: list[UsageError] = []
    for text in texts:
        try:
            found.append(parse_threshold(text, warm_up, place))
        except UsageError as error:
            errors.append(error)
    raise_together(errors)
    return tuple(found)


def judge_thresholds(
    thresholds: Sequence[Threshold], results: Results, windows: Windows | None = None
) -> Judged:
    """Judge each threshold; ``windows`` is there where raw samples are.

    Raises:
        UnreadableError: raw samples that a window needs cannot be read.
    """
    cases: list[Case] = []
    findings: list[Finding] = []
    for threshold in thresholds:
        case, finding = _judged(threshold, results, windows)
        cases.append(case)
        findings.extend([finding] if finding else [])
    return Judged(tuple(cases), tuple(findings))


def measured_value(expression: Expression, results: Results, windows: Windows | None) -> float:
    """The value that an expression speaks of, in the base of its dimension.

    Raises:
        NoDataError: there is none.
    """
    measured = _selected(expression, results, windows)
    if expression.window and not measured.count and expression.metric not in _OF_NOTHING:
        raise NoDataError("there was no request in this part of the run")
    return value_of(expression.metric, expression.percentile, measured)


def value_of(metric: str, percentile: float | None, measured: Measured) -> float:
    """One metric of some requests.

    Raises:
        NoDataError: there are no requests, or too few of them for the percentile.
    """
    if not measured.count and metric not in _OF_NOTHING:
        raise NoDataError("there was no request")
    if percentile is None:
        return _VALUES[metric](measured)
    needed = fewest(percentile)
    if measured.count < needed:
        raise NoDataError(
            f"{metric} needs at least {needed:,} requests, and there were {measured.count:,}"
        )
    value = measured.times.percentile(percentile)
    if value is None:
        raise NoDataError(f"the engine does not tell {metric} (raw samples would)")
    return value


def fewest(percentile: float) -> int:
    """How many requests a percentile needs, so that it is not simply the slowest of them.

    One of a thousand requests is above p99.9; the maximum, p100, says what it is.
    """
    above = 100 - Decimal(repr(percentile))
    return math.ceil(100 / above) if above else 1


def _selected(expression: Expression, results: Results, windows: Windows | None) -> Measured:
    if expression.window is not None:
        if windows is None:
            raise NoDataError("a part of the run needs raw samples, and there are none")
        results = windows(expression.window)
    label, region = (expression.selectors.get(name) for name in ("label", "region"))
    if label is not None and region is not None:
        raise NoDataError("a label within a region is not measured; ask for one of them")
    if label is not None:
        return _of(results.labels, "label", label, results.unlisted)
    if region is not None:
        return _of(results.regions, "region", region)
    return results.total


_NONE = {
    "label": " There is no label at all.",
    "region": " There is no region at all: a run on this machine has none.",
}


def _of(known: Mapping[str, Measured], what: str, name: str, unlisted: int = 0) -> Measured:
    found = known.get(name)
    if found is not None:
        return found
    listed = ", ".join(f"`{one}`" for one in list(known)[:5])
    more = f" and {len(known) - 5} more" if len(known) > 5 else ""
    there = f" There are {listed}{more}." if known else _NONE[what]
    hint = suggestion(name, known) or there
    if unlisted:
        hint += f" The {unlisted:,} least frequent labels are not told one by one."
    raise NoDataError(f"no request has the {what} `{name}`.{hint}")


def _judged(
    threshold: Threshold, results: Results, windows: Windows | None
) -> tuple[Case, Finding | None]:
    expression, warns = threshold.expression, threshold.level is Level.WARN
    name = f"{'warn: ' if warns else ''}{expression.text}"
    try:
        measured = measured_value(expression, results, windows)
    except NoDataError as error:
        if warns:
            case = Case(name=name, group=GROUP, outcome=Outcome.SKIPPED, message=str(error))
            return case, _warning(f"{expression.text}: {error}")
        return unjudged(name, GROUP, str(error), kind="no-data"), None
    message, detail = outcome_words(expression, measured), _detail(expression, results)
    if expression.holds(measured):
        return _case(name, Outcome.PASSED, message, detail), None
    if warns:
        warning = _warning(f"{expression.text}: {message}")
        return _case(name, Outcome.PASSED, f"a warning: {message}", detail), warning
    return _case(name, Outcome.FAILED, message, detail), None


def _case(name: str, outcome: Outcome, message: str, detail: str) -> Case:
    kind = "threshold" if outcome is Outcome.FAILED else ""
    return Case(name=name, group=GROUP, outcome=outcome, kind=kind, message=message, detail=detail)


def _warning(message: str) -> Finding:
    return Finding(rule=RULE, severity=Severity.MEDIUM, message=message)


def outcome_words(expression: Expression, measured: float) -> str:
    """Say what was measured and how far it is from the limit."""
    shown = expression.shown(measured)
    margin, limit = expression.margin(measured), expression.limit_shown
    if margin is None:
        must = "" if expression.holds(measured) else f", must be {expression.comparison} {limit}"
        return f"measured {shown}{must}"
    share = f"{abs(margin) * 100:.{0 if abs(margin) >= 0.0995 else 1}f} %"
    way = "below" if measured < expression.limit else "above"
    if not expression.holds(measured) and measured >= MANY_TIMES * expression.limit:
        return f"measured {shown}, {measured / expression.limit:,.0f} times the limit of {limit}"
    if measured == expression.limit:
        return f"measured {shown}, exactly the limit"
    if expression.holds(measured):
        return f"measured {shown}, {share} {way} the limit"
    return f"measured {shown}, {share} {way} the limit of {limit}"


def _detail(expression: Expression, results: Results) -> str:
    averaged = expression.percentile is not None or expression.metric in ("max_rt", "avg_rt")
    if averaged and not results.exact and expression.window is None:
        return "not from raw samples: engines that merge tasks average this over the tasks"
    return ""
