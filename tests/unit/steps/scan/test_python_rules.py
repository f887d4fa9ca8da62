import pytest

from buildsteps.results import Severity
from buildsteps.steps.scan.python_rules import (
    bandit_severity,
    canonical,
    looks_secret,
    name_of,
    ruff_cwes,
    ruff_severity,
)
from buildsteps.steps.scan.sighting import Sighting


@pytest.mark.parametrize(
    ("rule", "name"),
    [
        ("S307", "B307"),
        ("S602", "B602"),
        ("PLE2502", "B613"),
        ("SIM115", "SIM115"),
        ("B008", "B008"),
        ("F821", "F821"),
        ("S999", "S999"),
    ],
)
def test_a_rule_of_ruff_has_the_name_of_its_equal(rule: str, name: str) -> None:
    assert canonical(rule) == name


def test_only_rules_of_ruff_are_renamed() -> None:
    one = Sighting(engine="sonar", rule="S307", severity=Severity.LOW, message="")
    assert name_of(one) == "S307"


@pytest.mark.parametrize("engine", ["ruff", "bandit"])
def test_both_engines_agree_on_how_severe_a_rule_is(engine: str) -> None:
    def severity(number: str) -> Severity:
        if engine == "ruff":
            return ruff_severity(f"S{number}", "message")
        return bandit_severity(f"B{number}", "MEDIUM", "HIGH")

    assert severity("307") == severity("506") == severity("301") == Severity.HIGH
    assert severity("324") == Severity.MEDIUM
    assert severity("101") == severity("104") == Severity.LOW


def test_a_command_that_is_a_literal_is_low_for_both() -> None:
    seems = "`subprocess` call with `shell=True` seems safe, but may be changed in the future"
    assert ruff_severity("S602", seems) == bandit_severity("B602", "LOW", "HIGH") == Severity.LOW
    assert ruff_severity("S602", "identified") == Severity.HIGH
    assert bandit_severity("B602", "HIGH", "HIGH") == Severity.HIGH


def test_sql_is_high_where_bandit_sees_it_executed() -> None:
    assert bandit_severity("B608", "MEDIUM", "MEDIUM") == Severity.HIGH
    assert bandit_severity("B608", "MEDIUM", "LOW") == Severity.MEDIUM


def test_a_rule_of_a_plugin_keeps_bandits_severity_lowered_where_it_is_not_sure() -> None:
    assert bandit_severity("X901", "HIGH", "HIGH") == Severity.HIGH
    assert bandit_severity("X901", "HIGH", "LOW") == Severity.MEDIUM
    assert bandit_severity("X901", "LOW", "LOW") == Severity.INFO


@pytest.mark.parametrize(
    "code",
    ["'9f86d081884c7d65'", '"Sup3rS3cretPass"', "b'AKIA2E0A8F3B244C9986'", "'zV9_kq2-Lw8xPt'"],
)
def test_what_looks_made_up_is_a_secret(code: str) -> None:
    assert looks_secret(code)
    assert ruff_severity("S105", "", code) == Severity.HIGH
    told = f"Possible hardcoded password: {code}"
    assert bandit_severity("B105", "LOW", "MEDIUM", told) == Severity.HIGH


@pytest.mark.parametrize(
    "code",
    [
        "'AWS_SECRET_ACCESS_KEY'",
        "'latest/api/token'",
        "'https://idp.test/oauth2/token'",
        "'keyword'",
        "''",
        "'hunter2'",
        "'Token of {user_1}, please'",
        "'aaaaaaaaaaaa1'",
        "nothing",
    ],
)
def test_names_addresses_and_words_are_none(code: str) -> None:
    assert not looks_secret(code)
    assert ruff_severity("S105", "", code) == Severity.MEDIUM


def test_the_longest_beginning_of_a_code_says_how_severe_it_is() -> None:
    assert ruff_severity("F821", "") == Severity.MEDIUM
    assert ruff_severity("F504", "") == Severity.LOW
    assert ruff_severity("B904", "") == Severity.INFO
    assert ruff_severity("B999", "") == Severity.LOW
    assert ruff_severity("XYZ123", "") == Severity.LOW


def test_ruffs_rules_have_the_weakness_of_their_equals() -> None:
    assert ruff_cwes("S608") == (89,)
    assert ruff_cwes("PLE2502") == (838,)
    assert ruff_cwes("F821") == ()
