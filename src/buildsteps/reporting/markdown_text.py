"""Text from outside as GitHub-flavoured Markdown that shows exactly that text.

Sources: the GFM specification (backslash escapes 6.1, tables 4.10, raw HTML 6.10) and GitHub's
documents on mentions, references and mathematical expressions in comments.
"""

import re
from collections.abc import Iterable
from html import escape

from buildsteps.reporting.text import clipped, printable

_HTML = {"&": "&amp;", "<": "&lt;", ">": "&gt;"}
_ZERO_WIDTH_SPACE = "\N{ZERO WIDTH SPACE}"
_SPECIAL = re.compile(r"[\\`*_\[\]|~#!$&<>]")
_REFERENCE = re.compile(r"@(?=\w)|#(?=\d)")
_BLOCK_START = re.compile(r"^(\d*)([-+=.)])")
_BACKTICKS = re.compile(r"`+")


def inline(text: str, length: int = 300) -> str:
    """Escape ``text`` as one line of at most ``length`` characters before escaping.

    Mentions and issue references get a zero-width space, so that nobody is notified.
    """
    return _SPECIAL.sub(_escaped_character, _without_references(_line(text, length)))


def code(text: str, length: int = 300) -> str:
    """Return ``text`` as code on one line; GitHub looks for no mention in there."""
    return f"<code>{_SPECIAL.sub(_escaped_character, _line(text, length))}</code>"


def html(text: str, length: int = 300) -> str:
    """Escape ``text`` as one line inside a block of raw HTML, where Markdown has no say."""
    return escape(_without_references(_line(text, length)), quote=False)


def bullet(text: str) -> str:
    """Return ``text`` as one item of a list; a sign that would begin a block in it is escaped."""
    return f"- {_BLOCK_START.sub(_escaped_sign, inline(text))}\n"


def fenced(text: str, length: int = 2000) -> str:
    """Return ``text`` as a fenced block; the fence is longer than any run of backticks in it."""
    body = clipped(printable(text, multiline=True).strip("\n"), length)
    longest = max((len(run) for run in _BACKTICKS.findall(body)), default=0)
    fence = "`" * max(longest + 1, 3)
    return f"{fence}text\n{body}\n{fence}\n"


def row(cells: Iterable[str]) -> str:
    """Return a table row of cells that are Markdown already."""
    return f"| {' | '.join(cells)} |\n"


def header(*titles: str) -> str:
    """Return the first two lines of a table."""
    return row(titles) + row("---" for _ in titles)


def _line(text: str, length: int) -> str:
    return clipped(printable(text).strip(), length)


def _without_references(line: str) -> str:
    return _REFERENCE.sub(rf"\g<0>{_ZERO_WIDTH_SPACE}", line)


def _escaped_sign(match: re.Match[str]) -> str:
    return f"{match[1]}\\{match[2]}"


def _escaped_character(match: re.Match[str]) -> str:
    character = match[0]
    if character in _HTML:
        return _HTML[character]
    return "<span>$</span>" if character == "$" else f"\\{character}"
