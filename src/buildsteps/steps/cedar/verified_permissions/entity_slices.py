"""The entities that a decision can depend on: a batch takes a hundred, and a store of tests more.

Evaluation begins at the request's principal, resource and context and at what policies name, and
goes from there along parents, attributes and tags only. So what cannot be reached that way cannot
matter (Cedar's documentation calls the same thing entity slicing).
"""

import json
from collections.abc import Iterable, Iterator
from typing import Any

Uid = tuple[str, str]


class EntityPool:
    """The entities of tests, given as Cedar's JSON, without actions.

    The service takes those from the schema, and refuses them in a request.
    """

    def __init__(self, text: str) -> None:
        self._documents: dict[Uid, dict[str, Any]] = {}
        for one in json.loads(text):
            name = _uid(one["uid"])
            if name and not is_action_type(name[0]):
                self._documents[name] = one
        self._next: dict[Uid, frozenset[Uid]] = {}

    def __len__(self) -> int:
        return len(self._documents)

    def all(self) -> list[dict[str, Any]]:
        """Every entity."""
        return list(self._documents.values())

    def reached(self, start: Iterable[Uid]) -> list[dict[str, Any]]:
        """The entities that can be reached from ``start``, in the order of the pool."""
        seen: set[Uid] = set()
        waiting = list(start)
        while waiting:
            name = waiting.pop()
            if name not in seen:
                seen.add(name)
                waiting += self._neighbours(name)
        return [one for name, one in self._documents.items() if name in seen]

    def _neighbours(self, name: Uid) -> frozenset[Uid]:
        if name not in self._next:
            one = self._documents.get(name, {})
            parts = (one.get("parents"), one.get("attrs"), one.get("tags"))
            self._next[name] = frozenset(uid for part in parts for uid in uids_within(part))
        return self._next[name]


def uids_within(value: Any) -> Iterator[Uid]:
    """The entities that a JSON value refers to, as an escape or as type and id alone."""
    if isinstance(value, dict):
        name = _uid(value)
        if name:
            yield name
        for one in value.values():
            yield from uids_within(one)
    elif isinstance(value, list):
        for one in value:
            yield from uids_within(one)


def is_action_type(name: str) -> bool:
    """Whether entities of this type are actions."""
    return name == "Action" or name.endswith("::Action")


def _uid(value: Any) -> Uid | None:
    inner = value.get("__entity", value) if isinstance(value, dict) else None
    if not isinstance(inner, dict):
        return None
    kind, name = inner.get("type"), inner.get("id")
    return (kind, name) if isinstance(kind, str) and isinstance(name, str) else None
