from hypothesis import given
from hypothesis import strategies as st

from buildsteps.reporting.snippet_text import plain_snippet, snippet_lines
from tests.unit.reporting.any_results import texts

LONG = "  4 | " + "a" * 60 + "TARGET" + "b" * 60 + "\n    | " + " " * 60 + "^" * 6


def shown(snippet: str, width: int) -> list[str]:
    return [gutter + text for gutter, text in snippet_lines(snippet, width)]


def test_what_fits_stays_as_it_is() -> None:
    snippet = "  4 | call(\n    | ^^^^^\n  5 |\n  … |"
    assert shown(snippet, 40) == snippet.split("\n")


def test_a_long_line_and_its_carets_are_cut_alike_around_what_is_meant() -> None:
    line, carets = shown(LONG, 50)
    assert len(line) == 50
    begin = carets.index("^")
    assert line[begin : begin + 6] == "TARGET"
    assert line[6] == line[-1] == "…"


def test_a_long_line_that_is_meant_from_its_beginning_is_cut_at_its_end() -> None:
    line, carets = shown("  4 | " + "x" * 100 + "\n    | " + "^" * 100, 40)
    assert line == "  4 | " + "x" * 33 + "…"
    assert carets == "    | " + "^" * 34


@given(texts, st.integers(0, 200))
def test_any_text_keeps_its_lines_and_none_is_wider_than_the_terminal(
    snippet: str, width: int
) -> None:
    lines = list(snippet_lines(snippet, width))
    assert len(lines) == snippet.count("\n") + 1
    assert all(len(text) <= max(width, 20) for _, text in lines)


def test_the_plain_source_has_no_numbers_and_no_carets() -> None:
    snippet = "  4 |     call(\n    |     ^^^^^\n  5 |         x,\n  … |"
    assert plain_snippet(snippet) == "    call(\n        x,"
    assert plain_snippet("    | quoted") == "quoted"
    assert plain_snippet("not one of ours | ^") == "not one of ours | ^"
