"""Which requests there are: each action's principals and resources, and the contexts to try."""

from collections.abc import Mapping, Sequence
from typing import Any

import msgspec
from msgspec import Struct

from buildsteps.steps.cedar.difference.contexts import Literals, made
from buildsteps.steps.cedar.difference.numbering import Block, Question, Space
from buildsteps.steps.cedar.difference.universe import Universe
from buildsteps.steps.cedar.proposals.cast import Cast
from buildsteps.steps.cedar.proposals.placeholders import Uid
from buildsteps.steps.cedar.schemas.model import Record, SchemaModel
from buildsteps.steps.cedar.trials.request import uid_pair
from buildsteps.steps.cedar.trials.trial import Trial

__all__ = ["Block", "Question", "Space", "blocks_of"]


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
                if tried.contexts and not tried.whole:
                    told[f"{uid[1]}: not all combinations of its context's values"] = None
            block = Block(
                universe=number,
                action=uid,
                principals=_of_types(universe, shape.principals),
                resources=_of_types(universe, shape.resources),
                contexts=tuple(contexts),
            )
            if block.size:
                blocks.append(block)
            elif block.principals and block.resources:
                told[f"{uid[1]}: it requires too many values to make up a context"] = None
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
            contexts=tuple(contexts),
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
