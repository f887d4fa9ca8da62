import pytest
from hypothesis import given
from hypothesis import strategies as st

from buildsteps.results import Location
from buildsteps.steps.scan.verdict.masking import masked_lines


def masked(line: str, column: int | None = None, end_line: int | None = None) -> list[str]:
    lines = line.encode().split(b"\n")
    place = Location("a.py", 1, column, end_line)
    return [text.decode() for text in masked_lines(lines, [place]).values()]


@pytest.mark.parametrize(
    ("line", "kept"),
    [
        ('PASSWORD = "hunter2"', "PASSWORD (secret)"),
        ("password: hunter2", "password(secret)"),
        ("connect('hunter2')", "connect(secret)"),
        ("https://user:hunter2@host", "https(secret)"),
        ("machine host login me password hunter2", "(secret)"),
        ("hunter2", "(secret)"),
    ],
)
def test_only_the_name_before_the_value_stays(line: str, kept: str) -> None:
    assert masked(line) == [kept]


@pytest.mark.parametrize("column", [7, 8, 13])
def test_the_word_that_the_column_is_in_goes(column: int) -> None:
    assert masked("token hunter2 = 1", column) == ["token (secret)"]


@pytest.mark.parametrize("column", [-1, 0, 1, 6])
def test_a_column_that_counts_otherwise_keeps_less_rather_than_more(column: int) -> None:
    assert masked("token hunter2 = 1", column) == ["(secret)"]


def test_all_lines_of_a_long_secret_go() -> None:
    assert masked("key = '''\nhunter2\nhunter3\n'''", None, 3) == [
        "key (secret)",
        *["(secret)"] * 2,
    ]


def test_of_two_secrets_on_a_line_the_first_decides() -> None:
    line = b"token hunter2 hunter3"
    places = [Location("a", 1, 15), Location("a", 1, 7)]
    assert masked_lines([line], places) == {1: b"(secret)"}


@given(
    st.binary(max_size=40),
    st.integers(-2, 9),
    st.none() | st.integers(-2, 60),
    st.none() | st.integers(-2, 2**40),
)
def test_any_line_and_place_can_be_masked(
    line: bytes, number: int, column: int | None, end: int | None
) -> None:
    lines = [line, line, line]
    found = masked_lines(lines, [Location("a", number, column, end)])
    assert all(1 <= at <= 3 and text.endswith(b"(secret)") for at, text in found.items())


@given(st.text("abc12", min_size=4, max_size=12), st.text("xyz", min_size=1, max_size=8))
def test_a_value_that_is_masked_does_not_change_what_is_kept(secret: str, name: str) -> None:
    assert masked(f'{name} = "{secret}"') == masked(f'{name} = "another"')
