import json
import re
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from jsonschema import Draft7Validator
from msgspec.structs import replace

from buildsteps.reporting.interface import Rendering
from buildsteps.reporting.sarif import artifact_location, render
from buildsteps.results import RunResult, Severity
from tests.unit.reporting.any_results import results
from tests.unit.reporting.golden_files import assert_golden
from tests.unit.reporting.samples import NOTHING_JUDGED, SAMPLES, STOPPED, WORLD_FAILED

SCHEMA = Path(__file__).parents[2] / "data/schemas/sarif-schema-2.1.0.json"
OFFICIAL = Draft7Validator(json.loads(SCHEMA.read_text(encoding="utf-8")))
URI_REFERENCE = re.compile(r"(?:[A-Za-z0-9._~!$&'()*+,;=:@/?#\[\]-]|%[0-9A-Fa-f]{2})+")


def text_of(result: RunResult) -> str:
    return "".join(render(result, Rendering()))


def run_of(result: RunResult) -> dict[str, Any]:
    log = json.loads(text_of(result).encode())
    OFFICIAL.validate(log)
    run = log["runs"][0]
    assert isinstance(run, dict)
    return run


@pytest.mark.parametrize("name", SAMPLES)
def test_the_report_of_a_run_is_the_golden_one_and_valid_sarif(name: str) -> None:
    assert_golden(text_of(SAMPLES[name]), f"{name}.sarif")
    run_of(SAMPLES[name])


@given(results)
def test_any_text_gives_valid_sarif_that_code_scanning_can_place(result: RunResult) -> None:
    run = run_of(result)
    rules = run["tool"]["driver"]["rules"]
    for sarif_result in run["results"]:
        assert rules[sarif_result["ruleIndex"]]["id"] == sarif_result["ruleId"]
        assert sarif_result["locations"]
        for location in sarif_result["locations"]:
            uri = location["physicalLocation"]["artifactLocation"]["uri"]
            assert URI_REFERENCE.fullmatch(uri)
    for rule in rules:
        assert URI_REFERENCE.fullmatch(rule.get("helpUri", "https://example.com/"))


@pytest.mark.parametrize(
    ("path", "uri", "relative"),
    [
        ("src/a b.py", "src/a%20b.py", True),
        ("50% off?#.md", "50%25%20off%3F%23.md", True),
        ("a:b/Straße", "a%3Ab/Stra%C3%9Fe", True),
        ("../up.py", "../up.py", True),
        ("caf\udce9.py", "caf%E9.py", True),
        ("/etc/a b", "file:///etc/a%20b", False),
        ("C:/src/ü.py", "file:///C:/src/%C3%BC.py", False),
        ("//host/share/x", "file://host/share/x", False),
    ],
)
def test_a_path_becomes_a_percent_encoded_uri(path: str, uri: str, relative: bool) -> None:
    expected = {"uri": uri} | ({"uriBaseId": "%SRCROOT%"} if relative else {})
    assert artifact_location(path) == expected


def test_a_finding_that_stops_is_one_result_of_level_error_with_its_own_severity() -> None:
    found = [r for r in run_of(STOPPED)["results"] if "permitted" in r["message"]["text"]]
    assert [(r["ruleId"], r["level"], r["properties"]["severity"]) for r in found] == [
        ("broad-action", "error", "medium")
    ]


def test_a_case_that_stops_is_a_result_named_for_its_kind() -> None:
    levels = {r["ruleId"]: r["level"] for r in run_of(STOPPED)["results"]}
    assert levels["parse-error"] == "error"
    assert levels["failed-case"] == "error"


def test_an_accepted_finding_is_suppressed_with_its_reason() -> None:
    suppressed = [r for r in run_of(STOPPED)["results"] if "suppressions" in r]
    assert [r["ruleId"] for r in suppressed] == ["broad-principal"]
    assert suppressed[0]["suppressions"][0]["justification"].startswith("a sandbox")


def test_what_has_no_place_in_a_file_is_placed_by_its_name() -> None:
    location = run_of(WORLD_FAILED)["results"][0]["locations"][0]["physicalLocation"]
    assert location["artifactLocation"]["uri"] == "stack%20payments"


def test_the_tables_are_a_property_of_the_run() -> None:
    assert run_of(SAMPLES["all-passed"])["properties"]["tables"] == [
        {
            "title": "Coverage",
            "columns": ["policy", "decided"],
            "rows": [["photo-owner", "2"], ["admins | all", "0"]],
        }
    ]


@pytest.mark.parametrize(
    ("result", "successful", "code"),
    [(STOPPED, True, 1), (NOTHING_JUDGED, False, 2), (WORLD_FAILED, False, 3)],
)
def test_the_invocation_says_whether_the_run_itself_succeeded(
    result: RunResult, successful: bool, code: int
) -> None:
    invocation = run_of(result)["invocations"][0]
    assert (invocation["executionSuccessful"], invocation["exitCode"]) == (successful, code)


SCANNED = SAMPLES["scanned"]


def rule_of(result: RunResult, name: str) -> dict[str, Any]:
    rules = run_of(result)["tool"]["driver"]["rules"]
    return next(rule for rule in rules if rule["id"] == name)


def test_a_rule_says_what_code_scanning_shows_of_it() -> None:
    rule = rule_of(SCANNED, "B602")
    assert rule["name"] == "subprocess_popen_with_shell_equals_true"
    assert rule["helpUri"] in rule["help"]["text"]
    assert rule["properties"] == {
        "tags": ["security", "external/cwe/cwe-078"],
        "security-severity": "8.0",
    }
    assert rule_of(SCANNED, "CVE-2024-3094")["properties"]["security-severity"] == "5.5"


def test_the_severity_of_a_rule_is_that_of_its_worst_finding() -> None:
    mild = [replace(one, severity=Severity.LOW) for one in SCANNED.report.findings]
    report = replace(SCANNED.report, cases=(), findings=[*mild, *SCANNED.report.findings])
    rule = rule_of(replace(SCANNED, report=report), "B602")
    assert rule["properties"]["security-severity"] == "8.0"


def test_a_rule_that_is_no_weakness_is_no_alert_of_security() -> None:
    findings = [replace(one, cwes=(), rule="E711", aliases=()) for one in SCANNED.report.findings]
    report = replace(SCANNED.report, findings=findings, cases=())
    assert "properties" not in rule_of(replace(SCANNED, report=report), "E711")


def test_a_result_says_whether_it_is_new_only_where_a_baseline_is_in_force() -> None:
    assert [r["baselineState"] for r in run_of(SCANNED)["results"]] == [
        "new", "new", "new", "unchanged", "new", "new",
    ]  # fmt: skip
    fresh = [replace(one, known=False) for one in SCANNED.report.findings]
    result = replace(SCANNED, report=replace(SCANNED.report, findings=fresh, facts={}))
    assert all("baselineState" not in one for one in run_of(result)["results"])


def test_a_region_has_the_source_without_numbers_and_carets() -> None:
    region = run_of(SCANNED)["results"][0]["locations"][0]["physicalLocation"]["region"]
    assert region["snippet"] == {"text": "import pickle"}
