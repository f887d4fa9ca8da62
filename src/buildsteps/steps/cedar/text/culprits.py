"""Which part of a policy's conditions the validator complains of, found by leaving parts out.

Conditions are cut where truth values are joined: ``a && (b || c)`` has three parts. With one part
after the other replaced by something harmless the validator is asked again, and where it says a
thing less often, the part left out was to blame.
"""

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence

from msgspec import Struct

from buildsteps.steps.cedar.text.phrases import Words, span_of
from buildsteps.steps.cedar.text.syntax import Token

Validate = Callable[[Sequence[str]], Sequence[Sequence[str]] | None]
"""Gives the cleaned messages of the validator for each of these policies, or None: not asked."""

_HARMLESS = "(1 < 2)"  # a truth value that the type checker cannot foresee
_MOST_PARTS = 100
_JOINTS = frozenset({"&&", "||", "!", "if", "then", "else"})


class Culprit(Struct, frozen=True):
    """The words of a part that is to blame; for the ``occurrence``-th time, where it is twice."""

    words: Words
    occurrence: int


def culprits(
    text: str, words: Words, messages: Sequence[str], validate: Validate
) -> Mapping[str, list[Culprit]]:
    """The parts to blame for each message, in the order of the text.

    A message that nothing in the conditions is to blame for has none. Of conditions with a single
    part, or with very many, nothing is asked.
    """
    parts = list(_parts(words))
    if not 1 < len(parts) <= _MOST_PARTS:
        return {}
    said = Counter(messages)
    without = validate([_without(text, part) for part in parts])
    if without is None:
        return {}
    found: dict[str, list[Culprit]] = {}
    for part, left in zip(parts, without, strict=True):
        for message, times in (said - Counter(left)).items():
            blamed = Words(part, 0, 0)
            found.setdefault(message, []).extend(
                Culprit(blamed, occurrence) for occurrence in range(1, times + 1)
            )
    return found


def _without(text: str, part: Sequence[Token]) -> str:
    start, end = span_of(part)
    return text[:start] + _HARMLESS + text[end:]


def _parts(words: Words) -> Iterator[tuple[Token, ...]]:
    conditions = words.part("conditions")
    closing = _closing(conditions)
    index = 0
    while index < len(conditions):
        opened = conditions[index].text == "{" and index in closing
        if opened:
            yield from _joined(conditions, index + 1, closing[index], closing)
        index = closing[index] + 1 if opened else index + 1


def _joined(
    found: Sequence[Token], start: int, end: int, closing: Mapping[int, int]
) -> Iterator[tuple[Token, ...]]:
    """Cut what stands from ``start`` up to ``end`` at the joints; parentheses around a part go."""
    first = index = start
    while index <= end:
        if index == end or found[index].text in _JOINTS:
            if closing.get(first) == index - 1 and found[first].text == "(":
                yield from _joined(found, first + 1, index - 1, closing)
            elif first < index:
                yield tuple(found[first:index])
            first = index + 1
        index = closing.get(index, index) + 1


def _closing(found: Sequence[Token]) -> dict[int, int]:
    """Say where each bracket is closed."""
    pairs, opened = {}, []
    for index, token in enumerate(found):
        if token.text in ("(", "[", "{"):
            opened.append(index)
        elif token.text in (")", "]", "}") and opened:
            pairs[opened.pop()] = index
    return pairs
