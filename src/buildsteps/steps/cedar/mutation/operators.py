"""The ways in which a policy is made wrong, one at a time, on its typed tree.

The tree is Cedar's JSON policy format ("JSON policy format" in Cedar's documentation): an
expression is an object with one key, its operator. What the operators are follows the field's own
lists (statement deletion, conditionals boundary, logical connector replacement, constant
replacement) as far as Cedar has such things.
"""

from collections.abc import Iterator, Mapping
from typing import Any

from msgspec import Struct

Document = Mapping[str, Any]
Path = tuple[str | int, ...]

_COMPARISONS = {
    "<": ("<=", ">="),
    "<=": ("<", ">"),
    ">": (">=", "<="),
    ">=": (">", "<"),
    "==": ("!=",),
    "!=": ("==",),
    "containsAll": ("containsAny",),
    "containsAny": ("containsAll",),
    "in": ("==",),
}
_LONGEST, _LEAST = 2**63 - 1, -(2**63)


class Mutation(Struct, frozen=True, kw_only=True):
    """One change: ``operator`` names its kind, ``what`` says it in words.

    ``document`` is the changed policy, None where it is taken away. Of a changed expression ``old``
    and ``new`` are the trees, where the words are to show them.
    """

    operator: str
    what: str
    document: Document | None
    old: Any = None
    new: Any = None


def mutations(document: Document) -> Iterator[Mutation]:
    """Every change of a policy or template, in a fixed order."""
    kind = "template" if _has_slot(document) else "policy"
    yield Mutation(operator="remove-policy", what=f"the {kind} is removed", document=None)
    effect = "forbid" if document["effect"] == "permit" else "permit"
    yield Mutation(
        operator="flip-effect",
        what=f"{effect} instead of {document['effect']}",
        document={**document, "effect": effect},
    )
    for variable in ("principal", "action", "resource"):
        yield from _scope_mutations(document, variable)
    for number, condition in enumerate(document.get("conditions", ())):
        yield from _condition_mutations(document, number, condition)


def _has_slot(document: Document) -> bool:
    return any("slot" in str(document[one]) for one in ("principal", "resource"))


def _scope_mutations(document: Document, variable: str) -> Iterator[Mutation]:
    scope = document[variable]
    if scope["op"] == "All" or _slots(scope):
        return  # without its slot a link would not fit the template any more
    wider = {"op": "All"}
    yield _scoped(document, variable, wider, "widen-scope", f"any {variable}")
    if scope["op"] == "is" and "in" in scope:
        only = {"op": "is", "entity_type": scope["entity_type"]}
        words = f"any {variable} of type {scope['entity_type']}"
        yield _scoped(document, variable, only, "widen-scope", words)
        yield _scoped(
            document,
            variable,
            {"op": "in", **scope["in"]},
            "widen-scope",
            f"a {variable} of any type in the group",
        )
    if scope["op"] == "in" and "entity" in scope:
        narrow = {"op": "==", "entity": scope["entity"]}
        words = f"the {variable} itself, and none in it"
        yield _scoped(document, variable, narrow, "narrow-scope", words)
    entities = scope.get("entities", ())
    if len(entities) > 1:
        for number, entity in enumerate(entities):
            rest = {"op": "in", "entities": [*entities[:number], *entities[number + 1 :]]}
            words = f'without the {variable} {entity["type"]}::"{entity["id"]}"'
            yield _scoped(document, variable, rest, "narrow-scope", words)


def _slots(scope: Mapping[str, Any]) -> bool:
    return "slot" in scope or "slot" in scope.get("in", {})


def _scoped(document: Document, variable: str, scope: Any, operator: str, words: str) -> Mutation:
    return Mutation(operator=operator, what=words, document={**document, variable: scope})


def _condition_mutations(
    document: Document, number: int, condition: Mapping[str, Any]
) -> Iterator[Mutation]:
    conditions = document["conditions"]
    kind, body = condition["kind"], condition["body"]
    yield Mutation(
        operator=f"drop-{kind}",
        what=f"without its `{kind}`",
        document={**document, "conditions": [*conditions[:number], *conditions[number + 1 :]]},
        old=body,
    )
    negated = {"!": {"arg": body}} if "!" not in body else body["!"]["arg"]
    yield _changed(document, ("conditions", number, "body"), "negate-condition", body, negated)
    for path, node in _nodes(body, ("conditions", number, "body")):
        for operator, new in _node_mutations(node):
            yield _changed(document, path, operator, node, new)


def _changed(document: Document, path: Path, operator: str, old: Any, new: Any) -> Mutation:
    return Mutation(
        operator=operator, what="", document=_replaced(document, path, new), old=old, new=new
    )


def _nodes(node: Any, path: Path) -> Iterator[tuple[Path, Any]]:
    """Every expression below and at ``node``."""
    if not isinstance(node, dict) or len(node) != 1:
        return
    yield path, node
    ((operator, content),) = node.items()
    if operator in ("Value", "Var", "Slot", "Unknown"):
        return
    if isinstance(content, list):  # a set, or the arguments of an extension's function
        for number, member in enumerate(content):
            yield from _nodes(member, (*path, operator, number))
        return
    for name, member in content.items():
        if name not in ("attr", "pattern", "entity_type"):
            yield from _nodes(member, (*path, operator, name))


def _node_mutations(node: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    ((operator, content),) = node.items()
    if operator in ("&&", "||"):
        yield "drop-clause", content["right"]
        yield "drop-clause", content["left"]
        yield "swap-and-or", {"||" if operator == "&&" else "&&": content}
    elif operator in _COMPARISONS:
        for other in _COMPARISONS[operator]:
            yield "change-comparison", {other: content}
    elif operator == "!":
        yield "drop-negation", content["arg"]
    elif operator == "if-then-else":
        yield (
            "swap-branches",
            {operator: {"if": content["if"], "then": content["else"], "else": content["then"]}},
        )
    elif operator == "Value":
        for value in _other_values(content):
            yield "change-literal", {"Value": value}
    elif operator == "Set" and len(content) > 1:
        for number in range(len(content)):
            yield "change-literal", {"Set": [*content[:number], *content[number + 1 :]]}


def _other_values(value: Any) -> Iterator[Any]:
    if isinstance(value, bool):
        yield not value
    elif isinstance(value, int):
        yield from (one for one in (value + 1, value - 1) if _LEAST <= one <= _LONGEST)
    elif isinstance(value, str):
        yield f"not {value}"


def _replaced(document: Any, path: Path, new: Any) -> Any:
    """A copy with another value at ``path``; the rest is shared, for nobody changes it."""
    if not path:
        return new
    first, *rest = path
    if isinstance(document, list):
        changed = list(document)
        changed[int(first)] = _replaced(document[int(first)], tuple(rest), new)
        return changed
    return {**document, first: _replaced(document[first], tuple(rest), new)}
