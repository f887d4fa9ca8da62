"""Of which types an expression of a policy may be, as far as scope, literals and schema tell.

What is given is never too little: a type that is missing can certainly not occur. None means that
nothing is known.
"""

from collections.abc import Iterable
from typing import TYPE_CHECKING

from buildsteps.steps.cedar.linting.subject import Member
from buildsteps.steps.cedar.linting.terms import Constraint, Tree, Uid, constraints
from buildsteps.steps.cedar.schemas.model import (
    EntityRef,
    Extension,
    Primitive,
    Record,
    SetOf,
    Type,
)
from buildsteps.steps.cedar.text.entity_uids import uids_in

if TYPE_CHECKING:
    from buildsteps.steps.cedar.schemas.model import Action, SchemaModel

Kinds = list[Type] | None

_COMPARISONS = ("==", "!=", "<", "<=", ">", ">=", "in", "is", "has", "like", "&&", "||", "!")
_TESTS = ("contains", "containsAll", "containsAny", "isEmpty", "hasTag")
_EXTENSION_TESTS = (
    *("isIpv4", "isIpv6", "isLoopback", "isMulticast", "isInRange"),
    *("lessThan", "lessThanOrEqual", "greaterThan", "greaterThanOrEqual"),
)
_BOOLS = frozenset((*_COMPARISONS, *_TESTS, *_EXTENSION_TESTS))
_SPANS = ("toMilliseconds", "toSeconds", "toMinutes", "toHours", "toDays")
_LONGS = frozenset(("+", "-", "*", "neg", *_SPANS))
_EXTENSIONS = {
    "ip": "ipaddr",
    "decimal": "decimal",
    "datetime": "datetime",
    "duration": "duration",
    "offset": "datetime",
    "toDate": "datetime",
    "durationSince": "duration",
    "toTime": "duration",
}


class Typing:
    """The types of expressions in one policy."""

    def __init__(self, member: Member, model: "SchemaModel | None") -> None:
        # what conditions demand holds where the policy applies, not wherever they are evaluated
        scope = constraints({**member.tree, "conditions": []})
        self._model = model
        self._actions = _actions(scope, model)
        self._variables = {
            name: _variable(name, scope, model, self._actions)
            for name in ("principal", "resource", "action")
        }

    def of(self, node: Tree) -> Kinds:
        """The types that an expression may have."""
        ((operator, content),) = node.items()
        if operator == "Var":
            return self._context() if content == "context" else self._variables.get(content)
        if operator == "Value":
            return _literal(content)
        if operator in _BOOLS:
            return [Primitive("Bool")]
        if operator in _LONGS:
            return [Primitive("Long")]
        if operator in _EXTENSIONS:
            return [Extension(_EXTENSIONS[operator])]
        if operator == ".":
            return self._attribute(self.of(content["left"]), content["attr"])
        if operator == "Set":
            return self._set([self.of(one) for one in content])
        if operator == "if-then-else":
            return _either([self.of(content["then"]), self.of(content["else"])])
        if operator == "getTag":
            return self._tags(self.of(content["left"]))
        return None

    def entity_types(self, node: Tree) -> frozenset[str] | None:
        """The entity types that an expression may be of, or a set of them holds; None: unknown."""
        kinds = self.of(node)
        if kinds is None:
            return None
        inner = [one.element if isinstance(one, SetOf) else one for one in kinds]
        if not all(isinstance(one, EntityRef) for one in inner):
            return None
        return frozenset(one.name for one in inner if isinstance(one, EntityRef))

    def _context(self) -> Kinds:
        return [one.context for one in self._actions] if self._actions else None

    def _attribute(self, left: Kinds, name: str) -> Kinds:
        if left is None:
            return None
        found: list[Type] = []
        for one in left:
            declared = self._attributes(one)
            if declared is None:
                return None
            if name in declared:
                found.append(declared[name])
        return found or None

    def _attributes(self, kind: Type) -> dict[str, Type] | None:
        if isinstance(kind, Record):
            return {name: one.type for name, one in kind.attributes.items()}
        if isinstance(kind, EntityRef) and self._model and kind.name in self._model.entity_types:
            declared = self._model.entity_types[kind.name].attributes
            return {name: one.type for name, one in declared.items()}
        return None

    def _tags(self, left: Kinds) -> Kinds:
        if left is None or self._model is None:
            return None
        names = [one.name for one in left if isinstance(one, EntityRef)]
        known = [
            self._model.entity_types[name] for name in names if name in self._model.entity_types
        ]
        tags = [one.tags for one in known if one.tags is not None]
        return tags if tags and len(known) == len(left) else None

    def _set(self, members: list[Kinds]) -> Kinds:
        inner = _either(members)
        return None if not inner else [SetOf(one) for one in inner]


def _either(several: Iterable[Kinds]) -> Kinds:
    found: list[Type] = []
    for one in several:
        if one is None:
            return None
        found += [kind for kind in one if kind not in found]
    return found


def _literal(value: object) -> Kinds:
    if isinstance(value, bool):
        return [Primitive("Bool")]
    if isinstance(value, int):
        return [Primitive("Long")]
    if isinstance(value, str):
        return [Primitive("String")]
    if isinstance(value, dict) and "__entity" in value:
        return [EntityRef(value["__entity"]["type"])]
    return None


def _actions(scope: frozenset[Constraint], model: "SchemaModel | None") -> list["Action"]:
    """The actions of the schema that the scope lets through and that apply to something."""
    if model is None:
        return []
    named: set[Uid] | None = None
    for one in scope:
        if one[0] in ("==", "in", "any") and one[1] == "action":
            uids = one[2] if one[0] == "any" else {one[2]}
            named = set(uids) if named is None else named & set(uids)
    return [
        action
        for action in model.actions.values()
        if action.principals and (named is None or named & _with_groups(action.uid, model))
    ]


def _with_groups(uid: str, model: "SchemaModel") -> set[Uid]:
    found: set[str] = set()
    waiting = [uid]
    while waiting:
        one = waiting.pop()
        if one not in found:
            found.add(one)
            known = model.actions.get(one)
            waiting += known.parents if known else ()
    return {pair for one in found for pair in uids_in(one)}


def _variable(
    name: str,
    known: frozenset[Constraint],
    model: "SchemaModel | None",
    actions: list["Action"],
) -> Kinds:
    told = {
        one[2] if one[0] == "is" else one[2][0]
        for one in known
        if len(one) == 3 and one[1] == name and one[0] in ("is", "==")
    } - {""}
    if told:
        return [EntityRef(one) for one in sorted(told)]
    if model is None:
        return None
    if name == "action":
        types = {uid[0] for action in actions for uid in uids_in(action.uid)}
    else:
        types = {
            one
            for action in actions
            for one in (action.principals if name == "principal" else action.resources)
        }
    above = _needed_above(name, known)
    if above and name != "action":
        types = {one for one in types if one in above or model.ancestors(one) & above}
    return [EntityRef(one) for one in sorted(types)] or None


def _needed_above(name: str, known: frozenset[Constraint]) -> set[str]:
    """The type of a group that the variable must be in."""
    found = {one[2][0] for one in known if one[0] == "in" and one[1] == name and one[2][0]}
    return found if len(found) == 1 else set()
