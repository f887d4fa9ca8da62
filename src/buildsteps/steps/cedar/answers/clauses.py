"""A policy taken apart: the constraints of its scope and the clauses of its conditions.

Each part comes with a probe, a policy of its own that applies exactly where the part holds. The
policy applies exactly where all its parts do: scope and conditions are joined by *and*, and what
is split further is ``&&`` in ``when`` and ``||`` in ``unless``, for ``unless {a || b}`` is
``!a && !b``. A part by itself may *err* where an earlier one guards it in the policy, as the
second of ``x has y && x.y == 1`` does. So parts are to be judged in order: an error says something
of the policy only where all parts before it hold.
"""

from collections.abc import Iterator, Mapping, Sequence
from itertools import pairwise
from typing import Literal

from msgspec import Struct

from buildsteps.steps.cedar.text.phrases import span_of, words_of
from buildsteps.steps.cedar.text.syntax import Token, tokens

PartKind = Literal["principal", "action", "resource", "when", "unless"]
Range = tuple[int, int]

_SCOPE: tuple[PartKind, ...] = ("principal", "action", "resource")
_CLOSING = {"(": ")", "[": "]", "{": "}"}
_NO_VALUES: Mapping[str, str] = {}


class Part(Struct, frozen=True):
    """A constraint or clause, which stands from ``start`` up to ``end`` of the policy's text.

    ``text`` is its source on one line, slots filled and parentheses around it left out; ``probe``
    is a permit that applies where the part holds. The part ``unless { a }`` has the text ``a``,
    and holds where ``a`` is false.
    """

    kind: PartKind
    start: int
    end: int
    text: str
    probe: str

    @property
    def narrowness(self) -> int:
        """How few a principal or resource is held to: one, a group's members, or a type's."""
        constraint = self.text.removeprefix(self.kind).lstrip()
        if self.kind not in ("principal", "resource"):
            return 0
        if constraint.startswith("=="):
            return 3
        return 2 if constraint.startswith("in") or " in " in constraint else 1


class _Source(Struct, frozen=True):
    """A policy's text, and the uids for its slots."""

    policy_text: str
    values: Mapping[str, str]

    def on_one_line(self, found: Sequence[Token]) -> str:
        """What stands at some tokens, each gap of whitespace and comments as one space."""
        text = self.policy_text[found[0].start : found[-1].end]
        if text.isprintable() and not any(one in text for one in ("  ", "//", "?")):
            return text
        words = []
        end = found[0].start
        for token in found:
            word = self.values.get(token.text, token.text) if token.kind == "slot" else token.text
            if token.kind == "string":
                word = word.replace("\n", "\\n").replace("\r", "\\r")
            words.append(f" {word}" if token.start > end else word)
            end = token.end
        return "".join(words)


def parts_of(policy_text: str, values: Mapping[str, str] = _NO_VALUES) -> tuple[Part, ...]:
    """The parts of a policy in order; an unconstrained ``principal`` and the like are left out.

    ``values`` are the uids for a template's slots, as in ``{"?principal": 'User::"a"'}``; a slot
    without one, or with one that is no uid, stays. Text that is no policy has no parts, or such
    whose probes do not parse; it is never an error.
    """
    words = words_of(policy_text)
    before = words.tokens[max(words.scope_start - 1, 0) : words.scope_start]
    if words.scope_start == words.scope_end or before[-1].text not in ("permit", "forbid"):
        return ()
    source = _Source(policy_text, {slot: uid for slot, uid in values.items() if _is_uid(uid)})
    return (
        *_scope(words.scope_elements(), source),
        *_conditions(words.part("conditions"), source),
    )


def _is_uid(text: str) -> bool:
    kinds = [token.kind for token in tokens(text) if token.text != "::"]
    return kinds[-1:] == ["string"] and set(kinds[:-1]) == {"identifier"}


def _scope(elements: Sequence[Sequence[Token]], source: _Source) -> Iterator[Part]:
    for kind, element in zip(_SCOPE, elements, strict=False):
        if len(element) > 1:
            text = source.on_one_line(element)
            head = ", ".join(text if one == kind else one for one in _SCOPE)
            yield Part(kind, *span_of(element), text, f"permit({head});")


def _conditions(found: Sequence[Token], source: _Source) -> Iterator[Part]:
    partners = _partners(found)
    at = 0
    while at < len(found) and found[at].text in ("when", "unless") and at + 1 in partners:
        kind: PartKind = "when" if found[at].text == "when" else "unless"
        close = partners[at + 1]
        for start, end in _clauses(found, partners, (at + 2, close), kind):
            clause = found[start:end]
            text = source.on_one_line(clause)
            probe = f"permit(principal, action, resource) {kind} {{ {text} }};"
            yield Part(kind, *span_of(clause), text, probe)
        at = close + 1


def _partners(found: Sequence[Token]) -> dict[int, int]:
    """Where each opening bracket is closed; one that is not, or by another kind, is left out."""
    partners: dict[int, int] = {}
    unclosed: list[int] = []
    for index, token in enumerate(found):
        if token.text in _CLOSING:
            unclosed.append(index)
        elif token.text in (")", "]", "}"):
            if not unclosed or _CLOSING[found[unclosed[-1]].text] != token.text:
                break
            partners[unclosed.pop()] = index
    return partners


def _clauses(
    found: Sequence[Token], partners: Mapping[int, int], body: Range, kind: PartKind
) -> Iterator[Range]:
    """What must hold each by itself, in order; without recursion, however deep the brackets."""
    pending = [body]
    while pending:
        start, end = pending.pop()
        while start < end and partners.get(start) == end - 1 and found[start].text == "(":
            start, end = start + 1, end - 1
        pieces = _pieces(found, partners, (start, end), kind)
        if len(pieces) > 1:
            pending += reversed(pieces)
        elif start < end:
            yield start, end


def _pieces(
    found: Sequence[Token], partners: Mapping[int, int], body: Range, kind: PartKind
) -> list[Range]:
    """Cut at ``&&``, or behind ``unless`` at ``||``, unless something binds less than that."""
    separator, looser = ("&&", ("||", "if")) if kind == "when" else ("||", ("if",))
    at, end = body
    bounds = [at - 1]
    while at < end:
        if found[at].text in looser:
            return [body]
        if found[at].text == separator:
            bounds.append(at)
        at = partners.get(at, at) + 1
    bounds.append(end)
    return [(left + 1, right) for left, right in pairwise(bounds)]
