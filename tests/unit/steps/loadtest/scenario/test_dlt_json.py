"""DLT's own JSON, taken as it is, mended where only one thing can be meant."""

import json
from pathlib import Path
from typing import Any

import pytest

from tests.unit.steps.loadtest.scenario.reader import mistakes, read_text

SAMPLE: dict[str, Any] = {
    "testName": "sampleScenario",
    "testDescription": "sampleTestForBlog",
    "testTaskConfigs": [{"concurrency": "1", "taskCount": "1", "region": "us-east-1"}],
    "testScenario": {
        "execution": [{"ramp-up": "0m", "hold-for": "30s", "scenario": "sampleScenario"}],
        "scenarios": {
            "sampleScenario": {
                "requests": [{"url": "", "method": "GET", "body": {}, "headers": {}}]
            }
        },
    },
    "showLive": False,
    "testType": "simple",
    "fileType": "",
}
"""The payload of AWS's sample pipeline."""

FILE = "startTestPayload.json"
SET = {"APP_END_POINT": "https://app.test/prod/"}


def changed(**changes: Any) -> dict[str, Any]:
    """A payload that DLT would take, with changes; a key with None is left out."""
    whole = json.loads(json.dumps(SAMPLE))
    whole["fileType"] = "none"
    whole["regionalTaskDetails"] = {"us-east-1": {"dltAvailableTasks": 5}}
    request = whole["testScenario"]["scenarios"]["sampleScenario"]["requests"][0]
    request.update(url="https://example.com/x", body="")
    whole.update(changes)
    return {key: value for key, value in whole.items() if value is not None}


def with_execution(**changes: Any) -> dict[str, Any]:
    whole = changed()
    execution = whole["testScenario"]["execution"][0]
    execution.update(changes)
    for key in [key for key, value in execution.items() if value is None]:
        del execution[key]
    return whole


def with_requests(*requests: Any) -> dict[str, Any]:
    whole = changed()
    whole["testScenario"]["scenarios"]["sampleScenario"]["requests"] = list(requests)
    return whole


def test_the_samples_payload_works_as_it_stands_and_what_is_mended_is_said(tmp_path: Path) -> None:
    reading = read_text(tmp_path, json.dumps(SAMPLE, indent=2), name=FILE, scenario="", environ=SET)
    scenario = reading.scenario
    assert scenario.requests[0].url == "https://app.test/prod/"
    assert (scenario.concurrency, scenario.tasks, scenario.hold_for) == (1, 1, 30.0)
    assert {one.message for one in reading.findings} == {
        "the url is that of the variable APP_END_POINT",
        "an empty body is sent as none",
        '`fileType` is empty; "none" is sent',
        "`regionalTaskDetails` is missing; it is filled in when the test is sent",
    }
    assert all(one.locations[0].path == FILE for one in reading.findings)


def test_the_payload_that_is_sent_is_the_users_with_what_was_mended(tmp_path: Path) -> None:
    payload = read_text(tmp_path, json.dumps(SAMPLE), name=FILE, environ=SET).scenario.payload
    assert payload["fileType"] == "none"
    assert payload["testTaskConfigs"] == [{"region": "us-east-1", "taskCount": 1, "concurrency": 1}]
    part = payload["testScenario"]["scenarios"]["sampleScenario"]
    assert part["requests"] == [
        {"url": "https://app.test/prod/", "method": "GET", "body": "", "headers": {}}
    ]
    assert payload["showLive"] is False
    assert payload["testId"].isalnum()


def test_a_payload_that_dlt_takes_is_not_mended(tmp_path: Path) -> None:
    whole = changed(healthyThreshold=80, testId="abcdefghij", tags=["ci"])
    reading = read_text(tmp_path, json.dumps(whole), name=FILE)
    assert reading.findings == ()
    assert reading.scenario.payload["healthyThreshold"] == 80
    assert reading.scenario.test_id == "abcdefghij"
    assert reading.scenario.tags == ("ci",)


def test_an_exported_scenario_is_read_and_its_past_is_left_out(tmp_path: Path) -> None:
    whole = changed(
        status="complete", startTime="2026-01-01 10:00:00", results={"total": {}}, history=[]
    )
    whole["testScenario"] = json.dumps(whole["testScenario"])
    reading = read_text(tmp_path, json.dumps(whole), name=FILE)
    assert reading.findings == ()
    assert "status" not in reading.scenario.payload
    assert reading.scenario.requests[0].url == "https://example.com/x"


def test_what_has_no_effect_is_said(tmp_path: Path) -> None:
    whole = changed(cronValue="0 3 * * *", reporting=[], saveOnly=True)
    messages = [one.message for one in read_text(tmp_path, json.dumps(whole), name=FILE).findings]
    assert messages == [
        "`cronValue` has no effect: the test runs now, once",
        "`reporting` is not sent: Distributed Load Testing has no such field",
        "`saveOnly` has no effect: the test runs now, once",
    ]


@pytest.mark.parametrize(
    ("whole", "said"),
    [
        (with_execution(**{"hold-for": "1h"}), "`1h` is no hold-for"),
        (with_execution(**{"hold-for": 30}), "`hold-for` must be text with a unit, such as `30s`"),
        (with_execution(**{"hold-for": None}), "`hold-for` is missing"),
        (with_execution(**{"hold-for": "0s"}), "`hold-for` must be longer than nothing"),
        (with_execution(scenario="other"), "no scenario `other` here, only `sampleScenario`"),
        (changed(testType="gatling"), "`testType` must be one of"),
        (changed(fileType="exe"), "`fileType` must be one of"),
        (changed(testName="ab"), "the name must have 3 to 255 characters"),
        (changed(testName=5), "`testName` must be text"),
        (changed(testTaskConfigs=None), "`testTaskConfigs` must be a list of regions"),
        (
            changed(
                testTaskConfigs=[{"region": "us-east-1", "taskCount": 1, "concurrency": 30000}]
            ),
            "`concurrency` must be 1 to 25,000, not 30,000",
        ),
        (
            changed(testTaskConfigs=[{"region": "us-east-1", "taskCount": "many"}]),
            "`taskCount` must be a whole number",
        ),
        (changed(tags=["a"] * 6), "at most 5 tags"),
        (changed(testScenario="no json"), "text that is not JSON"),
        (changed(testScenario=[]), "`testScenario` must be a mapping"),
        (changed(testScenario={}), "`execution` must be a list of one"),
        (changed(testScenario={"execution": [{"scenario": "x"}]}), "`scenarios` is missing"),
        (with_requests(), "a scenario has 1 to 100 requests, not 0"),
        (with_requests("x"), "a request must be a mapping"),
        (with_requests({"url": "ftp://x"}), "must be an http:// or https:// address"),
        (with_requests({"url": "http://x", "headers": ["a"]}), "headers must be a mapping"),
        (with_requests({"url": "http://x", "headers": {"a": {}}}), "the header a must be text"),
    ],
)
def test_what_dlt_would_refuse_is_refused_here_with_its_place(
    tmp_path: Path, whole: dict[str, Any], said: str
) -> None:
    told = mistakes(tmp_path, json.dumps(whole, indent=2), name=FILE)
    assert said in told
    assert f"{FILE}:" in told


def test_two_executions_are_refused(tmp_path: Path) -> None:
    whole = changed()
    whole["testScenario"]["execution"] *= 2
    assert "`execution` has 2 entries" in mistakes(tmp_path, json.dumps(whole), name=FILE)


def test_a_missing_ramp_up_is_mended(tmp_path: Path) -> None:
    whole = with_execution(**{"ramp-up": None})
    reading = read_text(tmp_path, json.dumps(whole), name=FILE)
    assert reading.scenario.payload["testScenario"]["execution"][0]["ramp-up"] == "0s"
    assert "`ramp-up` is missing; 0s is sent" in reading.findings[0].message


def test_a_variable_that_nobody_set_is_left_for_the_engine(tmp_path: Path) -> None:
    whole = with_requests({"url": "https://${HOST}/${__UUID()}", "method": "GET"})
    scenario = read_text(
        tmp_path, json.dumps(whole), name=FILE, environ={"HOST": "h.test"}
    ).scenario
    assert scenario.requests[0].url == "https://h.test/${__UUID()}"


def test_the_samples_address_is_not_used_for_one_of_several_requests(tmp_path: Path) -> None:
    whole = with_requests({"url": "http://a.test/"}, {"url": "http://b.test/"})
    reading = read_text(tmp_path, json.dumps(whole), name=FILE, environ=SET)
    assert [one.url for one in reading.scenario.requests] == ["http://a.test/", "http://b.test/"]
    assert "APP_END_POINT is not used, because there are 2 requests" in reading.findings[0].message


def test_a_script_is_taken_from_beside_the_file_or_left_where_it_is(tmp_path: Path) -> None:
    whole = changed(testType="jmeter", fileType="script")
    whole["testScenario"]["scenarios"]["sampleScenario"] = {"script": "abc.jmx"}
    stored = read_text(tmp_path, json.dumps(whole), name=FILE).scenario.script
    (tmp_path / "abc.jmx").write_text("<x/>")
    beside = read_text(tmp_path, json.dumps(whole), name=FILE).scenario.script
    assert stored is not None
    assert beside is not None
    assert (stored.kind, stored.path) == ("jmeter", "")
    assert beside.path == str(tmp_path / "abc.jmx")


def test_a_script_outside_the_folder_is_not_read(tmp_path: Path) -> None:
    (tmp_path / "abc.jmx").write_text("<x/>")
    (tmp_path / "sub").mkdir()
    whole = changed(testType="jmeter", fileType="script")
    whole["testScenario"]["scenarios"]["sampleScenario"] = {"script": "../abc.jmx"}
    script = read_text(tmp_path, json.dumps(whole), name=f"sub/{FILE}").scenario.script
    assert script is not None
    assert script.path == ""


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "holds no scenario: it is empty"),
        ("{", "not valid JSON"),
        ("[1]", "expected a scenario, found a list"),
        ("{} {}", "holds more than one document"),
        ("[" * 5000, "nested more than"),
    ],
)
def test_a_file_that_is_no_json_of_a_scenario_is_refused(
    tmp_path: Path, text: str, said: str
) -> None:
    assert said in mistakes(tmp_path, text, name=FILE)


def test_json_within_json_that_is_nested_without_end_is_refused(tmp_path: Path) -> None:
    whole = changed(testScenario="[" * 100_000)
    assert "text that is not JSON" in mistakes(tmp_path, json.dumps(whole), name=FILE)
