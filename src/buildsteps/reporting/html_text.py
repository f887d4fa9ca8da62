"""Text from outside in an HTML page, where it shows as exactly that text and is never markup."""

from collections.abc import Iterable
from html import escape

from buildsteps.reporting.text import clipped, clipped_lines, printable

LONGEST = 10_000
"""Characters of a sentence or of a line that are shown; the JSON report has all of it."""

MOST_LINES = 2_000
"""Lines of a detail that are shown."""


def inline(text: str) -> str:
    """Return ``text`` as one line, fit for an element and for an attribute in double quotes."""
    return escape(clipped(printable(text).strip(), LONGEST))


def block(text: str) -> str:
    """Return ``text`` as a block that keeps its lines and spaces."""
    lines = clipped_lines(printable(text, multiline=True), MOST_LINES, LONGEST)
    # a parser drops the first line end after <pre> (HTML Standard 13.2.6.4.7): this one is ours
    alone = ' class="prose"' if len(lines) == 1 else ""  # nothing below that it must stay above
    return f"<pre{alone}>\n{escape(chr(10).join(lines))}</pre>\n"


def items(texts: Iterable[str]) -> str:
    """Return a list of texts; nothing where there is none."""
    lines = "".join(f"<li>{inline(text)}</li>\n" for text in texts)
    return f"<ul>\n{lines}</ul>\n" if lines else ""


def table(columns: Iterable[str], rows: Iterable[Iterable[str]], kind: str = "") -> str:
    """Return a table of cells that are HTML already; ``kind`` is its class, one of ours."""
    head = "".join(f"<th>{column}</th>" for column in columns)
    body = "".join(f"<tr>{''.join(f'<td>{c}</td>' for c in cells)}</tr>\n" for cells in rows)
    opened = f'<table class="{kind}">' if kind else "<table>"
    return (
        f'<div class="wide">{opened}\n<thead><tr>{head}</tr></thead>\n'
        f"<tbody>\n{body}</tbody>\n</table></div>\n"
    )


def folded(summary: str, body: str, *, unfolded: bool = False) -> str:
    """Return ``body`` behind a line that opens and closes it; both are HTML already."""
    return (
        f"<details{' open' if unfolded else ''}>\n<summary>{summary}</summary>\n{body}</details>\n"
    )


def section(title: str, body: str) -> str:
    """Return a section under a title, which is text; nothing where the body is empty."""
    return f"<section>\n<h2>{inline(title)}</h2>\n{body}</section>\n" if body else ""
