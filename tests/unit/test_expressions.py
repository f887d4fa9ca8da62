import math
from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from buildsteps.expressions import (
    LONGEST,
    Expression,
    ExpressionError,
    Vocabulary,
    Window,
    parse,
)
from buildsteps.results import Location
from buildsteps.units import UNITS, Dimension

LOAD = Vocabulary(
    metrics={
        "avg_rt": Dimension.TIME,
        "errors": Dimension.COUNT,
        "error_rate": Dimension.SHARE,
        "throughput": Dimension.RATE,
    },
    selectors=("label", "region"),
    percentiles=Dimension.TIME,
    windows=True,
)
DORA = Vocabulary(
    metrics={
        "change_fail_rate": Dimension.SHARE,
        "lead_time": Dimension.TIME,
        "deployment_frequency": Dimension.RATE,
    }
)


@pytest.mark.parametrize(
    ("text", "metric", "comparison", "limit"),
    [
        ("avg_rt < 1s", "avg_rt", "<", 1.0),
        ("p95 < 800ms", "p95", "<", 0.8),
        ("p99.9<2s", "p99.9", "<", 2.0),
        ("errors < 1", "errors", "<", 1.0),
        ("error_rate < 0.1%", "error_rate", "<", 0.001),
        ("throughput > 50/s", "throughput", ">", 50.0),
        ("throughput >= 3000/min", "throughput", ">=", 50.0),
        ("  avg_rt\t<= .2 s ", "avg_rt", "<=", 0.2),
        ("errors == 0", "errors", "==", 0.0),
        ("errors != 3", "errors", "!=", 3.0),
        ("p95 < 1500us", "p95", "<", 0.0015),
        ("p95 < 2m", "p95", "<", 120.0),
        ("p95 > 0", "p95", ">", 0.0),
    ],
)
def test_an_expression_says_what_is_compared_with_what(
    text: str, metric: str, comparison: str, limit: float
) -> None:
    found = parse(text, LOAD)
    assert (found.metric, found.comparison, found.limit) == (metric, comparison, limit)
    assert found.text == text.strip()


def test_other_commands_bring_metrics_of_their_own() -> None:
    assert parse("change_fail_rate <= 15%", DORA).limit == 0.15
    assert parse("lead_time < 2d", DORA).limit == 172_800
    assert parse("deployment_frequency >= 7/w", DORA).limit == 7 / 604_800


def test_a_percentile_is_told_with_its_share() -> None:
    assert parse("p99.9 < 1s", LOAD).percentile == 99.9
    assert parse("avg_rt < 1s", LOAD).percentile is None


def test_selectors_narrow_down_and_may_hold_any_character() -> None:
    both = parse(r"""region('eu-west-1').label("say \"hi\" (1).p95 < 2s").p95 < 1s""", LOAD)
    assert both.selectors == {"region": "eu-west-1", "label": 'say "hi" (1).p95 < 2s'}


@pytest.mark.parametrize(
    ("text", "window"),
    [
        ("p95[30s:] < 1s", Window(30.0)),
        ("p95[:1m] < 1s", Window(0.0, 60.0)),
        ("p95 [ 30s : 1m ] < 1s", Window(30.0, 60.0)),
        ("p95[:] < 1s", Window()),
        ("p95 < 1s", None),
    ],
)
def test_a_window_is_in_seconds_from_the_start(text: str, window: Window | None) -> None:
    assert parse(text, LOAD).window == window


@pytest.mark.parametrize(
    ("text", "message", "column"),
    [
        ("", "expected a metric such as `p95` or `avg_rt`, but the expression ends", 1),
        ("p95", "expected a comparison such as `<`, but the expression ends", 4),
        ("p95 <", "expected a number, but the expression ends", 6),
        ("p95 < fast", "expected a number, but found `fast`", 7),
        ("p95 < -1s", "expected a number, but found `-`", 7),
        ("p95 < 1.2.3s", "expected a number, but found `1`", 7),
        ("p95 < 1e3ms", "`e` is no unit of `p95`", 8),
        ("p95 < 800", "the number of `p95` needs a unit: `800ms`, `800s`, `800min`", 7),
        ("p95 < 800 mss", "`mss` is no unit of `p95`. Did you mean `ms`?", 11),
        ("error_rate < 0.1", "the number of `error_rate` needs a unit: `0.1%`", 14),
        ("errors < 1 s", "`errors` is a count and has no unit, but `s` stands here", 12),
        ("error_rat < 1%", "there is no metric `error_rat`. Did you mean `error_rate`?", 1),
        ("zzz < 1%", "there is no metric `zzz`. Known are avg_rt, errors, error_rate,", 1),
        ("lable('x').p95 < 1s", "nothing is selected by `lable`. Did you mean `label`?", 1),
        ("label('x').label('y').p95 < 1s", "`label` is given twice", 12),
        ("label(x).p95 < 1s", 'expected a name in quotes, such as "GET /orders"', 7),
        ("label('x.p95 < 1s", "the quotes are never closed", 7),
        ("label('x') p95 < 1s", "expected `.`, but found `p95`", 12),
        ("p(95) < 1s", "write a percentile without brackets, such as `p95`", 1),
        ("p101 < 1s", "a percentile is between 0 and 100", 1),
        ("p95 = 1s", "write `==` for equal", 5),
        ("p95[2m:1m] < 1s", "the window ends before it begins", 4),
        ("p95[30:] < 1s", "needs a unit", 5),
        ("p95 < 1s and p99 < 2s", "nothing more is expected here", 10),
        ("p95 < ٣s", "expected a number, but found `٣`", 7),
        ("p95 < " + "9" * 400 + "s", "the number is too large", 7),
        ("x" * (LONGEST + 1), "longer than 1,000 characters", LONGEST + 1),
    ],
)
def test_what_cannot_be_understood_is_told_with_its_column(
    text: str, message: str, column: int
) -> None:
    with pytest.raises(ExpressionError) as caught:
        parse(text, LOAD)
    assert message in caught.value.message
    assert f"(column {column} of the expression)" in caught.value.message
    assert "^" in caught.value.detail


def test_a_mistake_names_the_file_it_stands_in() -> None:
    with pytest.raises(ExpressionError) as caught:
        parse("p95 < 1", LOAD, Location("load.yaml", 7, 5))
    assert str(caught.value).startswith("load.yaml:7:5: ")


def test_windows_and_percentiles_are_refused_where_there_are_none() -> None:
    with pytest.raises(ExpressionError, match="there are no windows here"):
        parse("lead_time[1s:] < 2d", DORA)
    with pytest.raises(ExpressionError, match="there is no metric `p95`"):
        parse("p95 < 2d", DORA)


def test_numbers_are_compared_as_numbers() -> None:
    assert not parse("avg_rt < 9s", LOAD).holds(10.5)
    assert parse("avg_rt < .2s", LOAD).holds(0.1)


def test_no_answer_is_given_for_what_is_no_number() -> None:
    for comparison in ("<", ">", "==", "!="):
        with pytest.raises(ValueError, match="no number"):
            parse(f"errors {comparison} 1", LOAD).holds(math.nan)


@pytest.mark.parametrize(
    ("text", "measured", "margin"),
    [
        ("p95 < 1s", 0.75, 0.25),
        ("p95 < 1s", 1.25, -0.25),
        ("throughput > 50/s", 75.0, 0.5),
        ("throughput > 50/s", 25.0, -0.5),
        ("errors == 2", 3.0, None),
        ("errors <= 0", 3.0, None),
    ],
)
def test_the_margin_is_positive_on_the_right_side(
    text: str, measured: float, margin: float | None
) -> None:
    assert parse(text, LOAD).margin(measured) == margin


def test_a_measured_value_is_told_apart_from_the_limit() -> None:
    limit = parse("p95 < 800ms", LOAD)
    assert limit.shown(0.8004) == "800.4 ms"
    assert limit.shown(0.8) == "800 ms"


@given(part=st.integers(0, 10**6), whole=st.integers(1, 10**6))
def test_a_share_that_is_exactly_the_limit_is_the_limit(part: int, whole: int) -> None:
    part = min(part, whole)
    percent = Fraction(100 * part, whole)
    decimal = Decimal(percent.numerator) / Decimal(percent.denominator)
    if Fraction(decimal) == percent:
        limit = parse(f"error_rate <= {decimal:f}%", LOAD)
        assert limit.holds(part / whole)
        assert not parse(f"error_rate < {decimal:f}%", LOAD).holds(part / whole)


@given(milliseconds=st.integers(0, 10**9))
def test_a_time_that_is_exactly_the_limit_is_the_limit(milliseconds: int) -> None:
    assert parse(f"p95 == {milliseconds}ms", LOAD).holds(milliseconds / 1000)


@given(st.text(alphabet="p95avg_rt<>=!. \t\"'()[]:0123456789smh%/\\labelregion\x00\n\u202e"))
def test_any_text_is_understood_or_refused_in_a_sentence(text: str) -> None:
    try:
        found = parse(text, LOAD)
    except ExpressionError as error:
        assert "column" in error.message
    else:
        assert math.isfinite(found.limit)
        assert parse(found.text, LOAD) == found


_NUMBERS = st.decimals(0, 10**6, places=3).map(lambda number: f"{number:f}")
_LABELS = st.text(max_size=20).map(
    lambda label: (label, label.replace("\\", "\\\\").replace('"', '\\"'))
)


@given(
    label=_LABELS,
    metric=st.sampled_from(sorted(LOAD.metrics)),
    comparison=st.sampled_from(["<", "<=", ">", ">=", "==", "!="]),
    number=_NUMBERS,
    data=st.data(),
)
def test_what_is_written_is_what_is_understood(
    label: tuple[str, str], metric: str, comparison: str, number: str, data: st.DataObject
) -> None:
    dimension = LOAD.metrics[metric]
    unit = data.draw(st.sampled_from(UNITS[dimension] or ("",)))
    found: Expression = parse(f'label("{label[1]}").{metric} {comparison} {number}{unit}', LOAD)
    assert found.selectors == {"label": label[0]}
    assert (found.metric, found.comparison) == (metric, comparison)
    same = parse(f"{metric} {comparison} {number} {unit}", LOAD)
    assert same.limit == found.limit
