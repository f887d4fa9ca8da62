"""``unused-schema-type`` and ``unused-schema-action``: out of every policy's reach."""

from collections.abc import Iterator

from buildsteps.results import Location, Severity
from buildsteps.steps.cedar.linting.rule import Problem, Rule
from buildsteps.steps.cedar.linting.schema_places import SchemaPlaces
from buildsteps.steps.cedar.linting.subject import ActionGroups, Member, Subject
from buildsteps.steps.cedar.linting.terms import Uid, nodes
from buildsteps.steps.cedar.schemas.model import Action, EntityRef, Record, SchemaModel, SetOf, Type
from buildsteps.steps.cedar.text.entity_uids import uids_in


def _check_actions(subject: Subject) -> Iterator[Problem]:
    """Actions that no permit can allow, and groups that nothing names."""
    model = subject.model
    if model is None:
        return
    groups = ActionGroups(model)
    places = SchemaPlaces(subject)
    permitted, named = _named_actions(subject)
    for action in model.actions.values():
        (uid,) = uids_in(action.uid)
        reach = groups(uid) | {uid}
        if action.principals:
            if not (None in permitted or reach & permitted):
                message = f"no policy permits {action.uid}, so it is denied to everybody"
                yield _problem(message, places.of("action", action.name), action.uid)
        elif uid not in named and not _has_members(uid, model):
            message = f"{action.uid} applies to nothing, and no policy names it"
            yield _problem(message, places.of("action", action.name), action.uid)


def _has_members(group: Uid, model: SchemaModel) -> bool:
    return any(group in uids_in(one) for action in model.actions.values() for one in action.parents)


def _named_actions(subject: Subject) -> tuple[set[Uid | None], set[Uid]]:
    """The actions and groups that permits are about, None for all; and those that are named."""
    permitted: set[Uid | None] = set()
    named: set[Uid] = set()
    for one in subject.members:
        found = [known for known in one.constraints if len(known) > 2 and known[1] == "action"]
        uids = {uid for known in found if known[0] != "is" for uid in _uids(known[2])}
        named |= uids | set(_literals(one))
        if one.effect == "permit":
            permitted |= uids or {None}
    return permitted, named


def _uids(value: object) -> set[Uid]:
    return set(value) if isinstance(value, frozenset) else {value}  # type: ignore[arg-type]


def _literals(one: Member) -> Iterator[Uid]:
    """The entities that the conditions name."""
    for node in nodes(one.tree):
        value = node.get("Value")
        if isinstance(value, dict) and "__entity" in value:
            yield value["__entity"]["type"], value["__entity"]["id"]


def _check_types(subject: Subject) -> Iterator[Problem]:
    """Entity types that no action, no attribute within reach and no policy leads to."""
    model = subject.model
    if model is None:
        return
    reached = _reached(model, set(_in_policies(subject)))
    places = SchemaPlaces(subject)
    for name in model.entity_types:
        if name not in reached:
            message = f"no action, attribute or policy leads to the entity type {name}"
            yield _problem(message, places.of("entity", name), name)


def _in_policies(subject: Subject) -> Iterator[str]:
    """The types that policies name; a slot may be filled with any group of its variable."""
    for one in subject.members:
        for known in one.constraints:
            if len(known) > 2:
                yield from [known[2]] if known[0] == "is" else (uid[0] for uid in _uids(known[2]))
                if known[0] == "in" and known[2][0] == "" and subject.model:
                    yield from _groups_of(known[1], subject.model)
        yield from (uid[0] for uid in _literals(one))
        for node in nodes(one.tree):
            if "is" in node:
                yield node["is"]["entity_type"]


def _groups_of(variable: str, model: SchemaModel) -> Iterator[str]:
    for action in model.actions.values():
        for name in action.principals if variable == "principal" else action.resources:
            yield from model.ancestors(name)


def _reached(model: SchemaModel, named: set[str]) -> set[str]:
    found: set[str] = set()
    waiting = [*named, *(name for one in model.actions.values() for name in _of_action(one))]
    while waiting:
        name = waiting.pop()
        declared = model.entity_types.get(name)
        if name in found or declared is None:
            continue
        found.add(name)
        kinds = [one.type for one in declared.attributes.values()]
        waiting += _named_in([*kinds, *([declared.tags] if declared.tags else [])])
    return found


def _of_action(action: Action) -> Iterator[str]:
    yield from action.principals
    yield from action.resources
    yield from _named_in([action.context])


def _named_in(kinds: list[Type]) -> Iterator[str]:
    waiting = list(kinds)
    while waiting:
        one = waiting.pop()
        if isinstance(one, EntityRef):
            yield one.name
        elif isinstance(one, SetOf):
            waiting.append(one.element)
        elif isinstance(one, Record):
            waiting += [inner.type for inner in one.attributes.values()]


def _problem(message: str, place: tuple[Location, str], key: str) -> Problem:
    location, line = place
    return Problem(
        message=message,
        locations=(location,),
        key=key,
        detail=line,
        fix="remove it from the schema, or write the policy that is missing",
    )


_WHY = "either a policy is missing, or the schema says more than there is"

TYPE = Rule(
    id="unused-schema-type",
    title="An entity type that nothing leads to",
    severity=Severity.LOW,
    why=_WHY,
    check=_check_types,
    needs=frozenset({"schema", "whole", "policies"}),
)
ACTION = Rule(
    id="unused-schema-action",
    title="An action that nobody may take",
    severity=Severity.LOW,
    why=_WHY,
    check=_check_actions,
    needs=frozenset({"schema", "whole", "policies"}),
)
