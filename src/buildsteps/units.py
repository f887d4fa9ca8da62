"""What a number measures, the units it may be written in, and how we show it."""

import math
from collections.abc import Mapping
from decimal import Decimal
from enum import StrEnum


class Dimension(StrEnum):
    """What a number measures; its base is a second, a share of 1, once a second, or one."""

    TIME = "time"
    SHARE = "share"
    RATE = "rate"
    COUNT = "count"


_SECONDS = {
    "us": Decimal("0.000001"),
    "µs": Decimal("0.000001"),
    "ms": Decimal("0.001"),
    "s": Decimal(1),
    "m": Decimal(60),
    "min": Decimal(60),
    "h": Decimal(3600),
    "d": Decimal(86_400),
    "w": Decimal(604_800),
}
_SHOWN_TIMES = (
    ("d", 86_400, 172_800),
    ("h", 3600, 7200),
    ("min", 60, 600),
    ("s", 1, 1),
)
"""Unit, its seconds, and from how many seconds on it is shown."""

_MOST_DIGITS = 15
_PERIODS = {f"/{unit}": seconds for unit, seconds in _SECONDS.items() if seconds >= 1}

UNITS: Mapping[Dimension, tuple[str, ...]] = {
    Dimension.TIME: tuple(_SECONDS),
    Dimension.SHARE: ("%",),
    Dimension.RATE: tuple(_PERIODS),
    Dimension.COUNT: (),
}
"""The units of each dimension; a count has none, and all others need one unless they are 0."""


def in_base(number: Decimal, unit: str, dimension: Dimension) -> float:
    """Give ``number`` in the base of its dimension.

    The division is decimal, so that 0.3 % equals three of a thousand and 800 ms equal 0.8 s to
    the last bit: a limit that is met exactly is met.

    Raises:
        OverflowError: it is larger than a float holds.
    """
    if dimension is Dimension.TIME and unit:
        number *= _SECONDS[unit]
    elif dimension is Dimension.RATE and unit:
        number /= _PERIODS[unit]
    elif dimension is Dimension.SHARE and unit:
        number /= 100
    value = float(number)
    if value == float("inf"):
        raise OverflowError
    return value


def shown(value: float, dimension: Dimension, apart_from: float | None = None) -> str:
    """Write a number for people, such as ``781 ms``, ``0.12 %``, ``53.1/s`` or ``1,234``.

    It has three significant digits, and more where it would else look like ``apart_from``, which
    it is not.
    """
    text = _shown(value, dimension, 3)
    if apart_from is None or value == apart_from:
        return text
    other, significant = _shown(apart_from, dimension, 3), 3
    while text == other and significant < _MOST_DIGITS:
        significant += 1
        text = _shown(value, dimension, significant)
    return text


def _shown(value: float, dimension: Dimension, significant: int) -> str:
    if not math.isfinite(value):
        return str(value)
    if dimension is Dimension.TIME:
        return _time(value, significant)
    if dimension is Dimension.RATE:
        # by the day where it happens less than once a minute
        rare = 0 < abs(value) < 1 / 60
        return _digits(value * 86_400 if rare else value, significant) + ("/d" if rare else "/s")
    if dimension is Dimension.SHARE:
        return f"{_digits(value * 100, significant)} %"
    return _digits(value, significant)


def _time(seconds: float, significant: int) -> str:
    size = abs(seconds)
    for unit, length, least in _SHOWN_TIMES:
        if size >= least:
            return f"{_digits(seconds / length, significant)} {unit}"
    return f"{_digits(seconds * 1000, significant)} ms" if size else "0 s"


def _digits(value: float, significant: int) -> str:
    """All digits before the point, as many behind it as are significant, no zeros at the end."""
    if not value:
        return "0"
    places = max(significant - 1 - math.floor(math.log10(abs(value))), 0)
    text = f"{value:,.{places}f}"
    return text.rstrip("0").rstrip(".") if "." in text else text
