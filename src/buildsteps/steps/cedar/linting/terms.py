"""The typed tree of a policy as a set of constraints that must all hold for it to apply.

The tree is Cedar's JSON policy format. A policy applies where its scope and each of its conditions
is true; one that errs does not apply, whatever else is true (Cedar's documentation, "How Cedar
authorization works"). So the order of what must all hold, and how it is bracketed, does not matter
to a decision, and policies can be compared as sets. Below that level nothing is reordered: in
``a || b`` an error of ``a`` counts even where ``b`` is true.
"""

from collections.abc import Iterator, Mapping
from typing import Any

import msgspec

Tree = Mapping[str, Any]
Uid = tuple[str, str]
"""Type and id of an entity; a template's slot has no type: ``("", "?principal")``."""

Constraint = tuple[Any, ...]
"""What must hold for a policy to apply.

``("==", variable, uid)``, ``("in", variable, uid)``, ``("any", variable, uids)`` for ``in`` a set,
``("is", variable, type)``, ``("true", text)`` and ``("false", text)`` for an expression that must
evaluate so, and ``("never",)`` for what nothing fulfils."""

NEVER: Constraint = ("never",)

_SCOPE = ("principal", "action", "resource")
_SYMMETRIC = frozenset({"==", "!="})


def constraints(tree: Tree) -> frozenset[Constraint]:
    """What must all hold for a policy or template to apply."""
    found: set[Constraint] = set()
    for variable in _SCOPE:
        found.update(_scope(variable, tree[variable]))
    for condition in tree.get("conditions", ()):
        found.update(_must_be(condition["body"], truth=condition["kind"] == "when"))
    return frozenset(found)


def _scope(variable: str, scope: Mapping[str, Any]) -> Iterator[Constraint]:
    operator = scope["op"]
    if operator == "==":
        yield "==", variable, _scope_uid(scope)
    elif operator == "in" and "entities" in scope:
        yield _one_of(variable, [_uid(one) for one in scope["entities"]])
    elif operator == "in":
        yield "in", variable, _scope_uid(scope)
    elif operator == "is":
        yield "is", variable, scope["entity_type"]
        if "in" in scope:
            yield "in", variable, _scope_uid(scope["in"])


def _scope_uid(scope: Mapping[str, Any]) -> Uid:
    return ("", scope["slot"]) if "slot" in scope else _uid(scope["entity"])


def _uid(entity: Mapping[str, Any]) -> Uid:
    found = entity.get("__entity", entity)
    return found["type"], found["id"]


def _one_of(variable: str, uids: list[Uid]) -> Constraint:
    if not uids:
        return NEVER
    return ("in", variable, uids[0]) if len(set(uids)) == 1 else ("any", variable, frozenset(uids))


def _must_be(expression: Tree, *, truth: bool) -> Iterator[Constraint]:
    """Take an expression apart that must be true, or false; without recursion."""
    waiting = [(expression, truth)]
    while waiting:
        node, wanted = waiting.pop()
        ((operator, content),) = node.items()
        if operator == ("&&" if wanted else "||"):
            waiting += [(content["right"], wanted), (content["left"], wanted)]
        elif operator == "!":
            waiting.append((content["arg"], not wanted))
        elif operator == "!=":
            waiting.append(({"==": content}, not wanted))
        elif operator == "Value" and isinstance(content, bool):
            if content is not wanted:
                yield NEVER
        elif wanted:
            yield from _true(operator, content)
        else:
            yield "false", text_of(node)


def _true(operator: str, content: Any) -> Iterator[Constraint]:
    """What an expression demands that must be true; the scope could say some of it as well."""
    if operator == "is":
        left = content["left"]
        variable = left.get("Var")
        if variable is None:
            yield "true", text_of({"is": {"left": left, "entity_type": content["entity_type"]}})
        else:
            yield "is", variable, content["entity_type"]
        if "in" in content:
            yield from _true("in", {"left": left, "right": content["in"]})
        return
    if operator in ("==", "in"):
        for one, other in (
            (content["left"], content["right"]),
            (content["right"], content["left"]),
        ):
            uids = entities_in(other)
            if "Var" in one and uids is not None and (operator == "in" or "Value" in other):
                variable = one["Var"]
                yield ("==", variable, uids[0]) if operator == "==" else _one_of(variable, uids)
                return
            if operator == "in":
                break
    yield "true", text_of({operator: content})


def entities_in(node: Tree) -> list[Uid] | None:
    """The entities that a literal names, one or a set of them; None where it is no such thing."""
    if "Value" in node:
        value = node["Value"]
        return [_uid(value)] if isinstance(value, dict) and "__entity" in value else None
    if "Set" not in node:
        return None
    found = [entities_in(one) for one in node["Set"] if "Value" in one]
    if len(found) < len(node["Set"]) or any(one is None for one in found):
        return None
    return [uid for one in found if one for uid in one]


def text_of(node: Any) -> str:
    """An expression as a text that is the same for all that mean the same for certain.

    The sides of ``==`` and the members of a set are sorted; a chain of ``||`` or ``&&`` is
    bracketed in one way.
    """
    return _encoded(_plain(node))


def _encoded(value: Any) -> str:
    return msgspec.json.encode(value, order="sorted").decode()


def _plain(node: Any) -> Any:
    if not isinstance(node, dict) or len(node) != 1:
        return node
    ((operator, content),) = node.items()
    if operator in ("&&", "||"):
        return {operator: [_plain(one) for one in chain(operator, node)]}
    if operator in _SYMMETRIC:
        sides = [_plain(content["left"]), _plain(content["right"])]
        return {operator: sorted(sides, key=_encoded)}
    if operator == "Set":
        members = {_encoded(plain): plain for plain in map(_plain, content)}
        return {operator: [members[one] for one in sorted(members)]}
    if operator in ("Value", "Var", "Slot"):
        return node
    if isinstance(content, list):  # the arguments of an extension's function
        return {operator: [_plain(one) for one in content]}
    return {operator: {name: _plain(one) for name, one in content.items()}}


def chain(operator: str, node: Tree) -> list[Tree]:
    """The operands of ``a && b && c`` in order, however it is bracketed; without recursion."""
    found = []
    waiting = [node]
    while waiting:
        one = waiting.pop()
        if operator in one:
            waiting += [one[operator]["right"], one[operator]["left"]]
        else:
            found.append(one)
    return found


def nodes(tree: Tree) -> Iterator[Tree]:
    """Every expression in the conditions of a policy, each before what is in it."""
    waiting = [condition["body"] for condition in reversed(tree.get("conditions", ()))]
    while waiting:
        node = waiting.pop()
        yield node
        waiting += reversed(list(operands(node)))


def operands(node: Tree) -> Iterator[Tree]:
    """The expressions directly in one, in the order of the text."""
    ((operator, content),) = node.items()
    if operator in ("Value", "Var", "Slot"):
        return
    if isinstance(content, list):
        yield from content
    elif operator == "Record":
        yield from content.values()
    elif isinstance(content, dict):
        names = (
            ("if", "then", "else") if operator == "if-then-else" else ("left", "arg", "right", "in")
        )
        yield from (content[name] for name in names if name in content)
