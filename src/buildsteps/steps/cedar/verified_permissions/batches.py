"""Tests as batches of ``BatchIsAuthorized``, which keep its rules.

A batch has at most 30 requests of one principal or one resource, so many entities, and one size.
"""

import json
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from msgspec import Struct

from buildsteps.steps.cedar.trials.request import Request, uid_pair
from buildsteps.steps.cedar.verified_permissions.entity_slices import (
    EntityPool,
    Uid,
    is_action_type,
    uids_within,
)
from buildsteps.steps.cedar.verified_permissions.limits import (
    ACTION_ID_LETTERS,
    ENTITIES_A_KIND,
    ENTITY_ID_LETTERS,
    ENTITY_TYPE_LETTERS,
    REQUEST_BYTES,
    REQUESTS_A_BATCH,
)

_ENVELOPE = 2_000
"""Bytes kept free for the rest of the request."""


class Question(Struct, frozen=True, eq=False):
    """A request, and the number of the test that asks it."""

    number: int
    request: Request

    @property
    def start(self) -> set[Uid]:
        """The entities from which its evaluation begins."""
        given = {uid_pair(self.request.principal), uid_pair(self.request.resource)}
        return given | set(uids_within(dict(self.request.context)))


class Batch(Struct, frozen=True):
    """What can be asked at once, with its entities as Cedar's JSON."""

    questions: tuple[Question, ...]
    entities: str


class Unaskable(Struct, frozen=True):
    """A question that the service does not take, and why."""

    question: Question
    why: str


def batches(
    questions: Sequence[Question], pool: EntityPool, named: frozenset[Uid]
) -> Iterator[Batch | Unaskable]:
    """Group the questions of one set of entities; ``named`` are those that policies name."""
    askable = []
    for one in questions:
        why = _wrong(one.request)
        if why:
            yield Unaskable(one, why)
        else:
            askable.append(one)
    for group in _grouped(askable):
        for start in range(0, len(group), REQUESTS_A_BATCH):
            yield from _fitting(group[start : start + REQUESTS_A_BATCH], pool, named)


def api_request(request: Request) -> dict[str, Any]:
    """A request in the API's form; an empty context is left out, as its documentation asks."""
    action = uid_pair(request.action)
    told: dict[str, Any] = {
        "principal": _entity(uid_pair(request.principal)),
        "action": {"actionType": action[0], "actionId": action[1]},
        "resource": _entity(uid_pair(request.resource)),
    }
    context = {"cedarJson": json.dumps(request.context, ensure_ascii=False)}
    return told | ({"context": context} if request.context else {})


def _entity(uid: Uid) -> dict[str, str]:
    return {"entityType": uid[0], "entityId": uid[1]}


def _wrong(request: Request) -> str:
    """Why the API takes no such request, in whatever batch."""
    for part in ("principal", "resource"):
        kind, name = uid_pair(getattr(request, part))
        if len(kind) > ENTITY_TYPE_LETTERS:
            return f"the type of its {part} has more than {ENTITY_TYPE_LETTERS} characters"
        if not 1 <= len(name) <= ENTITY_ID_LETTERS:
            return f"the id of its {part} has not 1 to {ENTITY_ID_LETTERS} characters"
    kind, name = uid_pair(request.action)
    if not is_action_type(kind) or not 1 <= len(name) <= ACTION_ID_LETTERS:
        return "its action is none that the API can name"
    return ""


def _grouped(questions: Iterable[Question]) -> Iterator[list[Question]]:
    """Questions that share a principal or a resource, whichever more of them have."""
    asked = list(questions)
    keys = {
        one.number: (
            ("principal", uid_pair(one.request.principal)),
            ("resource", uid_pair(one.request.resource)),
        )
        for one in asked
    }
    counts = Counter(key for pair in keys.values() for key in pair)
    groups: dict[tuple[str, Uid], list[Question]] = {}
    for one in asked:
        key = max(keys[one.number], key=lambda key: counts[key])
        groups.setdefault(key, []).append(one)
    yield from groups.values()


def _fitting(
    questions: Sequence[Question], pool: EntityPool, named: frozenset[Uid]
) -> Iterator[Batch | Unaskable]:
    """The questions with their entities, in halves where together they are too much."""
    entities = pool.all()
    if len(entities) > ENTITIES_A_KIND:
        entities = pool.reached(named.union(*(one.start for one in questions)))
    text = json.dumps(entities, ensure_ascii=False)
    why = _too_much(questions, len(entities), text)
    if not why:
        yield Batch(tuple(questions), text)
    elif len(questions) == 1:
        yield Unaskable(questions[0], why)
    else:
        half = len(questions) // 2
        yield from _fitting(questions[:half], pool, named)
        yield from _fitting(questions[half:], pool, named)


def _too_much(questions: Sequence[Question], entities: int, text: str) -> str:
    if entities > ENTITIES_A_KIND:
        return f"it may need {entities:,} entities, and the service takes {ENTITIES_A_KIND}"
    asked = json.dumps([api_request(one.request) for one in questions], ensure_ascii=False)
    # the entities travel as text within JSON, where every quote costs a backslash
    size = len(json.dumps(text).encode()) + len(asked.encode()) + _ENVELOPE
    if size > REQUEST_BYTES:
        return f"it takes {size:,} bytes, and the service takes {REQUEST_BYTES:,}"
    return ""
