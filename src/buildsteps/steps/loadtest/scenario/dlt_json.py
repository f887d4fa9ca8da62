"""A scenario in DLT's own JSON: the body of ``POST /scenarios``, or one that was exported."""

import json
from pathlib import Path
from typing import Any

from buildsteps.errors import UsageError
from buildsteps.results import Location
from buildsteps.steps.loadtest.scenario import limits
from buildsteps.steps.loadtest.scenario.durations import duration
from buildsteps.steps.loadtest.scenario.identity import check_id, stable_id
from buildsteps.steps.loadtest.scenario.model import Region, Request, Scenario, Script, ScriptKind
from buildsteps.steps.loadtest.scenario.places import at, below
from buildsteps.steps.loadtest.scenario.remarks import Remarks
from buildsteps.steps.loadtest.scenario.requests import Requests
from buildsteps.steps.loadtest.scenario.scripts import check_ramp_up, script_of
from buildsteps.steps.loadtest.scenario.variables import Variables
from buildsteps.yaml_document import Node

MARK = "testScenario"
"""The key that no scenario of our own has."""

ADDRESS = "APP_END_POINT"
"""The variable of AWS's sample that holds the address of the only request."""

_TYPES: dict[str, ScriptKind | None] = {
    "simple": None,
    "locust": "locust",
    "jmeter": "jmeter",
    "k6": "k6",
}
_FILE_TYPES = ("none", "script", "zip")
_KEPT = (
    "testId", "testName", "testDescription", "testType", "fileType", "showLive", "tags",
    "healthyThreshold", "testTaskConfigs", "regionalTaskDetails", "testScenario",
)  # fmt: skip
_OF_A_ROW = (
    "status", "startTime", "endTime", "completeTime", "errorReason", "history", "results",
    "completeTasks", "tasksPerRegion", "testRunId", "nextRun", "totalRequests", "totalDuration",
    "baselineId", "succPercent", "taskArns", "metricS3Location", "lastRun", "createdDate",
)  # fmt: skip
_SCHEDULE = (
    "scheduleStep", "scheduleDate", "scheduleTime", "scheduleTimezone", "cronValue",
    "cronExpiryDate", "recurrence", "scheduleRecurrence", "saveOnly",
)  # fmt: skip


def is_dlt_json(node: Node) -> bool:
    """Whether this is DLT's form, not ours."""
    return isinstance(node.value, dict) and MARK in node.value


def read_dlt_json(node: Node, folder: Path, variables: Variables, remarks: Remarks) -> Scenario:
    """Make a scenario of DLT's JSON; a script is looked for in ``folder``.

    What only one thing can be meant by is mended and said, the rest of what DLT would refuse is
    noted as mistakes.
    """
    return _Reader(node, folder, variables, remarks).scenario()


class _Reader:
    def __init__(self, node: Node, folder: Path, variables: Variables, remarks: Remarks) -> None:
        self.node, self.folder = node, folder
        self.variables, self.remarks = variables, remarks
        self.test = _unpacked(node)

    def scenario(self) -> Scenario:
        self.note_unused()
        name = self.text(self.node, "testName")
        limits.check_name(name, at(self.node, "testName"), self.remarks)
        description = self.text(self.node, "testDescription") or f"Load test {name}"
        limits.check_description(description, at(self.node, "testDescription"), self.remarks)
        test_id = self.text(self.node, "testId")
        if test_id:
            check_id(test_id, at(self.node, "testId"), self.remarks)
        execution, part = self.execution()
        ramp_up = self.seconds(execution, "ramp-up", "0s")
        hold_for = self.seconds(execution, "hold-for", "")
        script = self.script(part)
        check_ramp_up(script, ramp_up, at(execution, "ramp-up"), self.remarks)
        regions = self.regions()
        tags = self.tags()
        scenario = Scenario(
            name=name,
            requests=() if script else self.requests(part),
            script=script,
            concurrency=max((one.concurrency for one in regions), default=1),
            tasks=max((one.tasks for one in regions), default=1),
            regions=regions,
            ramp_up=ramp_up,
            hold_for=hold_for,
            description=description,
            tags=tags,
            test_id=test_id or stable_id(name),
            place=self.node.location,
        )
        return _with_payload(scenario, self.payload(scenario))

    def note_unused(self) -> None:
        """Say which keys have no effect; those of a stored test are nobody's wish."""
        for key in self.node.value:
            if key in _SCHEDULE:
                self.remarks.ignored(
                    f"`{key}` has no effect: the test runs now, once", self.node.keys.get(key)
                )
            elif key not in _KEPT and key not in _OF_A_ROW:
                self.remarks.ignored(
                    f"`{key}` is not sent: Distributed Load Testing has no such field",
                    self.node.keys.get(key),
                )

    def text(self, node: Node, key: str) -> str:
        found = below(node, key)
        if found is None or found.value is None:
            return ""
        if not isinstance(found.value, str):
            self.remarks.wrong(f"`{key}` must be text, not {found.found()}", found.location)
            return ""
        return found.value

    def execution(self) -> tuple[Node, Node]:
        """What runs, and the scenario it names."""
        listed = self.the_one(below(self.test, "execution"), "execution")
        named = self.text(listed, "scenario")
        scenarios = below(self.test, "scenarios")
        found = below(scenarios, named) if scenarios is not None else None
        if found is None:
            if scenarios is None or not isinstance(scenarios.value, dict):
                raise UsageError("`scenarios` is missing in `testScenario`", self.test.location)
            known = ", ".join(f"`{one}`" for one in scenarios.value) or "none"
            place = at(listed, "scenario")
            raise UsageError(f"there is no scenario `{named}` here, only {known}", place)
        return listed, found

    def the_one(self, node: Node | None, what: str) -> Node:
        value = node.value if node is not None else None
        if node is None or not isinstance(value, list) or not value:
            raise UsageError(f"`{what}` must be a list of one", at(self.test, what))
        if len(value) > 1:
            raise UsageError(
                f"`{what}` has {len(value)} entries: their measurements could not be told apart, "
                "so make a scenario of each",
                node.location,
            )
        first = value[0]
        if not isinstance(first, Node) or not isinstance(first.value, dict):
            raise UsageError(f"`{what}` must hold a mapping", node.location)
        return first

    def seconds(self, execution: Node, key: str, default: str) -> float:
        found = below(execution, key)
        place = at(execution, key)
        if found is None or found.value is None:
            if default:
                self.remarks.mended(f"`{key}` is missing; {default} is sent", place)
                return 0.0
            self.remarks.wrong(f"`{key}` is missing", place)
            return 0.0
        if found.value == 0 and key == "ramp-up":
            return 0.0
        if not isinstance(found.value, str):
            self.remarks.wrong(
                f"`{key}` must be text with a unit, such as `30s`, not {found.found()}", place
            )
            return 0.0
        seconds = duration(found.value, key, place, self.remarks)
        if not seconds and not default and not self.remarks.mistakes:
            self.remarks.wrong(f"`{key}` must be longer than nothing", place)
        return seconds

    def script(self, part: Node) -> Script | None:
        kind = self.kind()
        given = below(part, "script")
        if given is None:
            if kind is not None:
                self.remarks.wrong("`script` is missing in the scenario", part.location)
            return None
        name = self.text(part, "script")
        if kind is None:
            self.remarks.wrong("a test of type simple has requests, no script", given.location)
            return None
        beside = self.folder / name
        if Path(name).name != name or not beside.is_file():
            return Script(kind=kind, path="")
        return script_of(beside, kind, given.location, self.remarks)

    def kind(self) -> ScriptKind | None:
        named = self.text(self.node, "testType")
        if named not in _TYPES:
            known = ", ".join(f"`{one}`" for one in _TYPES)
            place = at(self.node, "testType")
            self.remarks.wrong(f"`testType` must be one of {known}, not `{named}`", place)
            return None
        return _TYPES[named]

    def requests(self, part: Node) -> tuple[Request, ...]:
        listed = below(part, "requests")
        nodes = listed.value if listed is not None else None
        if not isinstance(nodes, list):
            self.remarks.wrong("`requests` must be a list", at(part, "requests"))
            return ()
        limits.check_count(len(nodes), at(part, "requests"), self.remarks)
        address = self.address(nodes, part)
        reader = Requests(self.variables, self.remarks)
        found = []
        for one in nodes[: limits.MAX_REQUESTS]:
            if not isinstance(one.value, dict):
                self.remarks.wrong("a request must be a mapping", one.location)
                continue
            body = below(one, "body")
            request = reader.read(
                one,
                url=address or self.text(one, "url"),
                method=self.text(one, "method") or "GET",
                headers=self.headers(one),
                body="" if body is None else body.plain(),
            )
            reader.warn_of_secrets(one, request)
            found.append(request)
        return tuple(found)

    def address(self, nodes: list[Node], part: Node) -> str:
        """The address that AWS's sample puts into its only request."""
        given = self.variables.environ.get(ADDRESS, "")
        if not given:
            return ""
        if len(nodes) == 1:
            place = at(nodes[0], "url")
            if below(nodes[0], "url") is None or self.text(nodes[0], "url") != given:
                self.remarks.mended(f"the url is that of the variable {ADDRESS}", place)
            return given
        self.remarks.ignored(
            f"the variable {ADDRESS} is not used, because there are {len(nodes)} requests: write "
            f"${{{ADDRESS}}} where it belongs",
            at(part, "requests"),
        )
        return ""

    def headers(self, request: Node) -> dict[str, str]:
        given = below(request, "headers")
        if given is None or given.value is None:
            return {}
        if not isinstance(given.value, dict):
            self.remarks.wrong(f"headers must be a mapping, not {given.found()}", given.location)
            return {}
        found = {}
        for name, value in given.value.items():
            if isinstance(value.value, dict | list):
                self.remarks.wrong(f"the header {name} must be text", value.location)
                continue
            found[name] = "" if value.value is None else str(value.plain())
        return found

    def regions(self) -> tuple[Region, ...]:
        listed = below(self.node, "testTaskConfigs")
        if listed is None or not isinstance(listed.value, list) or not listed.value:
            place = at(self.node, "testTaskConfigs")
            self.remarks.wrong("`testTaskConfigs` must be a list of regions", place)
            return ()
        found = []
        for one in listed.value:
            region = self.text(one, "region")
            limits.check_region(region, at(one, "region"), self.remarks)
            tasks = self.number(one, "taskCount", 2000)
            concurrency = self.number(one, "concurrency", limits.MAX_CONCURRENCY)
            found.append(Region(region=region, tasks=tasks, concurrency=concurrency))
        return tuple(found)

    def number(self, node: Node, key: str, most: int) -> int:
        """A count, which DLT also takes as text."""
        found = below(node, key)
        value = found.value if found is not None else None
        if isinstance(value, str) and value.isdecimal() and len(value) < 10:
            value = int(value)
        if not isinstance(value, int) or isinstance(value, bool):
            self.remarks.wrong(f"`{key}` must be a whole number", at(node, key))
            return 1
        limits.check_number(value, 1, most, f"`{key}`", at(node, key), self.remarks)
        return value

    def tags(self) -> tuple[str, ...]:
        given = below(self.node, "tags")
        if given is None or given.value is None:
            return ()
        if not isinstance(given.value, list) or any(
            not isinstance(one.value, str) for one in given.value
        ):
            self.remarks.wrong("`tags` must be a list of texts", given.location)
            return ()
        tags = tuple(one.value for one in given.value)
        limits.check_tags(tags, given.location, self.remarks)
        return tags

    def payload(self, scenario: Scenario) -> dict[str, Any]:
        """The body as DLT takes it: the user's, with what was mended."""
        given = self.node.plain()
        kept = {key: given[key] for key in _KEPT if key in given}
        kept["testId"] = scenario.test_id
        kept["testDescription"] = scenario.description
        kept["fileType"] = self.file_type(scenario)
        if "regionalTaskDetails" not in kept:
            self.remarks.mended(
                "`regionalTaskDetails` is missing; it is filled in when the test is sent",
                self.node.location,
            )
        kept["testTaskConfigs"] = [
            {"region": one.region, "taskCount": one.tasks, "concurrency": one.concurrency}
            for one in scenario.regions
        ]
        test = self.test.plain()
        execution = test["execution"][0]
        execution.setdefault("ramp-up", "0s")
        if not isinstance(execution["ramp-up"], str):
            execution["ramp-up"] = "0s"
        part = test["scenarios"][execution["scenario"]]
        for own, request in zip(part.get("requests") or (), scenario.requests, strict=False):
            own.update(url=request.url, method=request.method, body=request.body)
            own["headers"] = dict(request.headers)
        kept["testScenario"] = test
        return kept

    def file_type(self, scenario: Scenario) -> str:
        given = below(self.node, "fileType")
        meant = "none" if scenario.script is None else "script"
        if scenario.script is not None and scenario.script.path.endswith(".zip"):
            meant = "zip"
        if given is None or given.value is None:
            return meant
        if given.value == "":
            self.remarks.mended(f'`fileType` is empty; "{meant}" is sent', given.location)
            return meant
        if given.value not in _FILE_TYPES:
            known = ", ".join(f"`{one}`" for one in _FILE_TYPES)
            self.remarks.wrong(f"`fileType` must be one of {known}", given.location)
            return meant
        return str(given.value)


def _with_payload(scenario: Scenario, payload: dict[str, Any]) -> Scenario:
    from msgspec.structs import replace

    return replace(scenario, payload=payload)


def _unpacked(node: Node) -> Node:
    """The test itself; a stored row holds it as JSON in a text."""
    found = node.value[MARK]
    if isinstance(found.value, str):
        try:
            return _placed(json.loads(found.value), found.location)
        except (ValueError, RecursionError):
            raise UsageError(f"`{MARK}` is text that is not JSON", found.location) from None
    if not isinstance(found.value, dict):
        raise UsageError(f"`{MARK}` must be a mapping, not {found.found()}", found.location)
    part: Node = found
    return part


def _placed(value: Any, place: Location) -> Node:
    """A value without places, as nodes that all stand at ``place``."""
    if isinstance(value, dict):
        items = {key: _placed(item, place) for key, item in value.items()}
        return Node(items, place, dict.fromkeys(items, place))
    if isinstance(value, list):
        return Node([_placed(item, place) for item in value], place)
    return Node(value, place)
