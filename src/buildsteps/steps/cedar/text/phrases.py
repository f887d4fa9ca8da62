"""Finding a few words of Cedar among the tokens of a statement.

A *phrase* is written with spaces between its words: ``. X (`` is the named thing after a dot and
before a parenthesis. Its words are

* ``X``: the tokens of the named thing; ``N``: one identifier or string that is its name;
* ``<string>`` and the like: any token of that kind;
* ``~`` before a word: the token there, if any, must not be that (only around the others);
* all else: that very token.

What is found is the named thing where the phrase has one, else the whole phrase.
"""

from collections.abc import Sequence
from typing import Literal

from msgspec import Struct

from buildsteps.steps.cedar.text.syntax import Token, tokens, unescape

Span = tuple[int, int]
Part = Literal["statement", "scope", "conditions"]


class _Name(Struct, frozen=True):
    value: str


class Words(Struct, frozen=True):
    """The tokens of a statement, and which of them are its scope, parentheses included.

    ``scope_start`` and ``scope_end`` (exclusive) are indexes into ``tokens``; both are its length
    where the statement has no scope.
    """

    tokens: tuple[Token, ...]
    scope_start: int
    scope_end: int

    def part(self, part: Part) -> tuple[Token, ...]:
        """Give the tokens of one part: everything, the scope, or what follows the scope."""
        if part == "scope":
            return self.tokens[self.scope_start : self.scope_end]
        return self.tokens[self.scope_end :] if part == "conditions" else self.tokens

    def scope_elements(self) -> list[tuple[Token, ...]]:
        """Give the tokens of each element of the scope, without the commas between."""
        elements: list[list[Token]] = [[]]
        depth = 0
        for token in self.part("scope")[1:-1]:
            depth += (token.text in "([{") - (token.text in ")]}")
            if token.text == "," and depth == 0:
                elements.append([])
            else:
                elements[-1].append(token)
        return [tuple(element) for element in elements if element]


def words_of(text: str) -> Words:
    """Read the text of one statement."""
    found = tuple(tokens(text))
    start = _after_annotations(found) + 1
    end = len(found)
    if start >= end or found[start].text != "(":
        return Words(found, end, end)
    depth = 0
    for index in range(start, end):
        depth += (found[index].text == "(") - (found[index].text == ")")
        if depth == 0:
            return Words(found, start, index + 1)
    return Words(found, start, end)


def span_of(found: Sequence[Token]) -> Span:
    """Give the offsets from the first of these tokens to the last; there must be one."""
    return found[0].start, found[-1].end


def find(found: Sequence[Token], phrase: str, named: str = "", occurrence: int = 1) -> Span | None:
    """Find the n-th place where ``phrase`` stands; `` | `` separates phrases that are as good."""
    spans: set[Span] = set()
    for alternative in phrase.split(" | "):
        spans.update(_all(found, alternative.split(), named))
    ordered = sorted(spans)
    return ordered[occurrence - 1] if len(ordered) >= occurrence else None


def _all(found: Sequence[Token], phrase: list[str], named: str) -> list[Span]:
    positive = [word for word in phrase if not word.startswith("~")]
    first = phrase.index(positive[0])
    not_before = [word[1:] for word in phrase[:first]]
    not_after = [word[1:] for word in phrase[first + len(positive) :]]
    pattern, mark = _pattern(positive, named)
    spans = []
    for start in range(len(found) - len(pattern) + 1 if pattern else 0):
        end = start + len(pattern)
        if (
            all(map(_matches, found[start:end], pattern))
            and not (start and any(_matches(found[start - 1], word) for word in not_before))
            and not (end < len(found) and any(_matches(found[end], word) for word in not_after))
        ):
            spans.append(span_of(found[start + mark.start : start + mark.stop]))
    return spans


def _pattern(positive: list[str], named: str) -> tuple[list[Token | _Name | str], slice]:
    """Put the named thing's tokens in its place, and say where in the pattern they are."""
    pattern: list[Token | _Name | str] = []
    mark = None
    for word in positive:
        start = len(pattern)
        pattern += tokens(named) if word == "X" else [_Name(named) if word == "N" else word]
        if word in ("X", "N"):
            if len(pattern) == start:
                return [], slice(0, 0)
            mark = slice(mark.start if mark else start, len(pattern))
    return pattern, mark or slice(0, len(pattern))


def _matches(token: Token, word: Token | _Name | str) -> bool:
    if isinstance(word, Token):
        return word.kind == token.kind and _value(word) == _value(token)
    if isinstance(word, _Name):
        return token.kind in ("identifier", "string") and _value(token) == word.value
    if word.startswith("<") and word.endswith(">") and len(word) > 2:
        return token.kind == word[1:-1]
    return token.text == word


def _value(token: Token) -> str:
    if token.kind == "string":
        return unescape(token.text)
    return token.text.lstrip("0") if token.kind == "number" else token.text


def _after_annotations(found: Sequence[Token]) -> int:
    """Give the index of the effect: the first token that belongs to no annotation."""
    index = 0
    while index < len(found) and found[index].text == "@":
        index += 2
        if index + 2 < len(found) and found[index].text == "(":
            index += 3
    return index
