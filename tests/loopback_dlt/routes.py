"""Which path is answered by what, and the rules on paths and queries."""

import json
import re
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from tests.loopback_aws.protocols.interface import Request
from tests.loopback_dlt.errors import ApiError, unknown_route

if TYPE_CHECKING:
    from tests.loopback_dlt.server import LoopbackDlt

_ROUTES = tuple(
    (re.compile(pattern), resource)
    for pattern, resource in (
        (r"/scenarios/?", "/scenarios"),
        (r"/scenarios/([^/]+)", "/scenarios/{testId}"),
        (r"/scenarios/([^/]+)/testruns", "/scenarios/{testId}/testruns"),
        (r"/scenarios/([^/]+)/testruns/([^/]+)", "/scenarios/{testId}/testruns/{testRunId}"),
        (r"/scenarios/([^/]+)/baseline", "/scenarios/{testId}/baseline"),
        (r"/regions", "/regions"),
        (r"/tasks", "/tasks"),
        (r"/vCPUDetails", "/vCPUDetails"),
        (r"/stack-info", "/stack-info"),
    )
)
_QUERIES: Mapping[str, Sequence[str]] = {
    "/scenarios": ("op", "tags"),
    "/scenarios/{testId}": ("history", "latest"),
    "/scenarios/{testId}/testruns": (
        "limit",
        "latest",
        "start_timestamp",
        "end_timestamp",
        "next_token",
    ),
    "/scenarios/{testId}/baseline": ("data",),
}
_SINCE_4 = ("/testruns", "/baseline", "/stack-info")


def route(dlt: "LoopbackDlt", request: Request) -> Any:
    """Answer a request that is signed; what it gives is the body, as data.

    Raises:
        ApiError, GatewayError: it is refused.
    """
    path = request.path.removeprefix(dlt.stage)
    if not request.path.startswith(dlt.stage) or (
        dlt.version.startswith("v3") and any(new in path for new in _SINCE_4)
    ):
        raise unknown_route()
    for pattern, resource in _ROUTES:
        if found := pattern.fullmatch(path):
            return _answer(dlt, resource, request, found.groups())
    raise unknown_route()


def _answer(dlt: "LoopbackDlt", resource: str, request: Request, names: Sequence[str]) -> Any:
    body = _body(request)
    query = {name: values[-1] for name, values in request.query.items()}
    if names and not re.fullmatch(r"[a-zA-Z0-9-]{1,128}", names[0]):
        said = "testId must contain only alphanumeric characters and hyphens"
        raise ApiError(400, f"INVALID_PATH_PARAMETER: {said}")
    unknown = [name for name in query if name not in _QUERIES.get(resource, ())]
    if unknown and not dlt.version.startswith("v3"):
        said = f"value: Unrecognized key(s) in object: '{unknown[0]}'"
        raise ApiError(400, f"INVALID_QUERY_PARAMETER: {said}")
    given = _perform(dlt, request.method, resource, names, query, body)
    if given is None:
        said = f"Method: {request.method} not supported for this resource: {resource}"
        raise ApiError(405, f"METHOD_NOT_ALLOWED: {said}")
    return given


def _body(request: Request) -> Any:
    try:
        return json.loads(request.body) if request.body else None
    except ValueError as error:
        raise ApiError(400, "Invalid JSON in request body") from error


def _perform(
    dlt: "LoopbackDlt",
    method: str,
    resource: str,
    names: Sequence[str],
    query: Mapping[str, str],
    body: Any,
) -> Any:
    scenarios = dlt.scenarios
    match method, resource:
        case "GET", "/scenarios" if query.get("op") == "listRegions":
            return dlt.regions_answer()
        case "GET", "/scenarios":
            return scenarios.listed([t for t in query.get("tags", "").split(",") if t])
        case "POST", "/scenarios":
            return scenarios.create(body)
        case "GET", "/scenarios/{testId}":
            return scenarios.get(names[0], history=query.get("history") != "false")
        case "POST", "/scenarios/{testId}":
            return scenarios.cancel(names[0])
        case "DELETE", "/scenarios/{testId}":
            return scenarios.delete(names[0])
        case "GET", "/scenarios/{testId}/testruns":
            return scenarios.runs(names[0], query)
        case "DELETE", "/scenarios/{testId}/testruns":
            return scenarios.delete_runs(names[0], body)
        case "GET", "/scenarios/{testId}/testruns/{testRunId}":
            return scenarios.run(names[0], names[1])
        case "GET", "/scenarios/{testId}/baseline":
            return scenarios.baseline(names[0], data=query.get("data") != "false")
        case "PUT", "/scenarios/{testId}/baseline":
            return scenarios.set_baseline(names[0], body["testRunId"])
        case "DELETE", "/scenarios/{testId}/baseline":
            return scenarios.clear_baseline(names[0])
        case "GET", "/regions":
            return dlt.regions_answer()
        case "GET", "/tasks":
            return dlt.tasks_answer()
        case "GET", "/vCPUDetails":
            return dlt.capacity_answer()
        case "GET", "/stack-info":
            return dlt.stack_answer()
    return None
