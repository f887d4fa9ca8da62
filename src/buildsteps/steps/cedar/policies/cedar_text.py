"""A policy's tree as Cedar text: what the engine renders too, but without its limit on nesting.

The engine reads JSON of at most 128 levels, which some sixty clauses in a row are. So mutants are
put to it as text, written by Cedar's grammar ("Policy grammar" in its documentation).
"""

import re
from collections.abc import Mapping, Sequence
from typing import Any

from buildsteps.steps.cedar.text.syntax import quoted

_OR, _AND, _RELATION, _SUM, _PRODUCT, _UNARY, _MEMBER = range(1, 8)
_BINARY = {
    "||": _OR,
    "&&": _AND,
    **dict.fromkeys(("==", "!=", "<", "<=", ">", ">=", "in"), _RELATION),
    **dict.fromkeys(("+", "-"), _SUM),
    "*": _PRODUCT,
}
_METHODS = frozenset({"contains", "containsAll", "containsAny", "getTag", "hasTag"})
_FUNCTIONS = frozenset({"ip", "decimal", "datetime", "duration"})
_RESERVED = frozenset({"true", "false", "if", "then", "else", "in", "is", "like", "has"})
_NAME = re.compile(r"[_a-zA-Z][_a-zA-Z0-9]*\Z")


def policy_text(document: Mapping[str, Any], effect: str = "") -> str:
    """A policy or template as Cedar text, a line for each of its parts, annotations included.

    With ``effect`` as if that were its effect, and without annotations.
    """
    lines = [] if effect else list(map(_annotation, document.get("annotations", {}).items()))
    scopes = [
        f"  {_scope(variable, document[variable])}"
        for variable in ("principal", "action", "resource")
    ]
    lines += [f"{effect or document['effect']} (", ",\n".join(scopes), ")"]
    for condition in document.get("conditions", ()):
        lines.append(f"{condition['kind']} {{ {expression_text(condition['body'])} }}")
    return "\n".join(lines) + ";"


def _annotation(annotation: tuple[str, Any]) -> str:
    name, value = annotation
    return f"@{name}({quoted(value)})" if isinstance(value, str) and value else f"@{name}"


def _scope(variable: str, scope: Mapping[str, Any]) -> str:
    if scope["op"] == "All":
        return variable
    if scope["op"] == "is":
        inside = f" in {_entity(scope['in'])}" if "in" in scope else ""
        return f"{variable} is {scope['entity_type']}{inside}"
    if "entities" in scope:
        return f"{variable} in [{', '.join(map(_uid, scope['entities']))}]"
    return f"{variable} {scope['op']} {_entity(scope)}"


def _entity(scope: Mapping[str, Any]) -> str:
    return str(scope["slot"]) if "slot" in scope else _uid(scope["entity"])


def _uid(uid: Mapping[str, Any]) -> str:
    inner = uid.get("__entity", uid)
    return f"{inner['type']}::{quoted(inner['id'])}"


def expression_text(node: Any) -> str:
    """An expression as Cedar text, on one line, with the parentheses that it needs."""
    return _written(node, 0)


def _written(node: Mapping[str, Any], needed: int) -> str:
    text, level = _parts(node)
    return f"({text})" if level < needed else text


def _parts(node: Mapping[str, Any]) -> tuple[str, int]:
    """The text of a node, and how tightly its operator binds."""
    ((operator, content),) = node.items()
    if operator in ("Value", "Set", "Record", "Var", "Slot"):
        return _plain(operator, content)
    if operator in _BINARY:
        return _binary(operator, content)
    if operator == "if-then-else":
        parts = (f"{word} {_written(content[word], 0)}" for word in ("if", "then", "else"))
        return " ".join(parts), 0
    if operator in ("!", "neg"):
        sign = "-" if operator == "neg" else operator
        return f"{sign}{_written(content['arg'], _MEMBER)}", _UNARY
    if operator in ("has", "like", "is"):
        return _relation(operator, content), _RELATION
    return _member(operator, content), _MEMBER


def _plain(operator: str, content: Any) -> tuple[str, int]:
    if operator == "Set":
        return f"[{', '.join(_written(one, 0) for one in content)}]", _MEMBER
    if operator == "Record":
        pairs = (f"{_key(name)}: {_written(one, 0)}" for name, one in content.items())
        return f"{{{', '.join(pairs)}}}", _MEMBER
    if operator == "Value":
        return _value(content), _UNARY if isinstance(content, int) and content < 0 else _MEMBER
    return str(content), _MEMBER


def _value(value: Any) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, int):
        return str(value)
    return quoted(value) if isinstance(value, str) else _uid(value)


def _binary(operator: str, content: Mapping[str, Any]) -> tuple[str, int]:
    level = _BINARY[operator]
    left, right = content["left"], content["right"]
    last = [_written(right, level + 1)]
    if level == _RELATION:
        return f"{_written(left, level + 1)} {operator} {last[0]}", level
    while operator in left:  # a chain of clauses may be longer than Python may recurse
        last.append(_written(left[operator]["right"], level + 1))
        left = left[operator]["left"]
    last.append(_written(left, level))
    return f" {operator} ".join(reversed(last)), level


def _relation(operator: str, content: Mapping[str, Any]) -> str:
    left = _written(content["left"], _SUM)
    if operator == "has":
        return f"{left} has {_key(content['attr'])}"
    if operator == "like":
        return f'{left} like "{pattern_text(content["pattern"])}"'
    inside = f" in {_written(content['in'], _SUM)}" if "in" in content else ""
    return f"{left} is {content['entity_type']}{inside}"


def pattern_text(pattern: Sequence[Any]) -> str:
    """The inside of a pattern's quotes."""
    return "".join(
        "*" if part == "Wildcard" else quoted(part["Literal"])[1:-1].replace("*", r"\*")
        for part in pattern
    )


def _member(operator: str, content: Any) -> str:
    if operator == ".":
        left, name = _written(content["left"], _MEMBER), content["attr"]
        return f"{left}.{name}" if _is_name(name) else f"{left}[{quoted(name)}]"
    if operator == "isEmpty":
        return f"{_written(content['arg'], _MEMBER)}.isEmpty()"
    if operator in _METHODS:
        return f"{_written(content['left'], _MEMBER)}.{operator}({_written(content['right'], 0)})"
    if operator in _FUNCTIONS:
        return f"{operator}({', '.join(_written(one, 0) for one in content)})"
    arguments = ", ".join(_written(one, 0) for one in content[1:])
    return f"{_written(content[0], _MEMBER)}.{operator}({arguments})"


def _key(name: str) -> str:
    return name if _is_name(name) else quoted(name)


def _is_name(name: str) -> bool:
    return name not in _RESERVED and bool(_NAME.match(name))
