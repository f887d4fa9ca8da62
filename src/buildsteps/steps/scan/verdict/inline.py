"""Acceptances in comments of the files that were scanned: ``buildsteps: accept[rule] reason``.

One speaks for its own line; on a line of its own, for the first line below that is no comment. In
Python a comment is what Python takes for one. In other languages it is what looks like one: the
text stands directly behind a comment's mark, and that mark is in no string that begins on its line.
"""

import codecs
import io
import os
import re
import tokenize
from collections.abc import Collection, Iterable, Iterator, Sequence
from contextlib import suppress

from msgspec import Struct
from msgspec.structs import replace

from buildsteps.acceptances import InlineAcceptance, inline_acceptances, malformed_acceptance
from buildsteps.errors import UsageError
from buildsteps.results import Finding, Location
from buildsteps.steps.scan.sighting import Scanned, Sighting
from buildsteps.world import World

LARGEST = 4 * 1024 * 1024
"""Bytes of a file that is still looked into."""

_WORD = b"buildsteps:"
_UTF_16 = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)
_PYTHON = (".py", ".pyi", ".pyw")
_LINE_END = re.compile(r"\r\n|\r|\n")
_MARKS = r"(?:#|//|/\*|<!--|--|;|%|\(\*|\{#)"
_MARKED = re.compile(rf"({_MARKS}[\s#/*;%!-]*)buildsteps:")
_OWN_LINE = re.compile(r"\s*(?://|/\*|<!--|\(\*|\{#|(?:#+|-{2,}|;+|%+|\*+)(?:[\s/!]|\Z))")
_CONTINUED = re.compile(r"\s*(\*+\s*)buildsteps:")
_CLOSED = re.compile(r"\s*(?:\*/|-->|\*\)|#\}).*\Z", re.DOTALL)


class Inline(Struct, frozen=True, kw_only=True):
    """What comments accept, and what is to be said of those that mean to and do not."""

    acceptances: Sequence[InlineAcceptance] = ()
    findings: Sequence[Finding] = ()


class Comment(Struct, frozen=True):
    """A comment that may accept something: its text, where it stands, its last covered line."""

    text: str
    line: int
    column: int
    last_line: int


def inline_of(
    scans: Iterable[Scanned],
    findings: Sequence[Finding],
    groups: Sequence[Sequence[Sighting]],
    world: World,
) -> Inline:
    """Look into the files that engines read and findings name, each once.

    What is not there, no text file or larger than :data:`LARGEST` accepts nothing. ``groups`` are
    the sightings that each finding was made of: a comment on any line of what an engine looked at
    speaks for the finding.
    """
    paths = {path for scan in scans for path in scan.read or ()}
    paths.update(place.path for finding in findings for place in finding.locations)
    acceptances: list[InlineAcceptance] = []
    malformed: list[Finding] = []
    for path in sorted(paths):
        for comment in _comments_of_file(path, world):
            place = Location(path=path, line=comment.line, column=comment.column)
            acceptances += inline_acceptances(comment.text, place, comment.last_line)
            wrong = malformed_acceptance(comment.text, place)
            malformed += [wrong] if wrong else []
    return Inline(acceptances=_reaching(acceptances, findings, groups), findings=malformed)


def _reaching(
    acceptances: Sequence[InlineAcceptance],
    findings: Sequence[Finding],
    groups: Sequence[Sequence[Sighting]],
) -> list[InlineAcceptance]:
    """The acceptances, each with the lines of the findings that it reaches through an extent."""
    paths = {one.location.path for one in acceptances}
    spans: dict[str, list[tuple[int, int, int]]] = {}
    for finding, group in zip(findings, groups, strict=True):
        place = finding.locations[0] if finding.locations else Location(path="")
        if place.line is not None and place.path in paths:
            extents = [one.extent for one in group if one.extent]
            spans.setdefault(place.path, []).extend((place.line, *one) for one in extents)
    return [
        replace(one, reached=reached)
        if (reached := _reached(one, spans.get(one.location.path, ())))
        else one
        for one in acceptances
    ]


def _reached(one: InlineAcceptance, spans: Iterable[tuple[int, int, int]]) -> frozenset[int]:
    return frozenset(line for line, first, last in spans if one.overlaps(first, last))


def _comments_of_file(path: str, world: World) -> Iterable[Comment]:
    try:
        # Of twenty thousand files, making a Path of each would cost as long as reading them.
        data = world.files.read_bytes(os.path.join(world.cwd, path), LARGEST)  # noqa: PTH118
    except (UsageError, ValueError):  # a name that no file can have is a ValueError
        return ()
    if _WORD not in data and not data.startswith(_UTF_16):
        return ()
    if path.endswith(_PYTHON) or re.match(rb"#![^\r\n]*python", data):
        return python_comments(_python_text(data))
    return comments(_text(data))


def python_comments(text: str) -> Iterator[Comment]:
    """The comments of Python source that hold our word, up to where it is no Python any more."""
    text = _LINE_END.sub("\n", text)
    found: list[tokenize.TokenInfo] = []
    tokens = tokenize.generate_tokens(io.StringIO(text).readline)
    with suppress(tokenize.TokenError, SyntaxError):  # which engines tell; what came before counts
        found.extend(token for token in tokens if token.type == tokenize.COMMENT)
    lines = text.split("\n")
    own = {
        row for row, column in (one.start for one in found) if not lines[row - 1][:column].strip()
    }
    for token in found:
        if "buildsteps:" in token.string:
            line, column = token.start
            yield Comment(token.string, line, column + 1, _covered(line, own))


def comments(text: str) -> Iterator[Comment]:
    """What looks like a comment with our word, in any language."""
    lines = _LINE_END.split(text)
    own = {number for number, line in enumerate(lines, 1) if _OWN_LINE.match(line)}
    for number, line in enumerate(lines, 1):
        found = _MARKED.search(line) or _CONTINUED.match(line)
        if found is None or _in_string(line[: found.start(1)]):
            continue
        comment = _CLOSED.sub("", line[found.end(1) :])
        yield Comment(comment, number, found.start(1) + 1, _covered(number, own))


def _covered(line: int, own: Collection[int]) -> int:
    """The last line that a comment speaks for: with a line of its own, the first code below."""
    while line in own:
        line += 1
    return line


def _in_string(code: str) -> bool:
    """Whether a string that begins in ``code`` is still open at its end.

    Strings of earlier lines are not known here. An apostrophe within a word opens none.
    """
    quote, index = "", 0
    while index < len(code):
        char = code[index]
        if quote and char == "\\":
            index += 1
        elif quote:
            quote = "" if char == quote else quote
        elif char in "\"'`" and not _is_apostrophe(code, index):
            quote = char
        index += 1
    return bool(quote)


def _is_apostrophe(code: str, index: int) -> bool:
    around = code[max(index - 1, 0) : index] + code[index + 1 : index + 2]
    return code[index] == "'" and len(around) == 2 and around.isalnum()


def _python_text(data: bytes) -> str:
    """The text in the encoding that Python reads it in (PEP 263)."""
    try:
        encoding, _ = tokenize.detect_encoding(io.BytesIO(data).readline)
        return data.decode(encoding)
    except (SyntaxError, UnicodeDecodeError, LookupError):
        return _text(data)


def _text(data: bytes) -> str:
    """The text of a file in whatever encoding; lines and our words survive a wrong guess."""
    if data.startswith(_UTF_16):
        return data.decode("utf-16", errors="replace")
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError:
        return data.decode("latin-1")
