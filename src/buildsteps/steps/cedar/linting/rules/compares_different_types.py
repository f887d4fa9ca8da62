"""``compares-different-types``: a comparison of entities that is false whatever they are.

The strict validator lets ``principal == Photo::"x"`` pass: it knows that this is false, and says so
only where the whole policy can never apply.
"""

from collections.abc import Iterator

from buildsteps.results import Severity
from buildsteps.steps.cedar.linting.kinds import Typing
from buildsteps.steps.cedar.linting.places import place_of
from buildsteps.steps.cedar.linting.rule import Problem, Rule
from buildsteps.steps.cedar.linting.subject import Member, Subject
from buildsteps.steps.cedar.linting.terms import Tree, nodes, text_of
from buildsteps.steps.cedar.schemas.model import EntityRef, SchemaModel, Type


def _check(subject: Subject) -> Iterator[Problem]:
    """Each comparison, ``in`` and ``is`` in a condition that no types can fulfil."""
    for one in subject.policies:
        typing = Typing(one, subject.model)
        told = set()
        for node in nodes(one.tree):
            why = _why(node, typing, subject.model)
            if why and text_of(node) not in told:
                told.add(text_of(node))
                yield _problem(one, node, why)


def _why(node: Tree, typing: Typing, model: SchemaModel | None) -> str:
    ((operator, content),) = node.items()
    if operator in ("==", "!="):
        left, right = typing.of(content["left"]), typing.of(content["right"])
        if left and right and not _may_be_equal(left, right):
            return f"{_shown(left)} and {_shown(right)} are never equal"
    if operator == "is":
        types = typing.entity_types(content["left"])
        if types and content["entity_type"] not in types:
            return f"it is {_listed(types)}, never {content['entity_type']}"
        if "in" in content and model is not None:
            return _never_in(frozenset({content["entity_type"]}), content["in"], typing, model)
    if operator == "in" and model is not None:
        members = typing.entity_types(content["left"])
        return _never_in(members, content["right"], typing, model) if members else ""
    return ""


def _never_in(members: frozenset[str], right: Tree, typing: Typing, model: SchemaModel) -> str:
    groups = typing.entity_types(right)
    if not groups or _may_be_in(members, groups, model):
        return ""
    return f"{_listed(members)} is never in {_listed(groups)}"


def _may_be_equal(left: list[Type], right: list[Type]) -> bool:
    return any(_comparable(one, other) for one in left for other in right)


def _comparable(one: Type, other: Type) -> bool:
    if isinstance(one, EntityRef) and isinstance(other, EntityRef):
        return one.name == other.name
    return type(one) is type(other) and getattr(one, "name", "") == getattr(other, "name", "")


def _may_be_in(members: frozenset[str], groups: frozenset[str], model: SchemaModel) -> bool:
    """Actions are left alone: that of a group the validator knows exactly."""
    if not (members | groups) <= model.entity_types.keys():
        return True
    return any(one in groups or model.ancestors(one) & groups for one in members)


def _shown(kinds: list[Type]) -> str:
    names = {getattr(one, "name", type(one).__name__.removesuffix("Of")) for one in kinds}
    return _listed(names)


def _listed(names: frozenset[str] | set[str]) -> str:
    *most, last = sorted(names)
    return f"{', '.join(most)} or {last}" if most else last


def _problem(one: Member, node: Tree, why: str) -> Problem:
    place, line, text = place_of(one, node)
    always = "true" if "!=" in node else "false"
    return Problem(
        message=f"{one.what}: `{text}` is always {always}, because {why}",
        locations=(place,),
        key=f"{one.id}:{text}",
        detail=line,
        fix="compare what can be equal: an attribute perhaps, or another variable",
    )


RULE = Rule(
    id="compares-different-types",
    title="A comparison of types that are never equal",
    severity=Severity.MEDIUM,
    why="it is decided before anybody asks, so the part of the condition that it guards is dead or"
    " always open",
    check=_check,
)
