import pytest

from buildsteps.world.http import without_query
from buildsteps.world.http_retries import retry_after
from tests.world_double import NOON


@pytest.mark.parametrize(
    ("value", "seconds"),
    [
        ("7", 7.0),
        (" 7 ", 7.0),
        ("Sun, 01 Mar 2026 12:00:30 GMT", 30.0),
        ("Sun, 01 Mar 2026 11:00:00 GMT", 0.0),
        ("", 0.0),
        ("soon", 0.0),
        ("-5", 0.0),
        ("1.5", 0.0),
        ("²", 0.0),
        ("9" * 400, 999999999.0),
        ("Sun, 01 Mar 99999 12:00:30 GMT", 0.0),
    ],
)
def test_retry_after_is_seconds_or_a_date_and_else_nothing(value: str, seconds: float) -> None:
    assert retry_after(value, NOON) == seconds


def test_an_address_is_shown_without_what_may_be_secret() -> None:
    assert without_query("https://me:p@h.example:5/a/b?X-Sig=s#f") == "https://h.example:5/a/b"
    assert without_query("http://[") == ""
