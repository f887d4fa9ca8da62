"""A text with a name, and where its offsets are: lines, columns and excerpts for people."""

import re
from bisect import bisect_right
from collections.abc import Mapping
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
        length = max((start + 1 if end is None else end) - start, 1)
        return "\n".join(self._marked(line, column - 1, column - 1 + length, 3))

    def excerpt_at(self, place: Location, lines: int = 4, width: int = _WINDOW) -> str:
        """Show the lines of a place, at most so many, with carets where it says its columns.

        Lines are cut at ``width`` characters. Nothing where the text has no such line.
        """
        first = place.line or 0
        if not 1 <= first <= len(self._line_starts):
            return ""
        last = min(max(place.end_line or first, first), len(self._line_starts))
        gutter = max(len(str(min(last, first + lines - 1))), 3)
        shown = self._marked(first, *self._columns(place, last), gutter, width)
        for line in range(first + 1, min(last, first + lines - 1) + 1):
            shown += self._marked(line, None, 0, gutter, width)
        if last - first >= lines:
            shown.append(f"{_ELLIPSIS.rjust(gutter)} |")
        return "\n".join(shown)

    def line_text(self, number: int) -> str:
        """Give a line without its end; nothing where the text has no such line."""
        if not 1 <= number <= len(self._line_starts):
            return ""
        begin, stop = self._bounds(number)
        return self.text[begin:stop]

    def with_lines(self, lines: Mapping[int, str]) -> "SourceText":
        """The same text with other words on some lines; those that are not there are left out."""
        pieces, at = [], 0
        for number in sorted(lines):
            if 1 <= number <= len(self._line_starts):
                begin, stop = self._bounds(number)
                pieces += [self.text[at:begin], lines[number]]
                at = stop
        return SourceText(self.path, "".join([*pieces, self.text[at:]]))

    def _columns(self, place: Location, last: int) -> tuple[int | None, int]:
        """The characters of the first line that a place means, from 0; None where it is silent."""
        if place.column is None or place.column < 1:
            return None, 0
        begin, stop = self._bounds(place.line or 1)
        first = min(place.column - 1, stop - begin)
        if last > (place.line or 1):
            return first, max(stop - begin, first + 1)
        return first, max((place.end_column or 0) - 1, first + 1)

    def _marked(
        self, number: int, first: int | None, last: int, gutter: int, width: int = _WINDOW
    ) -> list[str]:
        """Show a line with its number, and below it carets, if its characters are meant."""
        start, stop = self._bounds(number)
        length = stop - start
        at = 0 if first is None else min(first, length)
        begin = max(0, min(at - width // 3, length - width)) if length > width else 0
        window = self.text[start + begin : min(start + begin + width, stop)]
        until = min(last, max(length, at + 1))
        cut = begin + len(window) < length
        shown, indent, covered = _show(window, at - begin, until - begin, before=begin > 0)
        line = f"{str(number).rjust(gutter)} | {shown}{_ELLIPSIS if cut else ''}".rstrip()
        if first is None:
            return [line]
        return [line, f"{' ' * gutter} | {' ' * indent}{'^' * covered}"]

    def _bounds(self, number: int) -> tuple[int, int]:
        """Where a line begins, and where it ends without its line end."""
        starts, text = self._line_starts, self.text
        begin = starts[number - 1]
        if number >= len(starts):
            return begin, len(text)
        stop = starts[number] - 1
        if stop > begin and text[stop] == "\n" and text[stop - 1] == "\r":
            stop -= 1
        return begin, stop


def _show(window: str, first: int, last: int, *, before: bool) -> tuple[str, int, int]:
    """Render characters; give the cells before and under those from ``first`` to ``last``."""
    lead = _ELLIPSIS if before else ""
    if window.isascii() and window.isprintable():
        covered = min(last, len(window)) - first
        return lead + window, len(lead) + first, max(covered, 1)
    shown = [lead]
    at, indent, covered = len(lead), len(lead), 0
    for index, character in enumerate(window):
        glyph, cells = _glyph(character, at)
        shown.append(glyph)
        at += cells
        if index < first:
            indent = at
        elif index < last:
            covered = at - indent
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
