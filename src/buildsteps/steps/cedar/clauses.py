"""A policy taken apart: the constraints of its scope and the clauses of its conditions.

Each part comes with a probe, a policy of its own that applies exactly where the part holds.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Literal

from msgspec import Struct

from buildsteps.steps.cedar.syntax import Token, tokens

PartKind = Literal["principal", "action", "resource", "when", "unless"]

_SCOPE: tuple[PartKind, ...] = ("principal", "action", "resource")
_OPENING = frozenset("([{")
_CLOSING = frozenset(")]}")


class Part(Struct, frozen=True):
    """A constraint or clause: its text on one line, and the probe that tells if it holds."""

    kind: PartKind
    text: str
    probe: str


def parts_of(policy: str, values: Mapping[str, str]) -> tuple[Part, ...]:
    """The parts of a policy in order; an unconstrained ``principal`` and the like are left out.

    ``values`` fill the slots of a template. Text that is no policy has no parts.
    """
    found = [token for token in tokens(policy) if token.kind != "comment"]
    start = next((n for n, token in enumerate(found) if token.text in ("permit", "forbid")), None)
    if start is None:
        return ()
    groups = list(_groups(found[start + 1 :]))
    if not groups or len(groups[0]) < 2:
        return ()
    return (*_scope(groups[0][1:-1], policy, values), *_conditions(groups[1:], policy))


def _groups(found: Sequence[Token]) -> Iterator[list[Token]]:
    """Cut into top-level groups: ``( ... )``, ``when { ... }``, ``unless { ... }``."""
    group: list[Token] = []
    depth = 0
    for token in found:
        group.append(token)
        depth += (token.text in _OPENING) - (token.text in _CLOSING)
        if depth == 0 and token.text in _CLOSING:
            yield group
            group = []


def _scope(inner: Sequence[Token], policy: str, values: Mapping[str, str]) -> Iterator[Part]:
    for kind, constraint in zip(_SCOPE, _split(inner, ","), strict=False):
        if len(constraint) < 2:
            continue
        filled = " ".join(values.get(token.text, token.text) for token in constraint)
        has_slot = any(token.kind == "slot" for token in constraint)
        text = filled if has_slot else _text(constraint, policy)
        elements = [filled if one == kind else one for one in _SCOPE]
        yield Part(kind, text, f"permit({', '.join(elements)});")


def _conditions(groups: Sequence[Sequence[Token]], policy: str) -> Iterator[Part]:
    for group in groups:
        if len(group) < 3 or group[0].text not in ("when", "unless"):
            continue
        kind: PartKind = "when" if group[0].text == "when" else "unless"
        for clause in _clauses(group[2:-1], kind):
            text = _text(clause, policy)
            body = " ".join(token.text for token in clause)
            yield Part(kind, text, f"permit(principal, action, resource) {kind} {{ {body} }};")


def _clauses(body: Sequence[Token], kind: PartKind) -> list[Sequence[Token]]:
    """What must hold each by itself: the operands of ``&&``, or of ``||`` behind ``unless``."""
    if not body:
        return []
    if body[0].text == "if":
        return [body]
    operator = "&&" if kind == "when" else "||"
    if kind == "when" and len(_split(body, "||")) > 1:
        return [body]
    return _split(body, operator)


def _split(found: Sequence[Token], separator: str) -> list[Sequence[Token]]:
    """Cut at a separator that stands in no brackets."""
    pieces: list[Sequence[Token]] = []
    depth = start = 0
    for number, token in enumerate(found):
        depth += (token.text in _OPENING) - (token.text in _CLOSING)
        if depth == 0 and token.text == separator:
            pieces.append(found[start:number])
            start = number + 1
    pieces.append(found[start:])
    return [piece for piece in pieces if piece]


def _text(found: Sequence[Token], policy: str) -> str:
    """The source of some tokens on one line; where a comment is inside, the tokens alone."""
    text = policy[found[0].start : found[-1].end]
    if "//" in text:
        return " ".join(token.text for token in found)
    return " ".join(text.split())
