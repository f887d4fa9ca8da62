"""What a scanner says of its own run: a failure is a case, however empty its results are."""

from pathlib import Path
from typing import Any

import pytest

from buildsteps.results import Cause
from tests.sarif_logs import log, messages, result, scan

FILE = {"physicalLocation": {"artifactLocation": {"uri": "app.py"}, "region": {"startLine": 3}}}


def run(**invocation: Any) -> dict[str, Any]:
    """A run with one invocation."""
    return {"invocations": [{"executionSuccessful": True, **invocation}]}


@pytest.mark.parametrize(
    ("invocation", "said"),
    [
        ({"executionSuccessful": False}, "says that its run failed"),
        (
            {"executionSuccessful": False, "exitCode": 70, "exitCodeDescription": "no memory"},
            "says that its run failed: no memory; exit status 70",
        ),
        ({"exitSignalName": "SIGKILL"}, "says that its run failed: ended by SIGKILL"),
        (
            {"executionSuccessful": None, "exitCode": 2},
            "says that its run failed: exit status 2",
        ),
        (
            {"processStartFailureMessage": "no such program"},
            "says that its run failed: no such program",
        ),
    ],
)
def test_a_run_that_failed_is_the_worlds_fault(
    invocation: dict[str, Any], said: str, tmp_path: Path
) -> None:
    found = scan(log(**run(**invocation)), tmp_path)
    assert messages(found) == [said]
    assert found.cases[0].cause is Cause.WORLD
    assert found.partial


def test_a_run_that_failed_for_a_reason_that_it_tells_is_told_once(tmp_path: Path) -> None:
    note = {"level": "error", "message": {"text": "Parsing error"}, "locations": [FILE]}
    failed = run(executionSuccessful=False, toolConfigurationNotifications=[note])
    assert messages(scan(log(**failed), tmp_path)) == ["could not be scanned: Parsing error"]


def test_findings_of_a_run_that_failed_are_still_read(tmp_path: Path) -> None:
    found = scan(log(result(), **run(executionSuccessful=False)), tmp_path)
    assert (len(found.cases), len(found.sightings)) == (1, 1)


def test_an_exit_status_with_results_is_no_failure(tmp_path: Path) -> None:
    assert scan(log(result(), **run(exitCode=1)), tmp_path).cases == ()


@pytest.mark.parametrize("kind", ["toolExecutionNotifications", "toolConfigurationNotifications"])
def test_an_error_about_a_file_is_a_case_of_the_subject(kind: str, tmp_path: Path) -> None:
    note = {"level": "error", "message": {"text": "syntax error"}, "locations": [FILE]}
    (case,) = scan(log(**run(**{kind: [note]})), tmp_path).cases
    assert (case.name, case.cause, str(case.locations[0])) == ("app.py", Cause.SUBJECT, "app.py:3")
    assert case.message == "could not be scanned: syntax error"


def test_an_error_without_a_file_is_the_worlds_fault(tmp_path: Path) -> None:
    note = {"level": "error", "message": {"text": "no rules"}, "descriptor": {"id": "CFG1"}}
    (case,) = scan(log(**run(toolExecutionNotifications=[note])), tmp_path).cases
    assert (case.name, case.cause) == ("CFG1", Cause.WORLD)
    assert case.message == "reports an error: no rules"


def test_warnings_and_notes_of_a_tool_are_no_cases(tmp_path: Path) -> None:
    notes = [{"level": level, "message": {"text": "x"}} for level in ("warning", "note", None)]
    assert scan(log(**run(toolExecutionNotifications=notes)), tmp_path).cases == ()


def test_a_flood_of_errors_is_cut_and_counted(tmp_path: Path) -> None:
    note = {"level": "error", "message": {"text": "x"}}
    found = scan(log(**run(toolExecutionNotifications=[note] * 1000)), tmp_path)
    assert len(found.cases) == 201
    assert found.cases[-1].message == "reports 800 further errors"


@pytest.mark.parametrize(
    ("tool", "rule"), [("ruff", "invalid-syntax"), ("Hadolint", "DL1000"), ("cfn-lint", "E0000")]
)
def test_a_result_that_says_a_file_does_not_parse_is_a_case_not_a_finding(
    tool: str, rule: str, tmp_path: Path
) -> None:
    wrong = [result("app.py", line, ruleId=rule, level="error") for line in (1, 2)]
    found = scan(log(*wrong, driver={"name": tool}), tmp_path)
    assert found.sightings == []
    assert [str(case.locations[0]) for case in found.cases] == ["app.py:1"]
    assert found.cases[0].cause is Cause.SUBJECT


def test_a_flood_of_files_that_do_not_parse_is_counted_too(tmp_path: Path) -> None:
    wrong = [result(f"{number}.py", 1, ruleId="invalid-syntax") for number in range(300)]
    found = scan(log(*wrong, driver={"name": "ruff"}), tmp_path)
    assert len(found.cases) == 201
    assert found.cases[-1].message == "reports 100 further errors"


def test_files_that_a_tool_says_it_was_to_scan_are_read(tmp_path: Path) -> None:
    files = [
        {"location": {"uri": "clean.py"}, "roles": ["analysisTarget"]},
        {"location": {"uri": "seen.py"}},
    ]
    assert scan(log(artifacts=files), tmp_path).read == frozenset({"clean.py"})
    assert scan(log(artifacts=files[1:]), tmp_path).read is None
