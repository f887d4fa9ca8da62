"""Every request that two versions together make possible, by number: none is held in memory."""

import random
from bisect import bisect_right
from collections.abc import Iterator, Mapping, Sequence
from functools import cached_property
from itertools import accumulate
from typing import Any

import msgspec
from msgspec import Struct

from buildsteps.steps.cedar.difference.contexts import Literals, made
from buildsteps.steps.cedar.difference.universe import Universe
from buildsteps.steps.cedar.proposals.cast import Cast
from buildsteps.steps.cedar.proposals.placeholders import Uid
from buildsteps.steps.cedar.schemas.model import Record, SchemaModel
from buildsteps.steps.cedar.trials.request import uid_pair
from buildsteps.steps.cedar.trials.trial import Trial


class Question(Struct, frozen=True):
    """One request, and the number of the universe that it is asked in."""

    universe: int
    principal: Uid
    action: Uid
    resource: Uid
    context: dict[str, Any]

    def arguments(self) -> dict[str, Any]:
        """The request as cedarpy takes it."""
        return {
            "principal": _uid(self.principal),
            "action": _uid(self.action),
            "resource": _uid(self.resource),
            "context": self.context,
        }


def _uid(uid: Uid) -> dict[str, str]:
    return {"type": uid[0], "id": uid[1]}


class Block(Struct, frozen=True, kw_only=True):
    """All combinations of some principals, resources and contexts for one action."""

    universe: int
    action: Uid
    principals: tuple[Uid, ...]
    resources: tuple[Uid, ...]
    contexts: tuple[dict[str, Any], ...]

    @property
    def size(self) -> int:
        """The number of its requests."""
        return len(self.principals) * len(self.resources) * len(self.contexts)

    def question(self, number: int) -> Question:
        """The request of this number, from 0."""
        number, context = divmod(number, len(self.contexts))
        principal, resource = divmod(number, len(self.resources))
        return Question(
            self.universe,
            self.principals[principal],
            self.action,
            self.resources[resource],
            self.contexts[context],
        )


class Space(Struct, frozen=True, dict=True):
    """All requests, numbered; of more than ``most`` of them a sample that ``seed`` decides."""

    blocks: tuple[Block, ...]
    most: int
    seed: int = 0

    @cached_property
    def _ends(self) -> list[int]:
        return list(accumulate(block.size for block in self.blocks))

    @property
    def total(self) -> int:
        """How many requests are possible."""
        return self._ends[-1] if self.blocks else 0

    @property
    def asked(self) -> int:
        """How many are asked."""
        return min(self.total, self.most)

    def questions(self, start: int, stop: int) -> Iterator[Question]:
        """The requests of these numbers among those asked.

        Of a sample each stands for a stretch of the possible ones, and is taken from it at random:
        so every part of the space is in it, and any process finds the same.
        """
        total, asked = self.total, self.asked
        for number in range(start, stop):
            place = number
            if asked < total:
                first, last = number * total // asked, (number + 1) * total // asked
                place = random.Random(self.seed * 1_000_003 + number).randrange(first, last)  # noqa: S311 - a sample, no secret
            block = bisect_right(self._ends, place)
            before = self._ends[block - 1] if block else 0
            yield self.blocks[block].question(place - before)


def blocks_of(
    universes: Sequence[Universe],
    models: Sequence[SchemaModel],
    trials: Sequence[Trial],
    policies: Sequence[str],
) -> tuple[list[Block], list[str]]:
    """The blocks for each universe, and in sentences what was not tried.

    Without a schema the requests are those of the tests, each principal, action and resource of
    them with each other.
    """
    tested = _tested_contexts(trials)
    if not models:
        return _without_schema(universes, trials, tested), []
    literals = Literals.of(policies)
    told: dict[str, None] = {}
    blocks: list[Block] = []
    for number, universe in enumerate(universes):
        for uid, shape in _environments(models).items():
            contexts = dict.fromkeys(tested.get(uid, ()))
            for record in shape.contexts:
                cast = Cast(models[-1], universe.uids, "")
                tried = made(record, literals, lambda kind: _uids(kind, cast))  # noqa: B023 - called at once
                contexts.update(dict.fromkeys(map(_frozen, tried.contexts)))
                if not tried.whole:
                    told[f"{uid[1]}: not all combinations of its context's values"] = None
            block = Block(
                universe=number,
                action=uid,
                principals=_of_types(universe, shape.principals),
                resources=_of_types(universe, shape.resources),
                contexts=tuple(msgspec.json.decode(one) for one in contexts),
            )
            if block.size:
                blocks.append(block)
    return blocks, list(told)


class _Environment(Struct):
    principals: dict[str, None]
    resources: dict[str, None]
    contexts: list[Record]


def _environments(models: Sequence[SchemaModel]) -> dict[Uid, _Environment]:
    """What any of the versions lets an action apply to."""
    found: dict[Uid, _Environment] = {}
    for model in models:
        for action in model.actions.values():
            one = found.setdefault(uid_pair(action.uid), _Environment({}, {}, []))
            one.principals.update(dict.fromkeys(action.principals))
            one.resources.update(dict.fromkeys(action.resources))
            if action.context not in one.contexts:
                one.contexts.append(action.context)
    return found


def _tested_contexts(trials: Sequence[Trial]) -> dict[Uid, list[str]]:
    found: dict[Uid, dict[str, None]] = {}
    for trial in trials:
        if trial.request is not None:
            action = uid_pair(trial.request.action)
            found.setdefault(action, {})[_frozen(trial.request.context)] = None
    return {action: list(contexts) for action, contexts in found.items()}


def _without_schema(
    universes: Sequence[Universe], trials: Sequence[Trial], tested: Mapping[Uid, list[str]]
) -> list[Block]:
    requests = [trial.request for trial in trials if trial.request is not None]
    principals = tuple(dict.fromkeys(one.principal_uid for one in requests))
    resources = tuple(dict.fromkeys(one.resource_uid for one in requests))
    return [
        Block(
            universe=number,
            action=action,
            principals=principals,
            resources=resources,
            contexts=tuple(msgspec.json.decode(one) for one in contexts),
        )
        for number in range(len(universes))
        for action, contexts in tested.items()
    ]


def _of_types(universe: Universe, kinds: Mapping[str, None]) -> tuple[Uid, ...]:
    return tuple(uid for uid in universe.uids if uid[0] in kinds)


def _uids(kind: str, cast: Cast) -> list[Uid]:
    return cast.of(kind) if kind in cast.model.entity_types else [cast.one(kind)]


def _frozen(context: Mapping[str, Any]) -> str:
    return msgspec.json.encode(context, order="deterministic").decode()
