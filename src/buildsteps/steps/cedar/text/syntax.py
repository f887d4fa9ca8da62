r"""Cedar's lexical structure: tokens, and the statements that a policy file is made of.

The rules are those of Cedar's own lexer (cedar-policy-core, ``parser/grammar.lalrpop``):
whitespace is Unicode's; a comment runs from ``//`` to ``\n`` or ``\r``; a string may run over
lines, but a backslash may not stand before ``\n``. Offsets count code points.
"""

import re
from collections.abc import Iterator
from functools import cache
from typing import Literal
from unicodedata import category

from msgspec import Struct

TokenKind = Literal["identifier", "number", "string", "slot", "punctuation", "comment", "invalid"]
Effect = Literal["permit", "forbid"]

# Unicode's White_Space, which Python's \s exceeds by U+001C to U+001F.
_SPACE = r"[\t-\r \x85\xa0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000]"
_COMMENT = r"//[^\r\n]*+"
_STRING = r'"(?:[^"\\]++|\\[^\n])*+"'
_NAME = r"[_a-zA-Z][_a-zA-Z0-9]*+"
_SKIP = rf"(?:{_SPACE}++|{_COMMENT})*+"
_ANNOTATION = rf"@{_SKIP}({_NAME}){_SKIP}(?:\({_SKIP}({_STRING}){_SKIP}\){_SKIP})?+"
_ANNOTATIONS = _ANNOTATION.replace(f"({_NAME})", _NAME).replace(f"({_STRING})", _STRING)

_TOKEN = (
    rf"(?P<comment>{_COMMENT})"
    rf"|(?P<identifier>{_NAME})"
    rf"|(?P<punctuation>::|==|!=|<=|>=|\|\||&&|[@.,;:(){{}}\[\]<>+\-*/%!=])"
    rf"|(?P<string>{_STRING})"
    r"|(?P<number>[0-9]++)"
    rf"|(?P<slot>\?{_NAME})"
    rf"|(?P<space>{_SPACE}++)"
    # After a quote that opens no string nothing can be told any more.
    r"|(?P<invalid>\"(?s:.*+)|(?s:.))"
)
_STATEMENT = re.compile(
    rf"{_SKIP}(?P<annotations>(?:{_ANNOTATIONS})*+)(?:(?P<effect>permit|forbid)(?![_a-zA-Z0-9]))?+"
    rf'(?:[^;"/]++|{_STRING}|{_COMMENT}|/)*+(?P<end>;)?+'
)
_ONE_ANNOTATION = re.compile(_ANNOTATION)
_TEMPLATE_SLOTS = frozenset({"?principal", "?resource"})

# rustc's string escapes, which Cedar takes over (cedar-policy-core, parser/unescape.rs).
_ESCAPE = re.compile(
    r"\\(?:([nrt\\0'\"])|x([0-7][0-9a-fA-F])|u\{([0-9a-fA-F](?:_*[0-9a-fA-F]){0,5}_*)\})"
)
_SIMPLE_ESCAPES = {"n": "\n", "r": "\r", "t": "\t", "0": "\0"}
_ESCAPED = {
    **{value: letter for letter, value in _SIMPLE_ESCAPES.items()},
    **{letter: letter for letter in "\\'\""},
}


class Token(Struct, frozen=True):
    """A word of Cedar: ``text`` stands from ``start`` up to ``end`` (exclusive).

    ``invalid`` is a character that begins no token; for a quote that opens no string it is all
    the rest of the text.
    """

    start: int
    end: int
    kind: TokenKind
    text: str


class Statement(Struct, frozen=True):
    """A policy or template as it stands in a file, whether or not it is well formed.

    ``start`` is where its first token begins, annotations included; ``end`` is just after the
    ``;``, or after the last token of a tail that no ``;`` ends (``complete`` is false then).
    ``id_annotation`` is the value of ``@id("...")``; ``@id`` without one gives the empty string.
    """

    start: int
    end: int
    effect: Effect | None = None
    id_annotation: str | None = None
    is_template: bool = False
    complete: bool = True


def split(text: str) -> tuple[Statement, ...]:
    """Split the text of a policy file into its statements, in one pass and linear time."""
    statements = []
    position, length = 0, len(text)
    while position < length:
        match = _STATEMENT.match(text, position)
        if match is None or match["end"] is None:
            statements += _tail(text, position, match)
            break
        position = match.end()
        statements.append(_statement(text, match, position, complete=True))
    return tuple(statements)


def _tail(text: str, position: int, match: re.Match[str] | None) -> list[Statement]:
    """Give the statement after the last ``;``, if more than space and comments stand there."""
    ends = [position + token.end for token in tokens(text[position:])]
    if match is None or not ends:
        return []
    return [_statement(text, match, ends[-1], complete=False)]


def _statement(text: str, match: re.Match[str], end: int, *, complete: bool) -> Statement:
    start, head_end = match.span("annotations")
    return Statement(
        start,
        end,
        match["effect"],  # type: ignore[arg-type]  # the pattern admits the two effects only
        _id_annotation(text, start, head_end) if head_end > start else None,
        text.find("?", start, end) >= 0 and _has_slot(text[start:end]),
        complete,
    )


def tokens(text: str) -> Iterator[Token]:
    """Give the tokens of ``text`` in order, without whitespace and comments."""
    return (token for token in _scan(text) if token.kind != "comment")


def comments(text: str) -> Iterator[Token]:
    """Give the comments of ``text`` in order, from ``//`` up to the end of the line."""
    return (token for token in _scan(text) if token.kind == "comment")


def unescape(literal: str) -> str:
    """Give the value of a string literal, which is handed in with its quotes.

    An escape that Cedar does not know, which makes the policy ill formed, stays as it stands.
    """
    return _ESCAPE.sub(_unescaped, literal[1:-1]) if "\\" in literal else literal[1:-1]


def has_unknown_escape(literal: str) -> bool:
    """Whether a string literal holds an escape that Cedar does not know."""
    return any(
        one.group() == _unescaped(one) for one in _ESCAPE.finditer(literal)
    ) or "\\" in _ESCAPE.sub("", literal)


def quoted(value: str) -> str:
    """Give a string literal that has this value, with its quotes, as the engine writes one.

    An entity uid must be written exactly so; :func:`is_writable` tells where that is known.
    """
    return '"' + "".join(map(_escaped, value)) + '"'


def is_writable(value: str) -> bool:
    """Whether :func:`quoted` writes it as the engine does: elsewhere Unicode tables differ."""
    return all(
        letter in _ESCAPED or (letter.isprintable() and category(letter)[0] != "M")
        for letter in value
    )


def _escaped(letter: str) -> str:
    if letter in _ESCAPED:
        return f"\\{_ESCAPED[letter]}"
    return letter if letter.isprintable() else f"\\u{{{ord(letter):x}}}"


def _unescaped(escape: re.Match[str]) -> str:
    simple, ascii_code, code = escape.groups()
    if simple is not None:
        return _SIMPLE_ESCAPES.get(simple, simple)
    value = int(ascii_code or code.replace("_", ""), 16)
    if value > 0x10FFFF or 0xD800 <= value <= 0xDFFF:
        return escape.group()
    return chr(value)


@cache
def _token() -> re.Pattern[str]:
    """Compile when first needed: a run that finds nothing wrong reads no tokens."""
    return re.compile(_TOKEN)


def _scan(text: str) -> Iterator[Token]:
    for match in _token().finditer(text):
        kind = match.lastgroup
        if kind != "space":
            yield Token(match.start(), match.end(), kind, match.group())  # type: ignore[arg-type]


def _id_annotation(text: str, start: int, end: int) -> str | None:
    """Find the value of ``@id`` among the annotations that stand from ``start`` to ``end``."""
    while start < end and (match := _ONE_ANNOTATION.match(text, start, end)):
        name, value = match.groups()
        if name == "id":
            return "" if value is None else unescape(value)
        start = match.end()
    return None


def _has_slot(text: str) -> bool:
    return any(token.kind == "slot" and token.text in _TEMPLATE_SLOTS for token in _scan(text))
