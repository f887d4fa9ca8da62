"""From a region of SARIF to a place of ours: lines and columns from 1, columns in code points."""

from buildsteps.results import Location
from buildsteps.steps.scan.sarif.log import PhysicalLocation, Region
from buildsteps.steps.scan.sarif.tree import Tree

UTF16 = "utf16CodeUnits"

COUNTS_UTF16 = frozenset({"eslint", "biome"})
"""Tools that are written in JavaScript's way of counting and do not say so."""

_NOTHING = Region()


def place(physical: PhysicalLocation, path: str, tree: Tree, *, utf16: bool) -> Location:
    """The place in the file that we show as ``tree.shown(path)``.

    What no file can have, such as line 0, is left out (lintr writes column 0). So is a column that
    cannot be counted: in UTF-16 it takes the line itself to know its characters (3.14.17).
    """
    region = physical.region or physical.context_region or _NOTHING
    line, end_line = _positive(region.start_line), _positive(region.end_line)
    shown = tree.shown(path)
    if line is None:
        return Location(shown)
    column, end_column = _positive(region.start_column), _positive(region.end_column)
    if end_line is not None and end_line < line:
        end_line = end_column = None
    if utf16:
        column = _in_code_points(column, line, path, tree)
        end_column = _in_code_points(end_column, end_line or line, path, tree)
    if column is None and end_column is not None:
        column = 1 if region.start_column is None else None
    if column is None or _ends_before(column, end_column, line, end_line):
        end_column = None
    end = line if end_line is None and end_column is not None else end_line
    return Location(shown, line, column, end, end_column)


def _positive(number: int | None) -> int | None:
    return number if number is not None and number >= 1 else None


def _ends_before(column: int, end: int | None, line: int, end_line: int | None) -> bool:
    return end is not None and end < column and (end_line is None or end_line == line)


def _in_code_points(column: int | None, line: int, path: str, tree: Tree) -> int | None:
    """A column counted in UTF-16 code units, counted in code points instead."""
    if column is None or column == 1:
        return column
    text = tree.line(path, line)
    if text is None:
        return None
    if not text:
        return column
    before = text.encode("utf-16-le", "surrogatepass")[: 2 * (column - 1)]
    beyond = max(column - 1 - len(before) // 2, 0)
    return len(before.decode("utf-16-le", "replace")) + beyond + 1
