import pytest
from hypothesis import given
from hypothesis import strategies as st

from buildsteps.steps.scan.verdict.redacting import (
    lines_with,
    masked_line,
    masked_words,
    secrets_of,
)


@pytest.mark.parametrize(
    ("line", "shown"),
    [
        ('PASSWORD = "hunter2"', "PASSWORD = ****"),
        ("  password: str = 'hunter2'", "  password: ****"),
        ('def f(user, password="hunter2"):', "def f(user, password=****"),
        ("aws_key: AKIA1234567890", "aws_key: ****"),
        ("login('me', 'hunter2')", "login('****"),
        ("{'password': 'hunter2'}", "{'****"),
        ("-----BEGIN RSA PRIVATE KEY-----", "****"),
        ("\tdXNlcjpwYXNz==", "\t****"),
        ("Authorization Basic dXNlcjpwYXNz==", "****"),
        ("hunter2", "****"),
        ("   ", "   "),
        ("", ""),
    ],
)
def test_of_a_line_with_a_secret_stays_the_name_alone(line: str, shown: str) -> None:
    assert masked_line(line) == shown


def test_a_secret_that_begins_before_the_sign_is_masked_from_there() -> None:
    assert masked_line("token hunter2=x and more", column=7) == "token****"
    assert masked_line("token hunter2=x and more", said=["hunter2=x"]) == "****"


@given(
    st.from_regex(r"[A-Za-z0-9+/]{8,40}", fullmatch=True),
    st.sampled_from(["", "key = ", "key: ", 'f(x, key="', "-H 'Authorization: ", "curl u:"]),
    st.sampled_from(["", "==", '"', "'", "@host", " # comment = 1", "; next: 'a'"]),
    st.booleans(),
)
def test_whatever_stands_around_a_secret_it_is_never_shown(
    secret: str, before: str, after: str, column_off_by_one: bool
) -> None:
    line = before + secret + after
    column = len(before) + 1 + column_off_by_one
    assert secret not in masked_line(line, column)
    assert secret not in masked_line(line, said=[secret])


def test_the_texts_that_may_be_a_secret_are_literals_values_and_what_the_scanner_said() -> None:
    assert secrets_of('a = "hunter2"', ["AKIA1234"]) == {"hunter2", "AKIA1234"}
    assert "s3cr3t" in secrets_of("password: s3cr3t")
    assert secrets_of('a = "x"') == frozenset()


@pytest.mark.parametrize(
    ("words", "line", "shown"),
    [
        ("Possible hardcoded password: 'hunter2'", 'p = "hunter2"', "… password: '****'"),
        ("Possible hardcoded password: 'it's'", 'p = "it\'s"', "… password: '****'"),
        ("Possible hardcoded password: 'a\\nb'", 'p = "a\\x0ab"', "… password: '****'"),
        ("Possible hardcoded password: ''", "", "… password: '****'"),
        ('assigned to: "password"', 'password = "hunter2"', 'assigned to: "password"'),
        ('assigned to: "password"', 'password = "password"', 'assigned to: "****"'),
        ('assigned to: "password"', "", 'assigned to: "****"'),
        ("generic-api-key has detected secret", "", "generic-api-key has detected secret"),
    ],
)
def test_a_message_keeps_the_name_and_loses_the_secret(words: str, line: str, shown: str) -> None:
    shown = shown.replace("…", "Possible hardcoded")
    assert masked_words(words, secrets_of(line), line, quoted=True) == shown


def test_words_of_others_on_the_line_lose_the_secret_alone() -> None:
    said = "`verify=False` for hunter2"
    assert masked_words(said, {"hunter2"}, "", quoted=False) == "`verify=False` for ****"


def test_a_secret_is_masked_on_other_lines_of_its_file_too() -> None:
    text = 'p = "hunter2"\r\nq = 1\rprint("hunter2!")\n'
    assert lines_with(text, {"hunter2"}) == {1: 'p = "****"', 3: 'print("****!")'}
    assert lines_with(text, {"1", "print"}) == {}
