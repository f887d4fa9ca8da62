"""The Cedar CLI's ``run-tests`` file: a JSON list of requests with entities and expectations.

Its pass rule (cedar-policy-cli 4.12): the decision is equal, ``reason`` is a subset of the
determining policies, ``num_errors`` is the number of evaluation errors.
"""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import msgspec

from buildsteps.errors import UsageError
from buildsteps.nearest import suggestion
from buildsteps.results import Location
from buildsteps.source import SourceText
from buildsteps.steps.cedar.text import json_text
from buildsteps.steps.cedar.trials.entity_mistakes import shown_uid
from buildsteps.steps.cedar.trials.request import request_of
from buildsteps.steps.cedar.trials.trial import EntitySource, Expectation, Trial
from buildsteps.world import World

_KEYS = ("name", "request", "entities", "decision", "reason", "num_errors")


def run_tests_trials(path: Path, folder: Path, world: World) -> list[Trial]:
    """The tests of a file; one that cannot be read as a test is kept, with the reason.

    The suite is the file's path below the store's ``folder``.
    """
    shown = world.shown(path)
    group = path.relative_to(folder).as_posix() if path.is_relative_to(folder) else shown
    try:
        source = SourceText(shown, world.files.read_text(path))
        elements = json_text.decode(source)
    except UsageError as error:
        return [_broken(path.name, group, Location(path=shown), error)]
    offsets = json_text.element_offsets(source.text)
    return list(_trials(elements, offsets, group, source))


def _trials(
    elements: list[Any], offsets: list[int], group: str, source: SourceText
) -> Iterator[Trial]:
    taken: set[str] = set()
    for number, element in enumerate(elements):
        place = source.location(offsets[number] if number < len(offsets) else 0)
        name = f"test {number + 1}"
        if isinstance(element, Mapping) and isinstance(element.get("name"), str):
            name = element["name"]
        if name in taken:
            name = f"{name} #{number + 1}"
        taken.add(name)
        try:
            yield _trial(element, name, group, place, source)
        except UsageError as error:
            problem = UsageError(error.message, place, error.detail)
            yield _broken(name, group, place, problem)


def _broken(name: str, group: str, place: Location, error: UsageError) -> Trial:
    nothing = Expectation(decision="")
    return Trial(group=group, name=name, location=place, expected=nothing, error=error)


def _trial(element: Any, name: str, group: str, place: Location, source: SourceText) -> Trial:
    if not isinstance(element, Mapping) or not isinstance(element.get("request"), dict):
        raise UsageError("expected an object with `request`, `entities` and `decision`")
    for key in element:
        if key not in _KEYS:
            raise UsageError(f"unknown key `{key}`.{suggestion(key, _KEYS)}")
    entities = element.get("entities") or []
    if not isinstance(entities, list):
        raise UsageError("the key `entities` must be a list")
    _check_distinct(entities)
    return Trial(
        group=group,
        name=name,
        location=place,
        expected=_expected(element),
        request=request_of(element["request"], source),
        entities=EntitySource(overlay=msgspec.json.encode(entities).decode()),
    )


def _check_distinct(entities: list[Any]) -> None:
    """Refuse two different entities of one uid, as the CLI does; ours would become one."""
    first: dict[str, Any] = {}
    for number, entity in enumerate(entities):
        uid = shown_uid(entity, number)
        if first.setdefault(uid, entity) != entity:
            raise UsageError(f"entity {uid} is there twice, and not the same")


def _expected(element: Mapping[str, Any]) -> Expectation:
    decision = element.get("decision")
    if not isinstance(decision, str) or decision.upper() not in ("ALLOW", "DENY"):
        raise UsageError("the key `decision` must be allow or deny")
    reason = element.get("reason") or []
    if not isinstance(reason, list) or not all(isinstance(one, str) for one in reason):
        raise UsageError("the key `reason` must be a list of policy ids")
    errors = element.get("num_errors")
    if errors is not None and (not isinstance(errors, int) or isinstance(errors, bool)):
        raise UsageError("the key `num_errors` must be a number")
    return Expectation(
        decision=decision.upper(), reasons=frozenset(reason), exact=False, errors=errors
    )
