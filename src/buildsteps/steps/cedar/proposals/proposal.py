"""One store's proposal: planned from its schema, decided by the engine, written as a suite."""

from collections.abc import Sequence
from itertools import product
from pathlib import Path

from msgspec import Struct
from msgspec.structs import replace

from buildsteps.errors import UsageError
from buildsteps.results import Outcome
from buildsteps.steps.cedar import engine
from buildsteps.steps.cedar.judge import EntityLoader, mentions
from buildsteps.steps.cedar.policies.checks import Validated, validate_store
from buildsteps.steps.cedar.proposals.cast import Cast
from buildsteps.steps.cedar.proposals.cells import Combination
from buildsteps.steps.cedar.proposals.places import place_for
from buildsteps.steps.cedar.proposals.plan import Draft, Plan, plan
from buildsteps.steps.cedar.proposals.suite_text import Drawn, SuiteWriter
from buildsteps.steps.cedar.schemas.model import SchemaModel
from buildsteps.steps.cedar.settings import ValidateOptions
from buildsteps.steps.cedar.stores.inputs import StoreInputs, read_store
from buildsteps.steps.cedar.stores.names import ALLOW
from buildsteps.steps.cedar.stores.store import Store
from buildsteps.steps.cedar.trials.suite import trials_in
from buildsteps.steps.cedar.trials.trial import EntitySource, Trial
from buildsteps.world import World

_NOTHING = "its schema has no action that applies to a principal and a resource"


class Proposal(Struct, frozen=True, kw_only=True):
    """A suite for a store: where it belongs, its text, its decisions counted."""

    store: str
    path: Path
    text: str
    allowed: int
    denied: int
    left_out: tuple[str, ...]


def propose(store: Store, options: ValidateOptions, world: World) -> Proposal:
    """Propose a suite whose decisions are those of today.

    Raises:
        UsageError: there is nothing to propose, or what there is does not hold; says why.
    """
    inputs = read_store(store, world)
    model = _model(inputs)
    validated = _sound(inputs, world)
    path = place_for(store)
    asking = _Asking(inputs, validated, EntityLoader(inputs, options, world), options)
    known = asking.loader.load(EntitySource(paths=store.entities_of(path.parent)))
    if known.error is not None:
        raise known.error
    cast = Cast(model, known.uids, mentions(validated))
    planned = plan(cast)
    return _decided(planned, cast, asking, path, world)


def _model(inputs: StoreInputs) -> SchemaModel:
    if inputs.schema_error is not None:
        raise inputs.schema_error
    if inputs.schema is None:
        raise UsageError("it has no schema, which says what can be asked; add one")
    if inputs.schema.model is None:
        raise UsageError(f"its schema {inputs.schema.path} cannot be taken apart")
    return inputs.schema.model


def _sound(inputs: StoreInputs, world: World) -> Validated:
    """The policies; one that does not hold would make decisions that nobody meant."""
    validated = validate_store(inputs, world)
    for case in validated.cases:
        if case.outcome is Outcome.ERROR:
            place = case.locations[0] if case.locations else None
            message = f"{case.message} (`cedar-validate` says more; mend that first)"
            raise UsageError(message, place)
    return validated


class _Asking(Struct, frozen=True):
    """A store that is ready to be asked, the way that its tests will be."""

    inputs: StoreInputs
    validated: Validated
    loader: EntityLoader
    options: ValidateOptions

    def answers(self, trials: Sequence[Trial]) -> list[engine.Answer]:
        """The engine's answers to the tests of one suite, which all see the same entities."""
        entities = self.loader.load(trials[0].entities)
        if entities.error is not None:
            raise entities.error
        schema = self.inputs.schema
        handle = schema.handle if schema and self.options.request_validation else None
        requests = [trial.request.arguments() for trial in trials if trial.request]
        return engine.authorize(requests, self.validated.policy_set, entities.handle, handle)


def _decided(planned: Plan, cast: Cast, asking: _Asking, path: Path, world: World) -> Proposal:
    """Ask the questions of a plan; matrices that the engine does not decide are left out."""
    if not planned.drafts:
        raise UsageError("; ".join(planned.left_out) or _NOTHING)
    writer = SuiteWriter(_drawn(planned, cast, asking))
    store = asking.inputs.store
    unasked = writer.text([()] * len(planned.drafts))
    answers = iter(asking.answers(trials_in(unasked, path, store, world)))
    each = [[next(answers) for _ in range(draft.size)] for draft in planned.drafts]
    refused = {
        number: next(answer.message for answer in some if not answer.decision)
        for number, some in enumerate(each)
        if not all(answer.decision for answer in some)
    }
    if refused:
        return _decided(_without(planned, refused), cast, asking, path, world)
    allowed = [
        _allowed(writer, draft, some) for draft, some in zip(planned.drafts, each, strict=True)
    ]
    permitted = sum(map(len, allowed))
    return Proposal(
        store=store.name,
        path=path,
        text=writer.text(allowed),
        allowed=permitted,
        denied=sum(map(len, each)) - permitted,
        left_out=planned.left_out,
    )


def _drawn(planned: Plan, cast: Cast, asking: _Asking) -> Drawn:
    uids = (uid for draft in planned.drafts for uid in (*draft.principals, *draft.resources))
    remarks = [f"Left out: {reason}." for reason in planned.left_out]
    if not asking.validated.good:
        remarks.insert(0, "There is no policy yet, so everything is denied.")
    return Drawn(
        drafts=planned.drafts,
        made_up={uid: cast.entity(uid) for uid in uids if cast.is_made_up(uid[0])},
        remarks=remarks,
    )


def _allowed(
    writer: SuiteWriter, draft: Draft, answers: Sequence[engine.Answer]
) -> list[Combination]:
    asked = product(*writer.axes(draft))
    return [
        (principal, action, resource)
        for (principal, action, resource), answer in zip(asked, answers, strict=True)
        if answer.decision == ALLOW
    ]


def _without(planned: Plan, refused: dict[int, str]) -> Plan:
    reasons = [f"{planned.drafts[number].title}: {why}" for number, why in refused.items()]
    kept = (draft for number, draft in enumerate(planned.drafts) if number not in refused)
    return replace(planned, drafts=tuple(kept), left_out=(*planned.left_out, *reasons))
