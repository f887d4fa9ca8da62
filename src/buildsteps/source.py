"""A text with a name, and where its offsets are: lines, columns and excerpts for people."""

import re
from bisect import bisect_right
from functools import cached_property

from msgspec import Struct

from buildsteps.results import Location

_LINE_END = re.compile(r"\r\n?|\n")
_TAB = 4
_WINDOW = 100
_ELLIPSIS = "…"
# Cc and Cf characters act on a terminal (escape sequences, direction, invisibility); surrogates
# cannot be written at all, and the two separators break lines in some viewers.
_NOT_SHOWN = frozenset({"Cc", "Cf", "Cs", "Zl", "Zp"})
_WITHOUT_WIDTH = frozenset({"Mn", "Me"})


class SourceText(Struct, frozen=True, dict=True):
    r"""The text of a file, and the path it is known by.

    Offsets count Unicode code points from 0, lines and columns from 1. A line ends at ``\n``,
    ``\r\n`` or a lone ``\r``. Offsets outside the text are taken as its nearest end.
    """

    path: str
    text: str

    @cached_property
    def _line_starts(self) -> list[int]:
        return [0, *(end.end() for end in _LINE_END.finditer(self.text))]

    def line_column(self, offset: int) -> tuple[int, int]:
        """Give the line and column of the character at ``offset``."""
        offset = min(max(offset, 0), len(self.text))
        line = bisect_right(self._line_starts, offset)
        return line, offset - self._line_starts[line - 1] + 1

    def location(self, start: int, end: int | None = None) -> Location:
        """Give the place from ``start`` up to ``end`` (exclusive), or the place at ``start``."""
        line, column = self.line_column(start)
        if end is None:
            return Location(self.path, line, column)
        end_line, end_column = self.line_column(max(start, end))
        return Location(self.path, line, column, end_line, end_column)

    def excerpt(self, start: int, end: int | None = None) -> str:
        """Show the line of ``start`` with its number, and carets below the characters meant.

        Of a place over several lines the part on the first is underlined. Long lines are cut
        around the carets; what a terminal would act on instead of show is written ``<U+001B>``.
        """
        line, column = self.line_column(start)
        content = self._line(line)
        first = min(column - 1, len(content))
        last = first + max((start + 1 if end is None else end) - start, 1)
        shown, indent, width = _show(content, first, min(last, max(len(content), first + 1)))
        gutter = str(line).rjust(3)
        below = " " * len(gutter)
        return f"{gutter} | {shown}".rstrip() + f"\n{below} | {' ' * indent}{'^' * width}"

    def _line(self, number: int) -> str:
        starts = self._line_starts
        stop = starts[number] if number < len(starts) else len(self.text)
        return self.text[starts[number - 1] : stop].rstrip("\r\n")


def _show(line: str, first: int, last: int) -> tuple[str, int, int]:
    """Render ``line`` and give the cells before and under the characters ``first`` to ``last``."""
    begin, stop = 0, len(line)
    if len(line) > _WINDOW:
        begin = max(0, min(first - _WINDOW // 3, len(line) - _WINDOW))
        stop = begin + _WINDOW
    shown = [_ELLIPSIS] if begin else []
    at, indent, covered = len(shown), len(shown), 0
    for index in range(begin, stop):
        glyph, cells = _glyph(line[index], at)
        shown.append(glyph)
        at += cells
        if index < first:
            indent = at
        elif index < last:
            covered = at - indent
    if stop < len(line):
        shown.append(_ELLIPSIS)
    return "".join(shown), indent, max(covered, 1)


def _glyph(character: str, at: int) -> tuple[str, int]:
    """Give what to show for a character at cell ``at``, and how many cells that takes."""
    if character == "\t":
        cells = _TAB - at % _TAB
        return " " * cells, cells
    if character.isascii() and character.isprintable():
        return character, 1
    import unicodedata

    category = unicodedata.category(character)
    if category in _NOT_SHOWN:
        name = f"<U+{ord(character):04X}>"
        return name, len(name)
    if category in _WITHOUT_WIDTH:
        return character, 0
    return character, 2 if unicodedata.east_asian_width(character) in "WF" else 1
