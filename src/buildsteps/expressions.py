"""Expressions that state what must hold, such as ``p95 < 800ms`` or ``change_fail_rate <= 15%``.

::

    expression = { selector "." } metric [ window ] comparison number [ unit ]
    selector   = name "(" text ")"            label("GET /orders").p95 < 300ms
    metric     = name | "p" number            avg_rt, p95, p99.9
    window     = "[" [ time ] ":" [ time ] "]"  p95[30s:] < 800ms
    comparison = "<" | "<=" | ">" | ">=" | "==" | "!="

Which names there are, and what they measure, the caller says in a :class:`Vocabulary`.
"""

import math
import operator
import re
from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import Never

from msgspec import Struct, field

from buildsteps.errors import UsageError
from buildsteps.nearest import suggestion
from buildsteps.results import Location
from buildsteps.source import SourceText
from buildsteps.units import UNITS, Dimension, in_base, shown

_COMMON_UNITS = ("ms", "s", "min", "%", "/s", "/min", "/h", "/d")

LONGEST = 1000
"""Characters of an expression."""

_COMPARISONS: dict[str, Callable[[float, float], bool]] = {
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
    "==": operator.eq,
    "!=": operator.ne,
}
_TOKEN = re.compile(
    r"""(?P<space>[ \t\r\n]+)
    |(?P<text>"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*')
    |(?P<percentile>p[0-9]+(?:\.[0-9]+)?(?![A-Za-z0-9_]))
    |(?P<name>[A-Za-z_][A-Za-z0-9_]*)
    |(?P<number>(?:[0-9]+(?:\.[0-9]+)?|\.[0-9]+)(?![0-9.]))
    |(?P<comparison><=|>=|==|!=|<|>)
    |(?P<mark>[().:\[\]])
    """,
    re.VERBOSE | re.DOTALL,
)
_UNIT = re.compile(r"[ \t]*(?P<unit>/?[A-Za-zµ%]+|/)?")
_UNQUOTED = re.compile(r"\\(.)", re.DOTALL)


class ExpressionError(UsageError):
    """It cannot be understood; ``detail`` shows the place with carets."""


class Vocabulary(Struct, frozen=True, kw_only=True):
    """What expressions may speak of.

    ``selectors`` narrow a metric down, such as ``label``. ``percentiles`` is what ``p95`` and
    the like measure, None where there are none; ``windows`` allows ``[30s:]``.
    """

    metrics: Mapping[str, Dimension]
    selectors: tuple[str, ...] = ()
    percentiles: Dimension | None = None
    windows: bool = False


class Window(Struct, frozen=True):
    """A part of a run, in seconds from its start; ``end`` None is the run's end."""

    start: float = 0.0
    end: float | None = None


class Expression(Struct, frozen=True, kw_only=True):
    """What must hold. ``limit`` is in the base of ``dimension``, ``text`` as it was written."""

    text: str
    metric: str
    dimension: Dimension
    comparison: str
    limit: float
    selectors: Mapping[str, str] = field(default_factory=dict)
    percentile: float | None = None
    window: Window | None = None

    def holds(self, measured: float) -> bool:
        """Tell whether ``measured``, in the base of the dimension, is as it must be.

        Raises:
            ValueError: it is no number; no answer would be right.
        """
        if math.isnan(measured):
            raise ValueError("nothing can be said of a value that is no number")
        return _COMPARISONS[self.comparison](measured, self.limit)

    def margin(self, measured: float) -> float | None:
        """How far ``measured`` is on the right side of the limit, as a share of the limit.

        Negative where it is on the wrong side; None where the limit is 0 or must be equalled.
        """
        if not self.limit or self.comparison in ("==", "!="):
            return None
        way = measured - self.limit
        return (-way if self.comparison.startswith("<") else way) / self.limit

    def shown(self, measured: float) -> str:
        """A measured value for people, with as many digits as set it apart from the limit."""
        return shown(measured, self.dimension, self.limit)

    @property
    def limit_shown(self) -> str:
        """The limit for people."""
        return shown(self.limit, self.dimension)


def parse(text: str, vocabulary: Vocabulary, place: Location | None = None) -> Expression:
    """Understand an expression; ``place`` is where it stands, for messages.

    Raises:
        ExpressionError: it cannot be understood; names the column, and what was meant if that is
            near.
    """
    return _Parser(text, vocabulary, place).expression()


class _Token(Struct, frozen=True):
    kind: str
    text: str
    start: int
    end: int


class _Parser:
    """Reads from left to right, one token ahead."""

    def __init__(self, text: str, vocabulary: Vocabulary, place: Location | None) -> None:
        self.text, self.vocabulary, self.place = text, vocabulary, place
        self.at = 0
        if len(text) > LONGEST:
            self.fail(f"longer than {LONGEST:,} characters", LONGEST, LONGEST + 1)

    def expression(self) -> Expression:
        selectors = self.selectors()
        metric = self.take("a metric such as " + self.example(), "name", "percentile")
        dimension, percentile = self.meaning(metric)
        window = self.window()
        comparison = self.comparison()
        limit = self.quantity(dimension, metric.text)
        rest = self.peek()
        if rest.kind != "end":
            self.fail("nothing more is expected here", rest.start, len(self.text))
        return Expression(
            text=self.text.strip(),
            metric=metric.text,
            dimension=dimension,
            comparison=comparison,
            limit=limit,
            selectors=selectors,
            percentile=percentile,
            window=window,
        )

    def selectors(self) -> dict[str, str]:
        found: dict[str, str] = {}
        while True:
            start = self.at
            name = self.peek()
            if name.kind != "name":
                return found
            self.at = name.end
            if self.peek().text != "(":
                self.at = start
                return found
            self.check_selector(name, found)
            self.take_mark("(")
            found[name.text] = self.quoted()
            self.take_mark(")")
            self.take_mark(".")

    def check_selector(self, name: _Token, found: Mapping[str, str]) -> None:
        known = self.vocabulary.selectors
        if name.text == "p" and self.vocabulary.percentiles is not None:
            self.fail("write a percentile without brackets, such as `p95`", name.start, name.end)
        if name.text not in known:
            hint = suggestion(name.text, known)
            self.fail(f"nothing is selected by `{name.text}`.{hint}", name.start, name.end)
        if name.text in found:
            self.fail(f"`{name.text}` is given twice", name.start, name.end)

    def quoted(self) -> str:
        token = self.take('a name in quotes, such as "GET /orders"', "text")
        return _UNQUOTED.sub(r"\1", token.text[1:-1])

    def meaning(self, token: _Token) -> tuple[Dimension, float | None]:
        known = self.vocabulary.metrics
        percentiles = self.vocabulary.percentiles
        if token.kind == "percentile" and percentiles is not None:
            share = float(token.text[1:])
            if not 0 <= share <= 100:
                self.fail("a percentile is between 0 and 100", token.start, token.end)
            return percentiles, share
        if token.text not in known:
            hint = suggestion(token.text, known)
            listed = ", ".join((*known, *(["p95 and other percentiles"] if percentiles else [])))
            message = f"there is no metric `{token.text}`.{hint or f' Known are {listed}.'}"
            self.fail(message, token.start, token.end)
        return known[token.text], None

    def window(self) -> Window | None:
        opening = self.peek()
        if opening.text != "[":
            return None
        if not self.vocabulary.windows:
            self.fail("there are no windows here", opening.start, opening.end)
        self.at = opening.end
        start = 0.0 if self.peek().text == ":" else self.quantity(Dimension.TIME, "a window")
        self.take_mark(":")
        end = None if self.peek().text == "]" else self.quantity(Dimension.TIME, "a window")
        closing = self.take_mark("]")
        if end is not None and end <= start:
            self.fail("the window ends before it begins", opening.start, closing.end)
        return Window(start, end)

    def comparison(self) -> str:
        token = self.peek()
        if token.text == "=":
            self.fail("write `==` for equal", token.start, token.end)
        return self.take("a comparison such as `<`", "comparison").text

    def quantity(self, dimension: Dimension, what: str) -> float:
        number = self.take("a number", "number")
        unit = self.unit(number, dimension, what)
        try:
            return in_base(Decimal(number.text), unit, dimension)
        except OverflowError:
            self.fail("the number is too large", number.start, number.end)

    def unit(self, number: _Token, dimension: Dimension, what: str) -> str:
        match = _UNIT.match(self.text, number.end)
        unit = (match["unit"] or "") if match else ""
        start, known = match.start("unit") if match and unit else number.start, UNITS[dimension]
        end = start + len(unit) if unit else number.end
        if unit not in known and not (unit == "" and (not known or not Decimal(number.text))):
            self.fail(_unit_message(unit, number.text, known, what), start, end)
        self.at = end
        return unit

    def example(self) -> str:
        percentiles = ["p95"] if self.vocabulary.percentiles else []
        return " or ".join(f"`{name}`" for name in [*percentiles, *self.vocabulary.metrics][:2])

    def take(self, what: str, *kinds: str) -> _Token:
        token = self.peek()
        if token.kind not in kinds:
            found = "the expression ends" if token.kind == "end" else f"found `{token.text}`"
            self.fail(f"expected {what}, but {found}", token.start, token.end)
        self.at = token.end
        return token

    def take_mark(self, mark: str) -> _Token:
        token = self.peek()
        if token.text != mark or token.kind != "mark":
            found = "the expression ends" if token.kind == "end" else f"found `{token.text}`"
            self.fail(f"expected `{mark}`, but {found}", token.start, token.end)
        self.at = token.end
        return token

    def peek(self) -> _Token:
        at = self.at
        match = _TOKEN.match(self.text, at)
        if match and match.lastgroup == "space":
            at = match.end()
            match = _TOKEN.match(self.text, at)
        if match and match.lastgroup:
            return _Token(match.lastgroup, match[0], at, match.end())
        if at >= len(self.text):
            return _Token("end", "", at, at + 1)
        if self.text[at] in "\"'":
            self.fail("the quotes are never closed", at, len(self.text))
        return _Token("unknown", self.text[at], at, at + 1)

    def fail(self, what: str, start: int, end: int) -> Never:
        source = SourceText("", self.text)
        place = f"column {start + 1}"
        raise ExpressionError(
            f"{what} ({place} of the expression)", self.place, source.excerpt(start, end)
        )


def _unit_message(unit: str, number: str, known: tuple[str, ...], what: str) -> str:
    if not known:
        return f"`{what}` is a count and has no unit, but `{unit}` stands here"
    examples = ", ".join(f"`{number}{one}`" for one in known if one in _COMMON_UNITS)
    if not unit:
        return f"the number of `{what}` needs a unit: {examples}"
    hint = suggestion(unit, known) or f" Write {examples}."
    return f"`{unit}` is no unit of `{what}`.{hint}"
