"""The requests that tell an equivalent mutant from one that the tests miss: those of the diff."""

from collections.abc import Iterator, Sequence
from itertools import islice
from math import gcd
from typing import Any

from msgspec import Struct
from msgspec.structs import replace

from buildsteps.steps.cedar import engine
from buildsteps.steps.cedar.difference.space import Question, Space, blocks_of
from buildsteps.steps.cedar.difference.universe import Universe, peopled, universes_of
from buildsteps.steps.cedar.judge import EntityLoader, mentions
from buildsteps.steps.cedar.mutation.invented import invented
from buildsteps.steps.cedar.policies.checks import Validated
from buildsteps.steps.cedar.stores.inputs import StoreInputs
from buildsteps.steps.cedar.trials.trial import EntitySource
from buildsteps.steps.cedar.versions.version import StoreVersion, Version
from buildsteps.world import World

_MOST, _FEWEST = 20_000, 1_000
_EVALUATIONS = 20_000_000
"""Requests times mutants: some twenty seconds, if no request tells any of them apart."""


class Possible(Struct, frozen=True, kw_only=True):
    """All that can be asked of a store, as far as somebody could think of it.

    ``handles`` are the universes for the engine; ``remarks`` say what is not tried.
    """

    space: Space
    universes: Sequence[Universe]
    handles: Sequence[Any]
    remarks: Sequence[str]

    def portions(self, size: int) -> Iterator[tuple[Any, list[Question]]]:
        """The questions by portions of one universe, each from all over the space."""
        numbers = spread(self.space.asked)
        while portion := list(islice(numbers, size)):
            by_universe: dict[int, list[Question]] = {}
            for number in portion:
                for one in self.space.questions(number, number + 1):
                    by_universe.setdefault(one.universe, []).append(one)
            for universe, members in by_universe.items():
                yield self.handles[universe], members


def spread(number: int) -> Iterator[int]:
    """The numbers below so many, each once, and each far from the one before."""
    step = max(int(number * 0.618), 1)
    while gcd(step, number) != 1:
        step += 1
    return (place * step % number for place in range(number))


def possible_requests(
    inputs: StoreInputs,
    validated: Validated,
    loader: EntityLoader,
    world: World,
    *,
    mutants: int,
) -> Possible:
    """Number the possible requests; the more mutants there are, the smaller the sample."""
    inputs = _with_sound_entities(inputs, loader)
    store = StoreVersion(key=".", inputs=inputs, validated=validated)
    version = Version(name=inputs.store.name, stores=(store,), world=world)
    universes = universes_of([(version, store)], (), world)
    models = [inputs.model] if inputs.model else []
    if inputs.model:
        named = mentions(validated)
        universes = [peopled(one, models, named) for one in universes]
        universes = [invented(one, inputs.model, named) for one in universes]
    schema = inputs.schema.handle if inputs.schema else None
    loaded = [(one, handle) for one in universes if (handle := _loaded(one, schema)) is not None]
    sound = [one for one, _ in loaded]
    policies = [policy.text for policy in validated.good]
    blocks, remarks = blocks_of(sound, models, inputs.trials, policies)
    most = max(_FEWEST, min(_MOST, _EVALUATIONS // max(mutants, 1)))
    return Possible(
        space=Space(tuple(blocks), most),
        universes=sound,
        handles=[handle for _, handle in loaded],
        remarks=remarks,
    )


def _with_sound_entities(inputs: StoreInputs, loader: EntityLoader) -> StoreInputs:
    """Without entities that the tests cannot be judged with either: that is told as a case."""

    def is_sound(source: EntitySource) -> bool:
        return loader.load(source).error is None

    trials = tuple(one for one in inputs.trials if one.error is None and is_sound(one.entities))
    paths = (p for p in inputs.store.entities if is_sound(EntitySource(paths=(p,))))
    return replace(inputs, trials=trials, store=replace(inputs.store, entities=tuple(paths)))


def _loaded(universe: Universe, schema: engine.Schema | None) -> Any:
    """Entities as the tests see them; with the schema if they fit it, as without checks."""
    for tried in dict.fromkeys((schema, None)):
        try:
            return engine.Entities.from_json_str(universe.text, tried)
        except ValueError:
            continue
    return None
