"""A table as lines of plain text, for every format that has no tables of its own."""

from itertools import zip_longest

from buildsteps.reporting.text import clipped, printable
from buildsteps.results import Table

LONGEST_CELL = 200
"""Characters of a cell that are shown; the JSON report has all of it."""


def table_lines(table: Table) -> list[str]:
    """Return the columns' names, then a line a row, aligned with spaces."""
    rows = [[_cell(cell) for cell in row] for row in (table.columns, *table.rows)]
    widths = [max(map(len, column)) for column in zip_longest(*rows, fillvalue="")]
    padded = ([c.ljust(width) for c, width in zip(row, widths, strict=False)] for row in rows)
    return ["  ".join(cells).rstrip() for cells in padded]


def _cell(text: str) -> str:
    return clipped(printable(text), LONGEST_CELL)
