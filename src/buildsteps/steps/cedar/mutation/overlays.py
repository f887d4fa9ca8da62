"""The entities that a proposed test has to bring: those that the files do not give it."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import msgspec

from buildsteps.steps.cedar.difference.space import Question
from buildsteps.steps.cedar.difference.universe import Universe
from buildsteps.steps.cedar.trials.entity_mistakes import Uid, uid_of


def overlay(question: Question, universe: Universe, there: Sequence[Any]) -> list[dict[str, Any]]:
    """The entities that the request can come to and that differ from those that are ``there``."""
    known = {uid_of(one.get("uid")): one for one in there if isinstance(one, Mapping)}
    entities = {uid_of(one["uid"]): one for one in msgspec.json.decode(universe.text)}
    found: dict[Uid, dict[str, Any]] = {}
    seen: set[Uid] = set()
    waiting = [question.principal, question.resource, *_uids(question.context)]
    while waiting:
        uid = waiting.pop(0)
        entity = entities.get(uid)
        if entity is None or uid in seen:
            continue
        seen.add(uid)
        if entity != known.get(uid):
            # over one that is there, what is empty means that there is nothing
            found[uid] = entity if uid in known else _plain(entity)
        waiting += _uids([entity.get(part) for part in ("attrs", "tags")])
        waiting += [one for parent in entity.get("parents", ()) if (one := uid_of(parent))]
    return list(found.values())


def _plain(entity: Mapping[str, Any]) -> dict[str, Any]:
    """Without the parts that are empty, which an entity of a suite need not have."""
    return {key: value for key, value in entity.items() if key == "uid" or value}


def _uids(value: Any) -> Iterator[Uid]:
    """Whatever may be an entity uid in a value, in either of Cedar's JSON forms."""
    if isinstance(value, Mapping):
        uid = uid_of(value)
        if uid is not None:
            yield uid
        for one in value.values():
            yield from _uids(one)
    elif isinstance(value, list):
        for one in value:
            yield from _uids(one)
