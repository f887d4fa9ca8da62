"""What would overflow the engine's stack, and so end the process without a word, is refused first.

cedarpy 4.12 takes about 11 KB of stack for a bracket around an expression: on a stack of 8 MB it
ends at some 700 of them, on the smaller ones of other platforms sooner. Chains such as
``a.b.c`` or ``1 + 1 + 1`` recurse too, in some 40 bytes a link, and for ``has a.b.c`` the time
grows with the square of its length: a minute for 20,000 names.

A common type is written out in each place that uses it. A chain of 2,000 ends the process on
a stack of 1 MB; 2^20 types in the context of a request take a second and 0.6 GB, and each doubling
twice that.
"""

import re
from collections.abc import Iterable
from itertools import islice
from typing import TYPE_CHECKING

from buildsteps.errors import UsageError
from buildsteps.source import SourceText
from buildsteps.steps.cedar.text.syntax import Statement, Token, split, tokens

if TYPE_CHECKING:
    from buildsteps.steps.cedar.schemas.expansion import Declared

DEEPEST = 100
"""How deeply brackets, and ``if`` in ``if``, may be nested in a policy or schema."""

FARTHEST = 1_000
"""How many attributes ``a.b.c`` may go down."""

LONGEST = 100_000
"""How many words one policy may have."""

MOST_TYPES = 1_000_000
"""How many types a schema may hold where its common types are written out."""

_FEW = 1_000
"""A schema of fewer commas and without common types cannot hold as many: a list of names times one
of attributes is a quarter of the square."""

_OPENING, _CLOSING = frozenset("([{"), frozenset(")]}")
_SCHEMA_PART = re.compile(r'"(?:[^"\\]|\\.)*+"|//[^\r\n]*+|([<({\[])|([>)}\]])', re.DOTALL)


def check_statement(source: SourceText, statement: Statement) -> None:
    """Refuse a policy that is too much for the engine.

    Raises:
        UsageError: it is nested too deeply, or too long; with its place.
    """
    start, end = statement.start, statement.end
    if end - start <= DEEPEST:
        return
    if not _may_be_too_much(source.text, start, end):
        return
    words = list(islice(tokens(source.text[start:end]), LONGEST + 1))
    _check_depth(words, source, start)
    _check_paths(words, source, start)
    if len(words) > LONGEST:
        message = f"a policy of more than {LONGEST:,} words is more than the engine can read"
        raise UsageError(message, source.location(start))


def _check_depth(words: Iterable[Token], source: SourceText, start: int) -> None:
    depth = 0
    outside: list[int] = []
    for word in words:
        if word.text in _OPENING:
            outside.append(depth)
            depth += 1
        elif word.text in _CLOSING:
            depth = outside.pop() if outside else 0
        elif word.text == "if":
            depth += 1
        if depth > DEEPEST:
            raise _too_deep("policy", source, start + word.start)


def _check_paths(words: Iterable[Token], source: SourceText, start: int) -> None:
    dots, last = 0, -1
    for number, word in enumerate(words):
        if word.text == ".":
            dots = dots + 1 if number == last + 2 else 1
            last = number
        if dots > FARTHEST:
            message = f"a path of more than {FARTHEST:,} attributes is too long for the engine"
            raise UsageError(message, source.location(start + word.start))


def check_policies(source: SourceText) -> None:
    """Check every policy of a text that is given to the engine whole; JSON it limits itself.

    Raises:
        UsageError: one is nested too deeply, or too long; with its place.
    """
    if not _is_json(source) and _may_be_too_much(source.text, 0, len(source.text)):
        for statement in split(source.text):
            check_statement(source, statement)


def check_schema(source: SourceText) -> None:
    """Refuse a schema whose types nest too deeply for the engine, or become too many.

    Raises:
        UsageError: they do; with the place.
    """
    if not _is_json(source):
        _check_brackets(source)
    _check_expansion(source)


def _check_brackets(source: SourceText) -> None:
    """Look at what is written; JSON the engine limits itself."""
    if sum(map(source.text.count, "<({[")) <= DEEPEST:
        return
    depth = 0
    for part in _SCHEMA_PART.finditer(source.text):
        depth += (part[1] is not None) - (part[2] is not None)
        if depth > DEEPEST:
            raise _too_deep("schema", source, part.start())


def _check_expansion(source: SourceText) -> None:
    """Look at what it becomes where common types are written out."""
    if not _is_json(source) and "type" not in source.text and source.text.count(",") < _FEW:
        return
    from buildsteps.steps.cedar.schemas.expansion import expanded
    from buildsteps.steps.cedar.schemas.written import declarations_of, offset_of

    found = declarations_of(source.text)
    if found is None:
        return
    count = 0
    for one in expanded(found):
        count += one.size.types
        if count > MOST_TYPES or one.size.depth > DEEPEST:
            start = offset_of(source, found, one)
            message = _too_large(one, deep=one.size.depth > DEEPEST)
            raise UsageError(message, source.location(start), source.excerpt(start))


def _too_large(declared: "Declared", *, deep: bool) -> str:
    what = f"the {declared.kind} `{declared.name}`"
    if deep:
        return (
            f"with its common types written out, {what} nests more than {DEEPEST} levels deep,"
            " too deep for the engine"
        )
    return (
        f"with its common types written out, this schema holds more than {MOST_TYPES:,} types"
        f" at {what}, too many for the engine"
    )


def _may_be_too_much(text: str, start: int, end: int) -> bool:
    """Whether a closer look is needed; counting characters is cheap."""
    openings = sum(text.count(word, start, end) for word in ("(", "[", "{", "if"))
    dots = text.count(".", start, end)
    return openings > DEEPEST or dots > FARTHEST or end - start > LONGEST


def _is_json(source: SourceText) -> bool:
    return source.text.lstrip()[:1] == "{"


def _too_deep(what: str, source: SourceText, at: int) -> UsageError:
    message = f"this {what} nests more than {DEEPEST} levels deep, too deep for the engine"
    return UsageError(message, source.location(at), source.excerpt(at))
