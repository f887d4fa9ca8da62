"""From a region of SARIF to a place of ours: lines and columns from 1, columns in code points."""

from buildsteps.results import Location
from buildsteps.steps.scan.sarif.log import PhysicalLocation, Region, Run
from buildsteps.steps.scan.sarif.tree import Tree
from buildsteps.steps.scan.sarif.uris import Found

UNITS = {
    "eslint": "utf-16-le",
    "biome": "utf-16-le",
    "bandit": "utf-8",
    "semgrep": "utf-8",
    "semgrep-oss": "utf-8",
    "gitleaks": "utf-8",
}
"""What tools count columns in that do not say so, as an encoding; all others count code points."""

DECLARED = {"utf16CodeUnits": "utf-16-le", "unicodeCodePoints": ""}
"""What a run says of it (``columnKind``, 3.14.17)."""

_NOTHING = Region()


def unit_of(run: Run, tool: str) -> str:
    """What the columns of a run count: units of an encoding, or code points where it is empty."""
    return DECLARED.get(run.column_kind or "", UNITS.get(tool, ""))


def place(physical: PhysicalLocation, found: Found, tree: Tree, unit: str) -> Location:
    """The place in a file that was found.

    What no file can have, such as line 0, is left out (lintr writes column 0). So is a column that
    cannot be counted: with a ``unit`` it takes the line itself to know its characters.
    """
    region = physical.region or physical.context_region or _NOTHING
    line, end_line = _positive(region.start_line), _positive(region.end_line)
    if line is None:
        return Location(found.shown)
    column, end_column = _positive(region.start_column), _positive(region.end_column)
    if end_line is not None and end_line < line:
        end_line = end_column = None
    if unit:
        column = _in_code_points(column, tree.line(found.path, line), unit)
        end_column = _in_code_points(end_column, tree.line(found.path, end_line or line), unit)
    if column is None and end_column is not None:
        column = 1 if region.start_column is None else None
    if column is None or _ends_before(column, end_column, line, end_line):
        end_column = None
    end = line if end_line is None and end_column is not None else end_line
    return Location(found.shown, line, column, end, end_column)


def _positive(number: int | None) -> int | None:
    return number if number is not None and number >= 1 else None


def _ends_before(column: int, end: int | None, line: int, end_line: int | None) -> bool:
    return end is not None and end < column and (end_line is None or end_line == line)


def _in_code_points(column: int | None, line: str | None, unit: str) -> int | None:
    """A column counted in units of an encoding, counted in code points instead."""
    if column is None or column == 1:
        return column
    if line is None:
        return None
    if not line:
        return column
    size = 2 if unit == "utf-16-le" else 1
    whole = line.encode(unit, "surrogatepass")
    before = whole[: size * (column - 1)].decode(unit, "ignore")
    beyond = max(column - 1 - len(whole) // size, 0)
    return len(before) + beyond + 1
