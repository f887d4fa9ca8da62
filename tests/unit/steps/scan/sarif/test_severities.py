"""One scale of severities, from what each tool makes of SARIF's levels."""

from pathlib import Path
from typing import Any

import pytest

from buildsteps.results import Severity
from tests.sarif_logs import log, result, scan, sighting


@pytest.mark.parametrize(
    ("level", "default", "severity"),
    [
        ("error", None, Severity.HIGH),
        ("warning", None, Severity.MEDIUM),
        ("note", None, Severity.LOW),
        ("none", None, Severity.INFO),
        (None, None, Severity.MEDIUM),
        (None, "error", Severity.HIGH),
        (None, "note", Severity.LOW),
        ("note", "error", Severity.LOW),
        ("fatal", None, Severity.MEDIUM),
    ],
)
def test_the_level_of_the_result_counts_then_that_of_the_rule_then_warning(
    level: str | None, default: str | None, severity: Severity, tmp_path: Path
) -> None:
    rule = {"id": "R1", "defaultConfiguration": {"level": default}}
    data = log(result(level=level), driver={"rules": [rule]})
    assert sighting(data, tmp_path).severity is severity


@pytest.mark.parametrize(
    ("score", "severity"),
    [
        ("9.8", Severity.CRITICAL),
        ("9.0", Severity.CRITICAL),
        ("8.9", Severity.HIGH),
        ("7.0", Severity.HIGH),
        ("6.9", Severity.MEDIUM),
        ("4.0", Severity.MEDIUM),
        ("0.1", Severity.LOW),
        ("0.0", Severity.INFO),
        (5.5, Severity.MEDIUM),
        ("nan", Severity.HIGH),
        ("11", Severity.HIGH),
        ("-1", Severity.HIGH),
        ("high", Severity.HIGH),
        ([], Severity.HIGH),
        (True, Severity.HIGH),
        ("9" * 400, Severity.HIGH),
    ],
)
def test_a_security_severity_counts_before_the_level_where_it_is_a_score(
    score: Any, severity: Severity, tmp_path: Path
) -> None:
    rule = {"id": "R1", "properties": {"security-severity": score}}
    data = log(result(level="error"), driver={"rules": [rule]})
    assert sighting(data, tmp_path).severity is severity


@pytest.mark.parametrize(
    ("properties", "severity"),
    [
        ({"issue_severity": "LOW", "issue_confidence": "HIGH"}, Severity.LOW),
        ({"zizmor/severity": "High"}, Severity.HIGH),
        ({"zizmor/severity": "Informational"}, Severity.INFO),
        ({"severity": "CRITICAL"}, Severity.CRITICAL),
        ({"severity": 3}, Severity.MEDIUM),
        ({"severity": "blocker!"}, Severity.MEDIUM),
        ({"security-severity": "9.1"}, Severity.CRITICAL),
        ({}, Severity.MEDIUM),
    ],
)
def test_what_the_tool_says_of_the_result_itself_counts_first(
    properties: dict[str, Any], severity: Severity, tmp_path: Path
) -> None:
    rule = {"id": "R1", "defaultConfiguration": {"level": "warning"}}
    data = log(result(properties=properties), driver={"rules": [rule]})
    assert sighting(data, tmp_path).severity is severity


@pytest.mark.parametrize("tool", ["Checkov", "ty"])
def test_tools_that_call_everything_an_error_are_not_believed(tool: str, tmp_path: Path) -> None:
    data = log(result(level="error"), driver={"name": tool})
    assert sighting(data, tmp_path).severity is Severity.MEDIUM


@pytest.mark.parametrize(
    ("tool", "rule", "severity"),
    [
        ("ruff", "S602", Severity.HIGH),
        ("ruff", "S603", Severity.LOW),
        ("ruff", "B006", Severity.MEDIUM),
        ("ruff", "E501", Severity.LOW),
        ("Bandit", "B307", Severity.HIGH),
        ("Bandit", "B404", Severity.INFO),
        ("Bandit", "B999", Severity.MEDIUM),
    ],
)
def test_rules_of_ruff_and_bandit_are_as_severe_as_where_we_run_them(
    tool: str, rule: str, severity: Severity, tmp_path: Path
) -> None:
    own = {"issue_severity": "MEDIUM", "issue_confidence": "HIGH"} if tool == "Bandit" else {}
    data = log(result(ruleId=rule, level="error", properties=own), driver={"name": tool})
    assert sighting(data, tmp_path).severity is severity


def test_a_secret_without_any_level_is_high_and_one_with_a_level_is_that(tmp_path: Path) -> None:
    leak = log(result(), driver={"name": "gitleaks"})
    assert sighting(leak, tmp_path).severity is Severity.HIGH
    noted = log(result(level="note"), driver={"name": "gitleaks"})
    assert sighting(noted, tmp_path).severity is Severity.LOW


@pytest.mark.parametrize("kind", ["open", "review", "informational"])
def test_what_is_no_failure_is_info_at_most(kind: str, tmp_path: Path) -> None:
    assert sighting(log(result(kind=kind, level="error")), tmp_path).severity is Severity.INFO


def test_what_passed_or_is_gone_is_no_finding(tmp_path: Path) -> None:
    well = (result(kind="pass"), result(kind="notApplicable"), result(baselineState="absent"))
    found = scan(log(*well, result(kind="fail"), result(baselineState="unchanged")), tmp_path)
    assert len(found.sightings) == 2
    assert found.notes[-2].startswith("3 results of kind pass, notApplicable or absent left out")
