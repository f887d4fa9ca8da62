import pytest
from hypothesis import given

from buildsteps.reporting.text import clipped, counted, encodable, printable, web_address
from tests.unit.reporting.any_results import texts


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("Straße 木 👩‍🔧", "Straße 木 👩‍🔧"),
        ("\x1b[1;31mred\x1b[0m", "red"),
        ("\x9b2Jgone", "gone"),
        ("bell\x07 null\x00 del\x7f", "bell� null� del�"),
        ("\x1b]0;title\x07", "�]0;title�"),
        ("safe\u202egpj.exe", "safe�gpj.exe"),
        ("not utf-8: \udcff", "not utf-8: �"),
        ("one\r\ntwo\n\nthree\tfour\u2028five", "one two three four five"),
    ],
)
def test_a_name_is_shown_on_one_line_without_control_characters(text: str, shown: str) -> None:
    assert printable(text) == shown


def test_a_text_of_several_lines_keeps_its_lines_and_tabs() -> None:
    assert printable("a\r\nb\rc\n\td\x0b", multiline=True) == "a\nb\nc\n\td�"


@given(texts)
def test_what_is_shown_never_steers_a_terminal(text: str) -> None:
    line = printable(text)
    assert len(line.splitlines()) <= 1
    assert not any(c < " " or "\x7f" <= c <= "\x9f" or "\u202a" <= c <= "\u202e" for c in line)
    assert printable(line) == line
    encodable(text).encode()


def test_a_long_text_is_clipped_to_the_length() -> None:
    assert clipped("abcdef", 6) == "abcdef"
    assert clipped("abcdefg", 6) == "abcde…"


def test_a_number_is_said_with_its_noun() -> None:
    assert (counted(1, "case"), counted(12000, "case")) == ("1 case", "12,000 cases")


@pytest.mark.parametrize(
    ("text", "address"),
    [
        ("https://example.com/a b?c=ü#d", "https://example.com/a%20b?c=%C3%BC#d"),
        ("http://example.com/100%25#%zz", "http://example.com/100%25#%25zz"),
        ("https://[", None),
        ("javascript:alert(1)", None),
        ("see https://example.com/", None),
        ("", None),
    ],
)
def test_only_an_http_url_is_a_web_address(text: str, address: str | None) -> None:
    assert web_address(text) == address
