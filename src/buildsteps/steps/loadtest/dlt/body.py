"""A scenario as the body of ``POST /scenarios``."""

import json
from collections.abc import Mapping, Sequence
from pathlib import PurePath
from typing import Any

from buildsteps.errors import UsageError
from buildsteps.steps.loadtest.dlt.rows import TaskConfig
from buildsteps.steps.loadtest.scenario.identity import stable_id
from buildsteps.steps.loadtest.scenario.model import Request, Scenario, Script

LONGEST_SECONDS, LONGEST_MINUTES = 3600, 1440


def test_id_of(scenario: Scenario) -> str:
    """The id under which history and baseline accumulate."""
    return scenario.test_id or stable_id(scenario.name)


test_id_of.__test__ = False  # type: ignore[attr-defined]


def tasks_of(scenario: Scenario, own_region: str) -> tuple[TaskConfig, ...]:
    """The load of each region; without any the stack's own carries it.

    Raises:
        UsageError: nobody knows which region that is.
    """
    if scenario.regions:
        return tuple(TaskConfig(one.region, one.tasks, one.concurrency) for one in scenario.regions)
    if not own_region:
        raise UsageError("the scenario has no region; write `regions:`", scenario.place)
    return (TaskConfig(own_region, scenario.tasks, scenario.concurrency),)


def body_of(
    scenario: Scenario,
    tasks: Sequence[TaskConfig],
    details: Mapping[str, Any] | None = None,
    mark: str = "",
) -> dict[str, Any]:
    """Give the body; ``mark`` goes behind the description, by which a run is known again.

    What is left out would be reset by DLT (tags, schedule, ``healthyThreshold`` to 90).

    Raises:
        UsageError: a duration that DLT does not take, or a ramp-up that it would lose.
    """
    description = scenario.description or f"Load test {scenario.name}"
    body = dict(scenario.payload) or _body(scenario)
    body["testId"] = test_id_of(scenario)
    body["testDescription"] = f"{description} {mark}".strip()
    body["testTaskConfigs"] = [
        {"region": one.region, "taskCount": one.task_count, "concurrency": one.concurrency}
        for one in tasks
    ]
    body.pop("regionalTaskDetails", None)
    if details is not None:
        body["regionalTaskDetails"] = dict(details)
    return _with_script(body, scenario)


def _body(scenario: Scenario) -> dict[str, Any]:
    kind = scenario.script.kind if scenario.script else "simple"
    execution: dict[str, Any] = {
        "ramp-up": written(scenario.ramp_up, "ramp-up", scenario),
        "hold-for": written(scenario.hold_for, "hold-for", scenario),
        "scenario": scenario.name,
    }
    if scenario.script:
        if kind == "k6" and scenario.ramp_up:
            raise UsageError(
                "Distributed Load Testing makes no ramp-up with k6, and cuts the run by it: leave "
                "it out",
                scenario.place,
            )
        execution["executor"] = kind
    parts: dict[str, Any] = {"requests": [_request(one) for one in scenario.requests]}
    return {
        "testName": scenario.name,
        "testType": kind,
        "fileType": file_type(scenario),
        "showLive": False,
        "tags": list(scenario.tags),
        "testScenario": {"execution": [execution], "scenarios": {scenario.name: parts}},
    }


def _request(one: Request) -> dict[str, Any]:
    return {"url": one.url, "method": one.method, "headers": dict(one.headers), "body": one.body}


def _with_script(body: dict[str, Any], scenario: Scenario) -> dict[str, Any]:
    """Name the script as it was uploaded; one that lies with DLT already keeps its name."""
    script = scenario.script
    if script is None or not script.path:
        return body
    test = json.loads(json.dumps(body["testScenario"]))
    named = test["execution"][0]["scenario"]
    test["scenarios"][named] = {"script": script_name(scenario, script)}
    return {**body, "testScenario": test}


def file_type(scenario: Scenario) -> str:
    """What DLT is told of the file that comes with the test."""
    if scenario.script is None:
        return "none"
    return "zip" if scenario.script.path.endswith(".zip") else "script"


def script_name(scenario: Scenario, script: Script) -> str:
    """The name of the script's object: the test's id, with the extension of the user's file."""
    return test_id_of(scenario) + PurePath(script.path).suffix.lower()


def written(seconds: float, what: str, scenario: Scenario) -> str:
    """A duration as every version takes it: ``Ns`` to an hour, ``Nm`` to a day.

    Raises:
        UsageError: it cannot be written so, or the test would last no time.
    """
    whole = int(min(seconds, 1e9)) if seconds == seconds else 0  # infinity, and NaN
    if what == "hold-for" and whole < 1:
        raise UsageError("hold-for must be at least a second", scenario.place)
    if whole == seconds and 0 <= whole <= LONGEST_SECONDS:
        return f"{whole}s"
    if whole == seconds and whole % 60 == 0 and whole // 60 <= LONGEST_MINUTES:
        return f"{whole // 60}m"
    raise UsageError(
        f"{what} of {seconds:g} s: Distributed Load Testing takes whole seconds up to an hour, and "
        "whole minutes up to a day",
        scenario.place,
    )


def unheeded(scenario: Scenario) -> tuple[str, ...]:
    """What the scenario says that this engine does not do, in sentences."""
    checked = [one for one in scenario.requests if one.checks.status or one.checks.body_contains]
    if not checked:
        return ()
    return (
        f"the checks of {len(checked)} requests count with the local engine only: for Distributed "
        "Load Testing an answer with a status below 400 is a success",
    )
