"""The ways in which a policy is made wrong, one at a time, on its typed tree.

The tree is Cedar's JSON policy format ("JSON policy format" in Cedar's documentation): an
expression is an object with one key, its operator. What the operators are follows the field's own
lists (statement deletion, conditionals boundary, logical connector replacement, constant
replacement) as far as Cedar has such things.
"""

from collections.abc import Iterator, Mapping
from typing import Any

from msgspec import Struct

from buildsteps.steps.cedar.mutation.literals import (
    argument_of,
    other_arguments,
    other_patterns,
    other_values,
    without_each,
)
from buildsteps.steps.cedar.mutation.scopes import scope_changes
from buildsteps.steps.cedar.mutation.tree import Path, nodes, replaced

Document = Mapping[str, Any]

_OTHERS = {
    "<": ("<=", ">="),
    "<=": ("<", ">"),
    ">": (">=", "<="),
    ">=": (">", "<"),
    "==": ("!=",),
    "!=": ("==",),
    "containsAll": ("containsAny",),
    "containsAny": ("containsAll",),
    "in": ("==",),
    "+": ("-",),
    "-": ("+",),
}
_TRUTHS = frozenset({"has", "like", "is", "in", "contains", "isEmpty", "hasTag", "isInRange"})
"""What is true or false and has no opposite operator: it is negated."""


class Mutation(Struct, frozen=True, kw_only=True):
    """One change: ``operator`` names its kind, ``what`` says it in words.

    ``document`` is the changed policy, None where it is taken away. ``path`` leads to what is
    changed; of a changed expression ``old`` and ``new`` are the trees.
    """

    operator: str
    what: str
    document: Document | None
    path: Path = ()
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
        path=("effect",),
    )
    for variable in ("principal", "action", "resource"):
        for change in scope_changes(variable, document[variable]):
            yield Mutation(
                operator=change.operator,
                what=change.what,
                document={**document, variable: change.scope},
                path=(variable,),
            )
    for number, condition in enumerate(document.get("conditions", ())):
        yield from _condition_mutations(document, number, condition)


def _has_slot(document: Document) -> bool:
    scopes = (document["principal"], document["resource"])
    return any("slot" in one or "slot" in one.get("in", {}) for one in scopes)


def _condition_mutations(
    document: Document, number: int, condition: Mapping[str, Any]
) -> Iterator[Mutation]:
    conditions = document["conditions"]
    kind, body = condition["kind"], condition["body"]
    yield Mutation(
        operator=f"drop-{kind}",
        what=f"without its `{kind}`",
        document={**document, "conditions": [*conditions[:number], *conditions[number + 1 :]]},
        path=("conditions", number),
    )
    top: Path = ("conditions", number, "body")
    if "!" not in body:  # else dropping the negation is the same
        yield _changed(document, top, "negate-condition", body, {"!": {"arg": body}})
    for path, node in nodes(body, top):
        for operator, new in _node_mutations(node, whole=path == top):
            yield _changed(document, path, operator, node, new)


def _changed(document: Document, path: Path, operator: str, old: Any, new: Any) -> Mutation:
    changed = replaced(document, path, new)
    return Mutation(operator=operator, what="", document=changed, path=path, old=old, new=new)


def _node_mutations(node: Mapping[str, Any], *, whole: bool) -> Iterator[tuple[str, Any]]:
    ((operator, content),) = node.items()
    for other in _OTHERS.get(operator, ()):
        yield "change-comparison", {other: content}
    if operator in ("&&", "||"):
        yield "drop-clause", content["right"]
        yield "drop-clause", content["left"]
        yield "swap-and-or", {"||" if operator == "&&" else "&&": content}
    elif operator == "!":
        yield "drop-negation", content["arg"]
    elif operator == "if-then-else":
        yield (
            "swap-branches",
            {operator: {"if": content["if"], "then": content["else"], "else": content["then"]}},
        )
    elif operator in _TRUTHS and not whole:
        yield "negate-clause", {"!": {"arg": node}}
    for new in _other_literals(operator, content):
        yield "change-literal", new


def _other_literals(operator: str, content: Any) -> Iterator[Any]:
    if operator == "Value":
        yield from ({"Value": value} for value in other_values(content))
    elif operator == "Set":
        yield from ({"Set": members} for members in without_each(content))
    elif operator == "like":
        for pattern in other_patterns(content["pattern"]):
            yield {"like": {**content, "pattern": pattern}}
    elif operator in ("ip", "decimal", "datetime", "duration"):
        argument = argument_of(content)
        if argument is not None:
            for other in other_arguments(operator, argument):
                yield {operator: [{"Value": other}]}
