"""Which questions a first suite asks: matrices by the types that actions apply to, bounded."""

from collections.abc import Iterator, Sequence
from typing import Any

import msgspec
from msgspec import Struct
from msgspec.structs import replace

from buildsteps.reporting.text import counted
from buildsteps.steps.cedar.proposals.cast import Cast
from buildsteps.steps.cedar.proposals.placeholders import TooManyValuesError, Uid, filled
from buildsteps.steps.cedar.schemas.model import Action

MOST_TESTS = 1_000
"""How many decisions a proposal holds at most: what a person can still look through."""

_AXES = (12, 8, 5, 3, 2, 1)
_TYPES_IN_A_TITLE = 3


class Draft(Struct, frozen=True, kw_only=True):
    """A matrix to be: ``note`` says which of its entities were left out."""

    title: str
    principals: tuple[Uid, ...]
    actions: tuple[str, ...]
    resources: tuple[Uid, ...]
    context: dict[str, Any]
    note: str = ""

    @property
    def size(self) -> int:
        """The number of its tests."""
        return len(self.principals) * len(self.actions) * len(self.resources)


class Plan(Struct, frozen=True):
    """What is asked, and what was left out, in sentences."""

    drafts: tuple[Draft, ...]
    left_out: tuple[str, ...]


class _Group(Struct):
    """Actions that apply to the same types in the same context."""

    principals: tuple[str, ...]
    resources: tuple[str, ...]
    context: dict[str, Any]
    actions: list[str]


def plan(cast: Cast) -> Plan:
    """Plan at most :data:`MOST_TESTS` tests: fewer entities first, then fewer actions."""
    left_out: list[str] = []
    groups = list(_groups(cast, left_out))
    drafts: list[Draft] = []
    for longest in _AXES:
        drafts = [_draft(group, cast, longest) for group in groups]
        if sum(draft.size for draft in drafts) <= MOST_TESTS:
            break
    kept = _within_bounds(drafts, left_out)
    told = [f"{draft.title}: {draft.note}" for draft in kept if draft.note]
    return Plan(_titled(kept), (*left_out, *told))


def _groups(cast: Cast, left_out: list[str]) -> Iterator[_Group]:
    groups: dict[Any, _Group] = {}
    for action in cast.model.actions.values():
        if action.principals and action.resources:
            _sort_in(action, cast, groups, left_out)
    return iter(groups.values())


def _sort_in(action: Action, cast: Cast, groups: dict[Any, _Group], left_out: list[str]) -> None:
    principals = tuple(kind for kind in action.principals if cast.can_play(kind))
    resources = tuple(kind for kind in action.resources if cast.can_play(kind))
    try:
        context = filled(action.context.attributes, cast.one)
    except TooManyValuesError:
        left_out.append(f"{action.uid}: its context requires too many values to make up")
        return
    if not principals or not resources:
        left_out.append(f"{action.uid}: its entities require too many attributes to make up")
        return
    key = (principals, resources, msgspec.json.encode(context))
    group = groups.setdefault(key, _Group(principals, resources, context, []))
    group.actions.append(action.uid)


def _draft(group: _Group, cast: Cast, longest: int) -> Draft:
    principals, more_principals = _axis(group.principals, cast, longest)
    resources, more_resources = _axis(group.resources, cast, longest)
    parts = [
        f"{len(shown):,} of {counted(len(shown) + more, word)}"
        for shown, more, word in (
            (principals, more_principals, "principal"),
            (resources, more_resources, "resource"),
        )
        if more
    ]
    return Draft(
        title=f"{_title(group.principals)} on {_title(group.resources)}",
        principals=principals,
        actions=tuple(group.actions),
        resources=resources,
        context=group.context,
        note=", ".join(parts),
    )


def _axis(kinds: Sequence[str], cast: Cast, longest: int) -> tuple[tuple[Uid, ...], int]:
    """One entity of each type, then the second of each, ...; and how many more there are."""
    columns = [cast.of(kind) for kind in kinds]
    total = sum(map(len, columns))
    chosen: list[Uid] = []
    for row in range(min(longest, max(map(len, columns)))):
        chosen += [column[row] for column in columns if row < len(column)]
        if len(chosen) >= longest:
            break
    order = {kind: position for position, kind in enumerate(kinds)}
    kept = sorted(chosen[:longest], key=lambda uid: order[uid[0]])
    return tuple(kept), total - len(kept)


def _within_bounds(drafts: Sequence[Draft], left_out: list[str]) -> list[Draft]:
    kept: list[Draft] = []
    room, missing = MOST_TESTS, 0
    for draft in drafts:
        a_single = len(draft.principals) * len(draft.resources)
        actions = draft.actions[: room // a_single]
        missing += len(draft.actions) - len(actions)
        if actions:
            kept.append(replace(draft, actions=actions))
            room -= a_single * len(actions)
    if missing:
        left_out.append(f"{counted(missing, 'action')}, for a proposal has {MOST_TESTS:,} tests")
    return kept


def _title(kinds: Sequence[str]) -> str:
    names = [kind.rpartition("::")[2] for kind in kinds]
    more = len(names) - _TYPES_IN_A_TITLE
    shown = ", ".join(names[:_TYPES_IN_A_TITLE])
    return f"{shown} and {counted(more, 'more type')}" if more > 0 else shown


def _titled(drafts: Sequence[Draft]) -> tuple[Draft, ...]:
    """Give the second of a title a number."""
    seen: dict[str, int] = {}
    found = []
    for draft in drafts:
        number = seen[draft.title] = seen.get(draft.title, 0) + 1
        title = draft.title if number == 1 else f"{draft.title} ({number})"
        found.append(replace(draft, title=title))
    return tuple(found)
