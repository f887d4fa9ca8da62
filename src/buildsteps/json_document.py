"""JSON with the place of every value, by the grammar of RFC 8259.

JSON is nearly YAML, but only nearly: a pair of escaped surrogates, which Python writes for every
emoji, is an error to a YAML reader.
"""

import re
from collections.abc import Callable
from json import JSONDecodeError, JSONDecoder
from typing import Any

from buildsteps.errors import UsageError
from buildsteps.garbage import collector_paused
from buildsteps.results import Location
from buildsteps.source import SourceText
from buildsteps.yaml_document import MAX_DEPTH, MAX_NODES, Node

_SPACE = re.compile(r"[ \t\n\r]*")
_NUMBER = re.compile(r"-?(?:0|[1-9][0-9]*)(\.[0-9]+)?([eE][-+]?[0-9]+)?")
_STRINGS = JSONDecoder()
_WORDS = {"true": True, "false": False, "null": None}
_LONGEST_NUMBER = 400
"""Digits; a longer whole number becomes a float, as it does in JavaScript and Go."""


def parse_all(text: str, path: str) -> list[Node]:
    """Parse documents that follow each other with nothing but space between them.

    Of a key that stands twice the last counts. ``path`` is used in messages.

    Raises:
        UsageError: not JSON, nested too deeply, or too large; with line and column.
    """
    with collector_paused():
        return _Reader(SourceText(path, text)).documents()


class _Reader:
    """Reads one text from its beginning to its end."""

    def __init__(self, source: SourceText) -> None:
        self.source = source
        self.text = source.text
        self.at = 0
        self.nodes = 0

    def documents(self) -> list[Node]:
        found = []
        self._skip()
        while self.at < len(self.text):
            found.append(self._value(0))
            self._skip()
        return found

    def _value(self, depth: int) -> Node:
        start = self.at
        self.nodes += 1
        if depth > MAX_DEPTH:
            raise self._wrong(f"is nested more than {MAX_DEPTH} levels deep")
        if self.nodes > MAX_NODES:
            raise self._wrong(f"holds more than {MAX_NODES:,} values")
        place = self._place(start)
        first = self.text[start : start + 1]
        if first == "{":
            values, keys = self._object(depth)
            return Node(values, place, keys, start, self.at)
        value = self._array(depth) if first == "[" else self._scalar(first)
        return Node(value, place, {}, start, self.at)

    def _object(self, depth: int) -> tuple[dict[str, Node], dict[str, Location]]:
        values: dict[str, Node] = {}
        keys: dict[str, Location] = {}

        def member() -> None:
            start = self.at
            if self.text[start : start + 1] != '"':
                raise self._wrong("not valid JSON: a key in quotes is expected")
            key = self._string()
            self._skip()
            self._take(":")
            self._skip()
            keys[key], values[key] = self._place(start), self._value(depth + 1)

        self._members("}", member)
        return values, keys

    def _array(self, depth: int) -> list[Node]:
        items: list[Node] = []
        self._members("]", lambda: items.append(self._value(depth + 1)))
        return items

    def _members(self, closing: str, member: Callable[[], None]) -> None:
        self.at += 1
        self._skip()
        if self.text[self.at : self.at + 1] == closing:
            self.at += 1
            return
        while True:
            member()
            self._skip()
            if self.text[self.at : self.at + 1] == closing:
                self.at += 1
                return
            self._take(",", f"`,` or `{closing}`")
            self._skip()

    def _scalar(self, first: str) -> Any:
        if first == '"':
            return self._string()
        for word, value in _WORDS.items():
            if self.text.startswith(word, self.at):
                self.at += len(word)
                return value
        number = _NUMBER.match(self.text, self.at)
        if number is None:
            raise self._wrong("not valid JSON: a value is expected")
        self.at = number.end()
        is_whole = number[1] is None and number[2] is None and len(number[0]) < _LONGEST_NUMBER
        return int(number[0]) if is_whole else float(number[0])

    def _string(self) -> str:
        try:
            value, self.at = _STRINGS.raw_decode(self.text, self.at)
        except JSONDecodeError as error:
            self.at = error.pos
            what = error.msg.removesuffix(" at").removesuffix(" starting").lower()
            raise self._wrong(f"not valid JSON: {what}") from None
        return str(value)

    def _skip(self) -> None:
        space = _SPACE.match(self.text, self.at)
        self.at = space.end() if space else self.at

    def _take(self, character: str, expected: str = "") -> None:
        if self.text[self.at : self.at + 1] != character:
            raise self._wrong(f"not valid JSON: {expected or f'`{character}`'} is expected")
        self.at += 1

    def _place(self, offset: int) -> Location:
        line, column = self.source.line_column(offset)
        return Location(self.source.path, line, column)

    def _wrong(self, what: str) -> UsageError:
        return UsageError(what, self._place(self.at))
