"""Snippets of source: cut to the width of a terminal, or without numbers and carets."""

import re
from collections.abc import Iterator

_CARETS = re.compile(r" *\| *(\^+)\Z")
_GUTTER = re.compile(r" *[\d…]* \| ?")
_GUTTERS = re.compile(r"^ *\d* \| ?", re.MULTILINE)
_NO_SOURCE = re.compile(r"(?:\A|\n) *(?:… \||\| *\^+)(?=\n|\Z)")
_LEAST = 20


def snippet_lines(snippet: str, width: int) -> Iterator[tuple[str, str]]:
    """Yield each line as its gutter and its text, at most ``width`` characters together.

    A line and the carets below it are cut alike. Characters that take two cells are counted as
    one: such a line may wrap.
    """
    lines = snippet.split("\n")
    for number, line in enumerate(lines):
        below = lines[number + 1] if number + 1 < len(lines) else ""
        carets = _CARETS.match(line)
        marks = carets or _CARETS.match(below)
        whole = lines[number - 1] if carets and number else line
        begin = _begin(whole, marks.start(1) if marks else 0, width)
        gutter = _GUTTER.match(line)
        head, text = (gutter[0], line[gutter.end() :]) if gutter else ("", line)
        yield head, _cut(text, begin, width - len(head), carets=bool(carets))


def plain_snippet(snippet: str) -> str:
    """The source in a snippet, without numbers, carets and the sign that there is more."""
    return _GUTTERS.sub("", _NO_SOURCE.sub("", snippet)).strip("\n")


def _begin(line: str, caret: int, width: int) -> int:
    """The first character of a line's text to show, so that the carets are in sight."""
    gutter = _GUTTER.match(line)
    head = gutter.end() if gutter else 0
    room = max(width - head, _LEAST)
    text, at = len(line) - head, max(caret - head, 0)
    return 0 if text <= room or at < room * 2 // 3 else min(at - room // 3, text - room)


def _cut(text: str, begin: int, room: int, *, carets: bool) -> str:
    room = max(room, _LEAST)
    shown = text[begin : begin + room]
    if carets:
        return shown
    if begin:
        shown = "…" + shown[1:]
    return shown if begin + room >= len(text) else shown[:-1] + "…"
