"""What the solution refuses of the body of POST /scenarios, in its words and its order."""

import re
from collections.abc import Iterator, Mapping
from typing import Any

from tests.loopback_dlt.errors import ApiError

TYPES = ("simple", "jmeter", "locust", "k6")
FILE_TYPES = ("none", "script", "zip")
TEST_ID = re.compile(r"[a-zA-Z0-9-]{1,128}")
_DURATION = re.compile(r"\d+[smhd]")


def check_body(body: Mapping[str, Any], regions: Mapping[str, Any]) -> None:
    """Check a body as a whole; ``regions`` are those that are set up.

    Raises:
        ApiError: with all that the schema finds, or the first that the code behind it stumbles on.
    """
    wrong = list(_violations(body))
    if wrong:
        raise ApiError(400, f"INVALID_REQUEST_BODY: {'; '.join(wrong)}")
    if body.get("scheduleStep"):
        return
    for one in body["testTaskConfigs"]:
        if one["region"] not in regions:
            raise ApiError(
                400,
                "InvalidRegionRequest: The region requested does not have a stored infrastructure "
                "configuration.",
            )
        most = body["regionalTaskDetails"].get(one["region"], {}).get("dltAvailableTasks", 0)
        if not 1 <= int(one["taskCount"]) <= most:
            said = f"Task count should be positive number between 1 to {most}."
            raise ApiError(400, f"InvalidParameter: {said}")
    first = body["testScenario"]["execution"][0]
    for name in ("ramp-up", "hold-for"):
        _parsed(name, first)


def _parsed(name: str, execution: Mapping[str, Any]) -> None:
    value = execution.get(name)
    if value is None:
        raise ApiError(400, "TypeError: Cannot read properties of undefined (reading 'match')")
    if isinstance(value, int):
        if value == 0:
            return
        said = "testDuration.match is not a function or its return value is not iterable"
        raise ApiError(400, f"TypeError: {said}")
    if value[-1] not in "sm":
        said = f"Invalid {name} unit, it should be either m or s."
        raise ApiError(400, f"InvalidParameter: {said}")


def _violations(body: Mapping[str, Any]) -> Iterator[str]:
    if "testId" in body and not TEST_ID.fullmatch(str(body["testId"])):
        yield "testId: testId must contain only alphanumeric characters and hyphens"
    for name, least in (("testName", 3), ("testDescription", 3)):
        if name not in body:
            yield f"{name}: Required"
        elif len(body[name]) < least:
            yield f"{name}: {name} must be at least {least} characters"
    if body.get("testType") not in TYPES:
        yield f"testType: testType must be one of: {', '.join(TYPES)}"
    if "fileType" in body and body["fileType"] not in FILE_TYPES:
        expected = " | ".join(f"'{one}'" for one in FILE_TYPES)
        said = f"Expected {expected}, received '{body['fileType']}'"
        yield f"fileType: Invalid enum value. {said}"
    yield from _task_violations(body)
    if "testScenario" not in body:
        yield "testScenario: Required"
    else:
        yield from _scenario_violations(body["testScenario"])
    if "regionalTaskDetails" not in body:
        yield "regionalTaskDetails: Required"
    if len(body.get("tags", ())) > 5:
        yield "tags: Maximum 5 tags allowed per scenario"


def _task_violations(body: Mapping[str, Any]) -> Iterator[str]:
    if "testTaskConfigs" not in body:
        yield "testTaskConfigs: Required"
    for index, one in enumerate(body.get("testTaskConfigs", ())):
        if not 1 <= int(one["concurrency"]) <= 25000:
            place = f"testTaskConfigs[{index}].concurrency"
            yield f"{place}: concurrency must be between 1 and 25000"


def _scenario_violations(scenario: Mapping[str, Any]) -> Iterator[str]:
    for index, one in enumerate(scenario["execution"]):
        for name in ("ramp-up", "hold-for"):
            if name in one:
                yield from _duration_violations(f"testScenario.execution[{index}].{name}", one)
    for name, one in scenario["scenarios"].items():
        requests = one.get("requests", ())
        if len(requests) > 100:
            yield f"testScenario.scenarios.{name}.requests: Maximum 100 requests allowed"
        for index, request in enumerate(requests):
            place = f"testScenario.scenarios.{name}.requests[{index}]"
            if not re.match(r"https?://|\$\{", request.get("url", "")):
                yield f"{place}.url: url must be a valid HTTP/HTTPS URL"
            if not isinstance(request.get("body", ""), str):
                yield f"{place}.body: Expected string, received object"


def _duration_violations(place: str, execution: Mapping[str, Any]) -> Iterator[str]:
    name = place.rpartition(".")[2]
    value = execution[name]
    if value is None:
        yield f"{place}: Invalid input"
    elif isinstance(value, str) and not _DURATION.fullmatch(value):
        said = f"{place}: {name} must be in format: number followed by s, m, h, or d"
        yield from (said, said)  # each half of the schema's union says it
    elif name == "hold-for" and isinstance(value, str) and int(value[:-1]) == 0:
        yield f"{place}: {name} must be greater than 0"
