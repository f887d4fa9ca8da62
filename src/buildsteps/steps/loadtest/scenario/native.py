"""A scenario in our own form, in ``buildsteps.yaml`` or a file of its own."""

import re
from pathlib import Path

from buildsteps import typed
from buildsteps.results import Location
from buildsteps.steps.loadtest.scenario import limits
from buildsteps.steps.loadtest.scenario.document import (
    BaselineDocument,
    ChecksDocument,
    ScenarioDocument,
    ScriptDocument,
    ThresholdsDocument,
)
from buildsteps.steps.loadtest.scenario.durations import duration
from buildsteps.steps.loadtest.scenario.identity import check_id, stable_id
from buildsteps.steps.loadtest.scenario.model import (
    Baseline,
    Check,
    Local,
    Region,
    Request,
    Scenario,
    Script,
)
from buildsteps.steps.loadtest.scenario.places import at
from buildsteps.steps.loadtest.scenario.remarks import Remarks
from buildsteps.steps.loadtest.scenario.requests import Requests
from buildsteps.steps.loadtest.scenario.scripts import check_ramp_up, script_of
from buildsteps.steps.loadtest.scenario.variables import Variables
from buildsteps.yaml_document import Node

_SHARE = re.compile(r"([0-9]{1,4}(?:\.[0-9]{1,4})?) ?%")
_MAX_TASKS = 2000
_MAX_RUNS = 100


def read_native(
    node: Node, default_name: str, folder: Path, variables: Variables, remarks: Remarks
) -> Scenario:
    """Make a scenario of ``node``; a script's path is relative to ``folder``.

    What is wrong is noted in ``remarks``, except where the shape itself is.

    Raises:
        UsageError: the shape is wrong, with file and line.
    """
    document: ScenarioDocument = typed.convert(node, ScenarioDocument)
    name = document.name or default_name
    limits.check_name(name, at(node, "name"), remarks)
    description = document.description or f"Load test {name}"
    limits.check_description(description, at(node, "description"), remarks)
    limits.check_tags(document.tags, at(node, "tags"), remarks)
    limits.check_number(
        document.concurrency, 1, limits.MAX_CONCURRENCY, "concurrency", at(node, "concurrency"),
        remarks,
    )  # fmt: skip
    limits.check_number(document.tasks, 1, _MAX_TASKS, "tasks", at(node, "tasks"), remarks)
    if document.test_id:
        check_id(document.test_id, at(node, "test_id"), remarks)
    ramp_up = duration(document.ramp_up, "ramp_up", at(node, "ramp_up"), remarks)
    hold_for = duration(document.hold_for, "hold_for", at(node, "hold_for"), remarks)
    if not hold_for and not remarks.mistakes:
        remarks.wrong("hold_for must be longer than nothing", at(node, "hold_for"))
    texts, places = _thresholds(document.thresholds, node, "thresholds")
    script = _script(document, node, folder, remarks)
    check_ramp_up(script, ramp_up, at(node, "ramp_up"), remarks)
    return Scenario(
        name=name,
        requests=_requests(document, node, variables, remarks),
        script=script,
        concurrency=document.concurrency,
        tasks=document.tasks,
        regions=_regions(document, node, remarks),
        ramp_up=ramp_up,
        hold_for=hold_for,
        description=description,
        tags=document.tags,
        warm_up=duration(document.warm_up, "warm_up", at(node, "warm_up"), remarks),
        thresholds=texts,
        local=_local(document, node, remarks),
        test_id=document.test_id or stable_id(name),
        baseline=_baseline(document.baseline, node, remarks),
        place=node.location,
        threshold_places=places,
    )


def _requests(
    document: ScenarioDocument, node: Node, variables: Variables, remarks: Remarks
) -> tuple[Request, ...]:
    if bool(document.requests) == bool(document.script):
        both = "both requests and a script" if document.script else "neither requests nor a script"
        remarks.wrong(f"the scenario has {both}; it needs one of them", node.location)
    if document.requests:
        limits.check_count(len(document.requests), at(node, "requests"), remarks)
    reader = Requests(variables, remarks)
    found = []
    for number, one in enumerate(document.requests[: limits.MAX_REQUESTS]):
        own = node.value["requests"].value[number]
        request = reader.read(
            own,
            url=one.url,
            method=one.method,
            name=one.name,
            headers=one.headers,
            body=one.body,
            check=_check(one.checks),
        )
        reader.warn_of_secrets(own, request)
        found.append(request)
    return tuple(found)


def _check(document: ChecksDocument) -> Check:
    status = document.status
    known = () if status is None else (status,) if isinstance(status, int) else status
    return Check(status=known, body_contains=document.body_contains)


def _script(
    document: ScenarioDocument, node: Node, folder: Path, remarks: Remarks
) -> Script | None:
    if not document.script:
        return None
    place = at(node, "script", "path")
    if isinstance(document.script, ScriptDocument):
        return script_of(folder / document.script.path, document.script.kind, place, remarks)
    return script_of(folder / document.script, None, place, remarks)


def _regions(document: ScenarioDocument, node: Node, remarks: Remarks) -> tuple[Region, ...]:
    found = []
    for name, given in document.regions.items():
        place = at(node, "regions", name)
        limits.check_region(name, place, remarks)
        tasks = given.tasks if given and given.tasks is not None else document.tasks
        users = given.concurrency if given and given.concurrency is not None else None
        concurrency = document.concurrency if users is None else users
        limits.check_number(tasks, 1, _MAX_TASKS, "tasks", place, remarks)
        limits.check_number(concurrency, 1, limits.MAX_CONCURRENCY, "concurrency", place, remarks)
        found.append(Region(region=name, tasks=tasks, concurrency=concurrency))
    return tuple(found)


def _local(document: ScenarioDocument, node: Node, remarks: Remarks) -> Local:
    local = document.local
    if local.users is not None:
        limits.check_number(
            local.users, 1, limits.MAX_CONCURRENCY, "users", at(node, "local", "users"), remarks
        )

    def seconds(text: str | None, key: str) -> float | None:
        if text is None:
            return None
        return duration(text, key, at(node, "local", key), remarks)

    texts, places = _thresholds(local.thresholds or (), node, "local", "thresholds")
    hold_for = seconds(local.hold_for, "hold_for")
    if hold_for == 0 and not remarks.mistakes:
        remarks.wrong("hold_for must be longer than nothing", at(node, "local", "hold_for"))
    return Local(
        users=local.users,
        ramp_up=seconds(local.ramp_up, "ramp_up"),
        hold_for=hold_for,
        thresholds=None if local.thresholds is None else texts,
        threshold_places=places,
    )


def _baseline(document: BaselineDocument | None, node: Node, remarks: Remarks) -> Baseline | None:
    if document is None:
        return None
    share = _SHARE.fullmatch(document.tolerance.strip())
    if share is None:
        place = at(node, "baseline", "tolerance")
        remarks.wrong("tolerance is a share, such as `10%`", place)
    limits.check_number(document.last, 1, _MAX_RUNS, "last", at(node, "baseline", "last"), remarks)
    if not 0 <= document.mads <= _MAX_RUNS:
        remarks.wrong(f"mads must be 0 to {_MAX_RUNS}", at(node, "baseline", "mads"))
    return Baseline(
        last=document.last,
        mads=document.mads,
        tolerance=float(share[1]) / 100 if share else 0.0,
        metrics=document.metrics,
    )


def _thresholds(
    documents: ThresholdsDocument, node: Node, *steps: str
) -> tuple[tuple[str, ...], tuple[Location, ...]]:
    """The thresholds as texts, and where each stands."""
    texts: list[str] = []
    places: list[Location] = []
    for number, one in enumerate(documents):
        if isinstance(one, str):
            texts.append(one)
            places.append(at(node, *steps, number))
            continue
        for level in ("warn", "fail"):
            if text := getattr(one, level):
                texts.append(f"{level}: {text}")
                places.append(at(node, *steps, number, level))
    return tuple(texts), tuple(places)
