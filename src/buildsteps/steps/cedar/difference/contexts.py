"""Contexts that may make a difference: those of the tests, and made from the schema.

Of a context's attributes only those vary that a condition mentions: booleans both ways, numbers
around what they are compared with, texts that conditions name and another, optional ones absent.
"""

import itertools
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any

from msgspec import Struct

from buildsteps.steps.cedar.proposals.placeholders import TooManyValuesError, Uid, filled
from buildsteps.steps.cedar.schemas.model import (
    EntityRef,
    Extension,
    Primitive,
    Record,
    SetOf,
    Type,
)
from buildsteps.steps.cedar.text.syntax import tokens, unescape

MOST_CONTEXTS = 256
"""Contexts made for one action; beyond, attributes vary one at a time."""

_MOST_VALUES = 24
"""Values tried for one attribute."""

_LONG = (-(2**63), 2**63 - 1)


class Literals(Struct, frozen=True):
    """What conditions mention: attributes by name, numbers, texts, and calls of extensions."""

    names: frozenset[str]
    numbers: tuple[int, ...]
    texts: tuple[str, ...]
    calls: Mapping[str, tuple[str, ...]]

    @classmethod
    def of(cls, policies: Iterable[str]) -> "Literals":
        """Collect from the texts of policies that mention the context."""
        text = "\n".join(one for one in policies if "context" in one)
        names, numbers, texts = set(), set(), set()
        before = ""
        for token in tokens(text):
            if token.kind == "identifier":
                names.add(token.text)
            elif token.kind == "number":
                numbers.add(-int(token.text) if before == "-" else int(token.text))
            elif token.kind == "string":
                texts.add(unescape(token.text))
            before = token.text
        calls = {
            function: tuple(dict.fromkeys(re.findall(rf'\b{function}\s*\(\s*"([^"]*)"\s*\)', text)))
            for function in ("ip", "decimal", "datetime", "duration")
        }
        return cls(frozenset(names | texts), tuple(sorted(numbers)), tuple(sorted(texts)), calls)


class Made(Struct, frozen=True):
    """Contexts of one action; ``whole`` tells that no combination of the values was left out."""

    contexts: tuple[dict[str, Any], ...]
    whole: bool = True


def made(shape: Record, literals: Literals, uids: Callable[[str], list[Uid]]) -> Made:
    """Contexts for a shape; none where it requires too many values to make up."""
    try:
        base = filled(shape.attributes, lambda kind: uids(kind)[0])
    except (TooManyValuesError, IndexError):
        return Made((), whole=False)
    # an attribute that no condition mentions makes no difference: one value is enough
    axes = list(_axes(shape, literals, uids, ()))
    number = 1
    for _, values in axes:
        number *= len(values)
    if number <= MOST_CONTEXTS:
        chosen = itertools.product(*([(path, one) for one in values] for path, values in axes))
        whole = all(len(values) < _MOST_VALUES for _, values in axes)
        return Made(tuple(_varied(base, changes) for changes in chosen), whole)
    singles = [((path, value),) for path, values in axes for value in values]
    return Made(tuple(_varied(base, one) for one in singles[:MOST_CONTEXTS]), whole=False)


_ABSENT = object()
_Path = tuple[str, ...]


def _axes(
    shape: Record, literals: Literals, uids: Callable[[str], list[Uid]], path: _Path
) -> Iterator[tuple[_Path, list[Any]]]:
    for name, attribute in shape.attributes.items():
        if name not in literals.names:
            continue
        if isinstance(attribute.type, Record) and attribute.required:
            yield from _axes(attribute.type, literals, uids, (*path, name))
            continue
        absent = [] if attribute.required else [_ABSENT]
        values = itertools.chain(absent, _values(attribute.type, literals, uids))
        yield (*path, name), list(itertools.islice(values, _MOST_VALUES))


def _values(kind: Type, literals: Literals, uids: Callable[[str], list[Uid]]) -> Iterator[Any]:
    match kind:
        case Primitive("Bool"):
            yield from (False, True)
        case Primitive("Long"):
            around = {n + step for n in literals.numbers for step in (-1, 0, 1)} or {0}
            yield from sorted(n for n in around if _LONG[0] <= n <= _LONG[1])
        case Primitive("String"):
            yield "something else"
            yield from literals.texts
        case Extension(name):
            function = "ip" if name == "ipaddr" else name
            written = (one.partition("/")[0] for one in literals.calls[function])
            for argument in dict.fromkeys((*_APART[name], *written)):
                yield {"__extn": {"fn": function, "arg": argument}}
        case EntityRef(name):
            for entity_type, ident in uids(name):
                yield {"__entity": {"type": entity_type, "id": ident}}
        case SetOf(element):
            yield []
            for one in itertools.islice(_values(element, literals, uids), _MOST_VALUES - 1):
                yield [one]
        case Record(attributes):
            try:
                yield filled(attributes, lambda entity_type: uids(entity_type)[0])
            except (TooManyValuesError, IndexError):
                return


_APART = {
    "ipaddr": ("192.0.2.1",),
    "decimal": ("-922337203685477.5808", "922337203685477.5807"),
    "datetime": ("1970-01-01", "9999-12-31"),
    "duration": ("0ms", "36500d"),
}
"""Values below and above what policies are likely to write."""


def _varied(base: Mapping[str, Any], changes: Iterable[tuple[_Path, Any]]) -> dict[str, Any]:
    context = _copied(base)
    for path, value in changes:
        record = context
        for name in path[:-1]:
            record = record.setdefault(name, {})
        if value is _ABSENT:
            record.pop(path[-1], None)
        else:
            record[path[-1]] = value
    return context


def _copied(record: Mapping[str, Any]) -> dict[str, Any]:
    return {
        name: _copied(value) if isinstance(value, dict) else value for name, value in record.items()
    }
