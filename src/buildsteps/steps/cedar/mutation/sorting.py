"""What becomes of each mutant: noticed, missed by the tests, equivalent, invalid."""

from collections.abc import Collection, Mapping, Sequence

from msgspec import Struct

from buildsteps.steps.cedar import engine
from buildsteps.steps.cedar.judge import EntityLoader
from buildsteps.steps.cedar.mutation.mutants import Mutant, mutants_of
from buildsteps.steps.cedar.mutation.originals import Original, originals
from buildsteps.steps.cedar.mutation.possible import Possible, possible_requests
from buildsteps.steps.cedar.mutation.trial_court import Bench, Noticed, noticed
from buildsteps.steps.cedar.mutation.witnesses import Witness, first_noticing, witnesses
from buildsteps.steps.cedar.policies.checks import Validated
from buildsteps.steps.cedar.policies.policy import PolicyIndex
from buildsteps.steps.cedar.settings import ValidateOptions
from buildsteps.steps.cedar.stores.inputs import StoreInputs
from buildsteps.steps.cedar.trials.decisions import Judged
from buildsteps.world import World


class Sorted(Struct, frozen=True, kw_only=True):
    """The mutants by what became of them.

    ``survived`` are those that no test notices and a request would, or that no request could be
    found for because none could be asked; ``found`` are the requests, ``shown`` by number of the
    mutant the one to show. ``too_deep`` are policies that were not changed at all.
    """

    noticed: Mapping[int, Judged]
    mutants: Sequence[Mutant]
    survived: Sequence[Mutant]
    equivalent: Sequence[Mutant]
    invalid: Sequence[Mutant]
    found: Sequence[Witness]
    shown: Mapping[int, Witness]
    court: Noticed
    bench: Bench
    possible: Possible | None
    too_deep: Sequence[Original]


def sort(
    inputs: StoreInputs,
    validated: Validated,
    judged: Sequence[Judged],
    loader: EntityLoader,
    options: ValidateOptions,
    world: World,
    touched: Collection[str] | None = None,
) -> Sorted:
    """Ask the tests, then all possible requests, what they see of each mutant."""
    schema = inputs.schema.handle if inputs.schema else None
    asked = schema if options.request_validation else None
    known = originals(validated)
    every = list(mutants_of(known, validated, touched))
    valid, invalid = by_validity(every, schema)
    bench = Bench.of(known, valid, asked)
    index = PolicyIndex(policies=validated.good, links=validated.linked)
    court = noticed(bench, judged, lambda source: loader.load(source).handle, index.called)
    left = [mutant for mutant in valid if mutant.number not in court.by]
    bench = bench.only(left)
    possible, found = None, []
    if left:
        possible = possible_requests(inputs, validated, loader, world, mutants=len(left))
        found = witnesses(bench, possible)
    shown = first_noticing(found, left)
    blind = possible is None or not possible.space.asked
    survived = [mutant for mutant in left if blind or mutant.number in shown]
    return Sorted(
        noticed=court.by,
        mutants=every,
        survived=survived,
        equivalent=[] if blind else [one for one in left if one.number not in shown],
        invalid=invalid,
        found=found,
        shown=shown,
        court=court,
        bench=bench.only(survived),
        possible=possible,
        too_deep=[one for one in known if one.document is None],
    )


def by_validity(
    mutants: Sequence[Mutant], schema: engine.Schema | None
) -> tuple[list[Mutant], list[Mutant]]:
    """Those that the validator lets pass, and those that it would notice without any test."""
    texts = [(mutant.number, mutant.text) for mutant in mutants if mutant.instances]
    wrong: set[int] = set()
    if engine.parse_policies("\n".join(text for _, text in texts)) is None:
        wrong = {number for number, text in texts if engine.parse_error(text) is not None}
        texts = [(number, text) for number, text in texts if number not in wrong]
    if schema is not None:
        for error in engine.validate("\n".join(text for _, text in texts), schema):
            wrong.add(texts[error.policy][0])
    valid = [mutant for mutant in mutants if mutant.number not in wrong]
    return valid, [mutant for mutant in mutants if mutant.number in wrong]
