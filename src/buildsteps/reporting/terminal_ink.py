"""How words get onto a terminal: colour, clean lines, and not more of them than people read."""

from buildsteps.reporting.interface import Rendering
from buildsteps.reporting.text import clipped_lines, printable

_LIMITS = (100, 500)
_VERBOSE_LIMITS = (2000, 10_000)
"""Lines of a detail, and characters of a line, that are shown; JSON has all of them."""

_COLOURS = {
    "bold": "1",
    "dim": "2",
    "red": "1;31",
    "green": "32",
    "yellow": "33",
    "cyan": "36",
}


class Ink:
    """Writes for one rendering."""

    def __init__(self, rendering: Rendering) -> None:
        self.rendering = rendering
        self.limits = _LIMITS if rendering.verbosity <= 0 else _VERBOSE_LIMITS

    @property
    def verbose(self) -> bool:
        """Whether everything is to be shown."""
        return self.rendering.verbosity > 0

    def paint(self, text: str, colour: str) -> str:
        """A text in a colour, if there are colours."""
        if not self.rendering.colour or not text:
            return text
        return f"\x1b[{_COLOURS[colour]}m{text}\x1b[0m"

    def line(self, text: str) -> str:
        """A text from outside on one line, not longer than people read."""
        if text.isprintable() and len(text) <= self.limits[1]:
            return text
        return clipped_lines(printable(text), *self.limits)[0]

    def indented(self, text: str, columns: int) -> str:
        """A text of several lines, each so far from the left."""
        margin = " " * columns
        lines = clipped_lines(printable(text, multiline=True), *self.limits)
        return "".join(f"{margin}{line}".rstrip() + "\n" for line in lines)
