"""A scenario as the body of POST /scenarios."""

import pytest
from msgspec.structs import replace

from buildsteps.errors import UsageError
from buildsteps.steps.loadtest.dlt.body import body_of, tasks_of, unheeded, written
from buildsteps.steps.loadtest.dlt.rows import TaskConfig
from buildsteps.steps.loadtest.scenario.model import Check, Request, Scenario, Script

SCENARIO = Scenario(
    name="orders",
    requests=(Request(url="https://a.example/x", headers={"x-a": "b"}, body="{}", method="POST"),),
    hold_for=30.0,
    tags=("ci",),
)
TASKS = (TaskConfig("eu-west-1", 2, 5),)


def test_requests_become_the_body_with_a_ramp_up_always() -> None:
    body = body_of(SCENARIO, TASKS, {"eu-west-1": {"dltAvailableTasks": 9}}, "[mark]")
    assert body == {
        "testId": "E8wMTTEKHo",
        "testName": "orders",
        "testDescription": "Load test orders [mark]",
        "testType": "simple",
        "fileType": "none",
        "showLive": False,
        "tags": ["ci"],
        "testTaskConfigs": [{"region": "eu-west-1", "taskCount": 2, "concurrency": 5}],
        "regionalTaskDetails": {"eu-west-1": {"dltAvailableTasks": 9}},
        "testScenario": {
            "execution": [{"ramp-up": "0s", "hold-for": "30s", "scenario": "orders"}],
            "scenarios": {
                "orders": {
                    "requests": [
                        {
                            "url": "https://a.example/x",
                            "method": "POST",
                            "headers": {"x-a": "b"},
                            "body": "{}",
                        }
                    ]
                }
            },
        },
    }


def test_a_body_of_the_users_own_is_kept_but_for_what_only_we_know() -> None:
    given = {"testName": "own", "showLive": True, "regionalTaskDetails": {"x": {}}, "testId": "no"}
    body = body_of(replace(SCENARIO, payload=given, test_id="chosen"), TASKS)
    assert (body["testName"], body["showLive"], body["testId"]) == ("own", True, "chosen")
    assert "regionalTaskDetails" not in body
    assert given["testId"] == "no"


@pytest.mark.parametrize(
    ("seconds", "text"),
    [(1.0, "1s"), (90.0, "90s"), (3600.0, "3600s"), (5400.0, "90m"), (86400.0, "1440m")],
)
def test_durations_are_in_the_form_that_every_version_takes(seconds: float, text: str) -> None:
    assert written(seconds, "hold-for", SCENARIO) == text


@pytest.mark.parametrize("seconds", [0.0, 0.5, 1.5, 3601.0, 90000.0, -1.0, float("inf"), 1e300])
def test_durations_that_dlt_would_refuse_or_round_are_refused(seconds: float) -> None:
    with pytest.raises(UsageError):
        written(seconds, "hold-for", SCENARIO)


def test_a_ramp_up_of_k6_which_dlt_would_lose_is_refused() -> None:
    script = Script(kind="k6", path="/tmp/load.js")
    with pytest.raises(UsageError, match="makes no ramp-up with k6"):
        body_of(replace(SCENARIO, script=script, requests=(), ramp_up=10.0), TASKS)


def test_without_any_region_nobody_knows_where_to_run() -> None:
    assert tasks_of(replace(SCENARIO, tasks=3), "us-east-1") == (TaskConfig("us-east-1", 3, 1),)
    with pytest.raises(UsageError, match="has no region"):
        tasks_of(SCENARIO, "")


def test_checks_that_dlt_does_not_make_are_said() -> None:
    checked = Request(url="https://a.example/", checks=Check(status=(200,)))
    (sentence,) = unheeded(replace(SCENARIO, requests=(checked,)))
    assert sentence.startswith("the checks of 1 requests count with the local engine only")
    assert unheeded(SCENARIO) == ()
