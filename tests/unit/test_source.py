import pytest
from hypothesis import given
from hypothesis import strategies as st

from buildsteps.results import Location
from buildsteps.source import SourceText

POLICY = 'permit (\n  principal,\n  action,\n  resource\n)\nwhen { resource.label == "x" };\n'


def source(text: str) -> SourceText:
    return SourceText("a.cedar", text)


@pytest.mark.parametrize(
    ("text", "offset", "expected"),
    [
        ("", 0, (1, 1)),
        ("ab", 2, (1, 3)),
        ("a\nb", 2, (2, 1)),
        ("a\r\nb", 3, (2, 1)),
        ("a\rb", 2, (2, 1)),
        ("a\n", 2, (2, 1)),
        ("\U0001f600x", 1, (1, 2)),
        ("ab", 99, (1, 3)),
        ("ab", -1, (1, 1)),
        ("a\u2028b\x0bc", 4, (1, 5)),
    ],
)
def test_lines_and_columns_count_from_one(
    text: str, offset: int, expected: tuple[int, int]
) -> None:
    assert source(text).line_column(offset) == expected


def test_a_location_has_an_end_where_one_is_given() -> None:
    start = POLICY.index("label")
    text = source(POLICY)
    assert text.location(start) == Location("a.cedar", 6, 17)
    assert text.location(start, start + 5) == Location("a.cedar", 6, 17, 6, 22)
    assert text.location(0, start) == Location("a.cedar", 1, 1, 6, 17)


def test_an_excerpt_underlines_the_place() -> None:
    start = POLICY.index("label")
    assert source(POLICY).excerpt(start, start + 5) == (
        '  6 | when { resource.label == "x" };\n'
        "    |                 ^^^^^"
    )  # fmt: skip


@pytest.mark.parametrize(
    ("text", "start", "end", "expected"),
    [
        ("ab\ncd", 0, 5, "  1 | ab\n    | ^^"),
        ("ab", 2, 2, "  1 | ab\n    |   ^"),
        ("ab\n", 3, 3, "  2 |\n    | ^"),
        ("\tx\ty", 1, 2, "  1 |     x   y\n    |     ^"),
        ("\tx\ty", 3, 4, "  1 |     x   y\n    |         ^"),
        ("a\tb", 1, 2, "  1 | a   b\n    |  ^^^"),
        ("日本x", 2, 3, "  1 | 日本x\n    |     ^"),
        ("日本x", 0, 1, "  1 | 日本x\n    | ^^"),
        ("e\u0301x", 2, 3, "  1 | e\u0301x\n    |  ^"),
        ("\x1b[31mx", 5, 6, "  1 | <U+001B>[31mx\n    |             ^"),
        ("\u202ex", 0, 1, "  1 | <U+202E>x\n    | ^^^^^^^^"),
        ("\ud800x", 1, 2, "  1 | <U+D800>x\n    |         ^"),
    ],
)
def test_carets_stand_below_the_characters_meant(
    text: str, start: int, end: int, expected: str
) -> None:
    assert source(text).excerpt(start, end) == expected


@pytest.mark.parametrize("offset", [0, 50, 5_000, 9_950, 9_999])
def test_long_lines_are_cut_around_the_caret(offset: int) -> None:
    text = "a" * offset + "X" + "b" * (9_999 - offset)
    shown, carets = source(text).excerpt(offset).split("\n")
    assert shown[carets.index("^")] == "X"
    assert len(shown) <= 110
    assert "…" in shown


@given(
    st.text(alphabet="ab\t\n\r \x1b日\u202e\ud800\u0301"), st.integers(-2, 60), st.integers(-2, 60)
)
def test_any_place_in_any_text_can_be_shown(text: str, start: int, end: int) -> None:
    excerpt = source(text).excerpt(start, end)
    line, column = source(text).line_column(start)
    assert excerpt.startswith(f"{line:>3} |")
    assert excerpt.count("\n") == 1
    assert excerpt.isprintable() or "\n" in excerpt
    assert column >= 1
    assert "^" in excerpt


@given(st.text(alphabet="ab\n\r"), st.data())
def test_a_line_and_column_lead_back_to_the_offset(text: str, data: st.DataObject) -> None:
    offset = data.draw(st.integers(0, len(text)))
    line, column = source(text).line_column(offset)
    start = len("".join(text.splitlines(keepends=True)[: line - 1]))
    assert start + column - 1 == offset
