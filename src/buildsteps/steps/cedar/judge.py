"""The tests of a store, judged against the policies that hold."""

from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from typing import TYPE_CHECKING

from buildsteps.results import Case, Finding, Location, Outcome
from buildsteps.steps.cedar import findings
from buildsteps.steps.cedar.policies.checks import Validated
from buildsteps.steps.cedar.policies.policy import PolicyIndex, joined
from buildsteps.steps.cedar.settings import ValidateOptions
from buildsteps.steps.cedar.stores.inputs import StoreInputs
from buildsteps.steps.cedar.trials.decisions import Authorizer, Judged, decide, evaluation_findings
from buildsteps.steps.cedar.trials.entities import EntityData, UnknownKey, load_entities
from buildsteps.steps.cedar.trials.request import Request
from buildsteps.steps.cedar.trials.trial import EntitySource, Trial
from buildsteps.world import World

if TYPE_CHECKING:
    from buildsteps.steps.cedar.answers.near_miss import Probes


class EntityLoader:
    """Loads the entities of tests, each combination of files once."""

    def __init__(self, inputs: StoreInputs, options: ValidateOptions, world: World) -> None:
        handle = inputs.schema.handle if inputs.schema else None
        checked = options.request_validation
        self.folder = world.shown(inputs.store.folder)

        @cache
        def load(source: EntitySource) -> EntityData:
            return load_entities(source, handle, lambda: inputs.model, world, checked=checked)

        self.load = load


def run_trials(
    inputs: StoreInputs,
    validated: Validated,
    trials: Sequence[Trial],
    loader: EntityLoader,
    options: ValidateOptions,
) -> Iterator[Judged]:
    """Judge the selected tests of a store, in order."""
    if inputs.schema_error is not None:
        yield from (_not_judged(trial) for trial in trials)
        return
    handle = inputs.schema.handle if inputs.schema else None
    index = PolicyIndex(policies=validated.good, links=validated.linked)
    authorizer = Authorizer(
        folder=loader.folder,
        policies=validated.policy_set,
        index=index,
        probes=cache(lambda effect: _probes(index, effect)),
        left_out=validated.left_out,
        entities=loader.load,
        schema=handle if options.request_validation else None,
        suggest=lambda message, request: _hint(message, request, inputs),
    )
    batch = 1 if options.fail_fast else 256
    yield from decide(trials, authorizer, batch=batch, explain=options.verbose)


def _probes(index: PolicyIndex, effect: str) -> "Probes":
    from buildsteps.steps.cedar.answers.near_miss import probes_of

    return probes_of(index, effect)


def _hint(message: str, request: Request, inputs: StoreInputs) -> str:
    from buildsteps.steps.cedar.text.known_names import nearest_name
    from buildsteps.steps.cedar.trials.request_mistakes import context_misfit

    return context_misfit(message, request, inputs.model) or nearest_name(message, inputs.model)


def _not_judged(trial: Trial) -> Judged:
    case = Case(
        name=trial.name,
        group=trial.group,
        outcome=Outcome.SKIPPED,
        message="the schema is not valid",
        locations=(trial.location,),
    )
    return Judged(trial=trial, case=case)


def test_findings(
    judged: Sequence[Judged], inputs: StoreInputs, validated: Validated, loader: EntityLoader
) -> list[Finding]:
    """What the tests taught beside their outcomes."""
    by_source = {one.trial.entities: loader.load(one.trial.entities) for one in judged}
    answered = ((one.trial, by_source[one.trial.entities].uids) for one in judged if one.answer)
    index = PolicyIndex(policies=validated.good, links=validated.linked)
    enumerated = Enumerated(inputs)
    return [
        *evaluation_findings(judged, index),
        *_links_to_nothing(inputs, validated, loader, enumerated),
        *findings.vacuous_tests(answered, mentions(validated), enumerated),
        *findings.unknown_entity_keys(_unknown_keys(judged, by_source)),
        *findings.unchecked_entities(
            [data.unchecked for data in by_source.values() if data.unchecked]
        ),
    ]


def _unknown_keys(
    judged: Sequence[Judged], by_source: Mapping[EntitySource, EntityData]
) -> list[tuple[Location, str]]:
    """Each once: in its file, or where the test itself holds it at the first such test."""
    places: dict[UnknownKey, Location] = {}
    first = {one.trial.entities: one.trial.location for one in reversed(judged)}
    for source, data in by_source.items():
        for found in data.unknown_keys:
            places.setdefault(found, found.location or first[source])
    return [(place, found.message) for found, place in places.items()]


def _links_to_nothing(
    inputs: StoreInputs, validated: Validated, loader: EntityLoader, enumerated: "Enumerated"
) -> list[Finding]:
    """Links to entities that are nowhere: not in any file, nor in any test, judged or not.

    Where some entities cannot be loaded, nobody knows.
    """
    links = [link for link in inputs.links if link.engine_id in validated.linked]
    if not links or inputs.schema_error is not None:
        return []
    files = [EntitySource(paths=(path,)) for path in inputs.store.entities]
    tests = [one.entities for one in inputs.trials if one.entities.overlay]
    loaded = [loader.load(source) for source in dict.fromkeys([*files, *tests])]
    if any(data.error for data in loaded):
        return []
    known = frozenset(uid for data in loaded for uid in data.uids)
    return findings.links_to_nothing(links, known, enumerated)


def mentions(validated: Validated) -> str:
    """All text in which a policy or link may name an entity."""
    slots = (value for one in validated.linked.values() for value in one.values.values())
    return "\n".join([joined(validated.good), *slots])


class Enumerated:
    """The entity types whose ids the schema lists; the schema is read when somebody asks."""

    def __init__(self, inputs: StoreInputs) -> None:
        self.inputs = inputs

    def __contains__(self, name: object) -> bool:
        """Whether ``name`` is such a type."""
        model = self.inputs.model
        known = model.entity_types.get(str(name)) if model else None
        return bool(known and known.choices)
