"""Lines and columns: from 1, in code points, and only those that a file can have."""

from pathlib import Path
from typing import Any

import pytest

from buildsteps.results import Location
from tests.sarif_logs import log, result, sighting

LINE = '  label = "\N{PACKAGE}ß"; eval(x)\n'


def place(folder: Path, region: dict[str, Any], tool: str = "Tool", **run: Any) -> Location:
    """The place of a result with this region in ``app.py``."""
    one = result("app.py", None)
    one["locations"][0]["physicalLocation"]["region"] = region
    (found,) = sighting(log(one, driver={"name": tool}, **run), folder).locations
    return found


@pytest.mark.parametrize(
    ("region", "expected"),
    [
        ({}, (None, None, None, None)),
        ({"startLine": 3}, (3, None, None, None)),
        ({"startLine": 0, "startColumn": 1}, (None, None, None, None)),
        ({"startLine": -1}, (None, None, None, None)),
        ({"startLine": 3, "startColumn": 0}, (3, None, None, None)),
        ({"startLine": 3, "startColumn": 5, "endColumn": 9}, (3, 5, 3, 9)),
        ({"startLine": 3, "endColumn": 9}, (3, 1, 3, 9)),
        ({"startLine": 3, "startColumn": 5, "endLine": 4, "endColumn": 2}, (3, 5, 4, 2)),
        ({"startLine": 3, "endLine": 2, "endColumn": 2}, (3, None, None, None)),
        ({"startLine": 3, "startColumn": 5, "endColumn": 2}, (3, 5, None, None)),
        ({"charOffset": 10, "charLength": 3}, (None, None, None, None)),
        ({"startLine": 3, "endLine": 5}, (3, None, 5, None)),
    ],
)
def test_a_place_has_what_the_region_has_and_a_file_can_have(
    region: dict[str, Any], expected: tuple[int | None, ...], tmp_path: Path
) -> None:
    assert place(tmp_path, region) == Location("app.py", *expected)


@pytest.mark.parametrize(
    ("tool", "kind", "column"),
    [
        ("Tool", None, 17),
        ("Tool", "unicodeCodePoints", 17),
        ("Tool", "utf16CodeUnits", 18),
        ("ESLint", None, 18),
        ("Bandit", None, 21),
        ("Semgrep OSS", None, 21),
        ("gitleaks", None, 21),
    ],
)
def test_columns_are_counted_in_code_points_whatever_the_tool_counts(
    tool: str, kind: str | None, column: int, tmp_path: Path
) -> None:
    (tmp_path / "app.py").write_text("\n" + LINE, encoding="utf-8")
    assert LINE.index("eval") + 1 == 17
    region = {"startLine": 2, "startColumn": column, "endColumn": column + 7}
    found = place(tmp_path, region, tool, columnKind=kind)
    assert (found.column, found.end_column) == (17, 24)


def test_a_column_that_cannot_be_counted_without_the_source_is_left_out(tmp_path: Path) -> None:
    found = place(tmp_path, {"startLine": 2, "startColumn": 7}, columnKind="utf16CodeUnits")
    assert (found.line, found.column) == (2, None)


@pytest.mark.parametrize("column", [1, 5, 400])
def test_in_a_line_of_ascii_all_ways_of_counting_agree(column: int, tmp_path: Path) -> None:
    (tmp_path / "app.py").write_text("ß\nplain text\n", encoding="utf-8")
    region = {"startLine": 2, "startColumn": column}
    assert place(tmp_path, region, columnKind="utf16CodeUnits").column == column


def test_a_column_past_the_end_of_the_line_stays_past_it(tmp_path: Path) -> None:
    (tmp_path / "app.py").write_text("\N{PACKAGE}\n", encoding="utf-8")
    region = {"startLine": 1, "startColumn": 3}
    assert place(tmp_path, region, columnKind="utf16CodeUnits").column == 2
    region = {"startLine": 1, "startColumn": 10}
    assert place(tmp_path, region, columnKind="utf16CodeUnits").column == 9


def test_a_source_that_is_no_text_gives_no_column(tmp_path: Path) -> None:
    (tmp_path / "app.py").write_bytes(b"\xff\xfe")
    region = {"startLine": 1, "startColumn": 3}
    assert place(tmp_path, region, columnKind="utf16CodeUnits").column is None


def test_further_and_related_places_stand_behind_the_first(tmp_path: Path) -> None:
    one = result("a.py", 1, relatedLocations=result("c.py", 3)["locations"])
    one["locations"] += result("b.py", 2)["locations"]
    assert list(map(str, sighting(log(one), tmp_path).locations)) == ["a.py:1", "b.py:2", "c.py:3"]
