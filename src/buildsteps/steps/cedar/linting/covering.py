"""Does one policy apply wherever another does? Proved from the constraints of both, or not said."""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any

from msgspec import Struct

from buildsteps.steps.cedar.linting.terms import NEVER, Constraint, Uid

Groups = Callable[[Uid], Iterable[Uid]]
"""The action groups that the schema puts an action in, at any distance."""


def no_groups(_action: Uid) -> tuple[Uid, ...]:
    """Without a schema nothing is known of groups."""
    return ()


def consequences(known: Iterable[Constraint], groups: Groups = no_groups) -> frozenset[Constraint]:
    """The constraints themselves, and those that hold wherever they do.

    ``x == E`` makes ``x in E`` and ``x is T``; an action is in the groups of the schema.
    """
    found = set(known)
    for one in tuple(found):
        kind, *rest = one
        if kind == "==":
            variable, uid = rest
            found.add(("in", variable, uid))
            if uid[0]:
                found.add(("is", variable, uid[0]))
        if kind in ("==", "in") and rest[0] == "action":
            found.update(("in", "action", group) for group in groups(rest[1]))
        if kind == "any" and rest[0] == "action":
            around = [frozenset(groups(uid)) | {uid} for uid in rest[1]]
            found.update(("in", "action", group) for group in frozenset.intersection(*around))
    return frozenset(found)


def holds(wanted: Constraint, known: frozenset[Constraint]) -> bool:
    """Whether a constraint follows from ``known``, which holds its own consequences."""
    if wanted in known:
        return True
    if wanted[0] != "any":
        return False
    _, variable, uids = wanted
    return any(
        (one[0] == "in" and one[1] == variable and one[2] in uids)
        or (one[0] == "any" and one[1] == variable and one[2] <= uids)
        for one in known
        if len(one) > 1
    )


def contradiction(known: frozenset[Constraint]) -> str:
    """Why constraints, with their consequences, can never all hold; empty where they may.

    An entity has one type and is equal to one entity; an expression is not true and false.
    """
    if NEVER in known:
        return "a condition of it is false for every request"
    for kind, sentence in (
        ("==", "{0} cannot be {1} and {2}"),
        ("is", "{0} cannot be of the types {1} and {2}"),
    ):
        seen: dict[str, Any] = {}
        for one in sorted((one for one in known if one[0] == kind), key=str):
            _, variable, value = one
            if seen.setdefault(variable, value) != value and "" not in (
                value[0],
                seen[variable][0],
            ):
                values = sorted((_shown(value), _shown(seen[variable])))
                return sentence.format(variable, *values)
    for one in known:
        if one[0] == "false" and ("true", one[1]) in known:
            return "it demands that a condition is true and false"
    return ""


def _shown(value: Any) -> str:
    return f'{value[0]}::"{value[1]}"' if isinstance(value, tuple) else str(value)


class _Member(Struct, frozen=True):
    number: int
    constraints: frozenset[Constraint]


class Index:
    """Finds the policies that cover one without comparing it with each.

    A policy stands below the rarest of its constraints: whatever it covers has that one too.
    """

    def __init__(self, members: Sequence[frozenset[Constraint]]) -> None:
        keys = [[(key, one) for one in member for key in _keys(one)] for member in members]
        frequency = Counter(key for member in keys for key, _ in member)
        self._below: dict[Any, list[_Member]] = {}
        for number, member in enumerate(members):
            rarest = (
                min((sum(frequency[key] for key in _keys(one)), str(one), one) for one in member)
                if member
                else None
            )
            for key in _keys(rarest[2]) if rarest else (None,):
                self._below.setdefault(key, []).append(_Member(number, member))

    def covering(self, known: frozenset[Constraint]) -> Iterator[int]:
        """The numbers of the members all of whose constraints follow from ``known``, in order."""
        keys = {None, *(key for one in known for key in _keys(one))}
        candidates = {one.number: one for key in keys for one in self._below.get(key, ())}
        for number in sorted(candidates):
            if all(holds(one, known) for one in candidates[number].constraints):
                yield number


def _keys(one: Constraint) -> list[Any]:
    """What to look a constraint up by; ``in`` a set is looked up by each of its members."""
    if one[0] == "any":
        return [("in", one[1], uid) for uid in sorted(one[2])]
    return [one]
