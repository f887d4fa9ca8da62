"""``--mutate``: make the policies wrong one way at a time, and see which ways no test notices."""

from collections.abc import Collection, Iterator, Sequence
from pathlib import Path
from typing import Any

from msgspec import Struct

from buildsteps.acceptances import settle
from buildsteps.reporting.text import counted
from buildsteps.results import Case, Finding, Outcome, Table
from buildsteps.steps.cedar.judge import EntityLoader
from buildsteps.steps.cedar.mutation.base import Base
from buildsteps.steps.cedar.mutation.mutants import Mutant
from buildsteps.steps.cedar.mutation.proposed_tests import Proposed, Proposing, default_place
from buildsteps.steps.cedar.mutation.score import Score, score, score_case
from buildsteps.steps.cedar.mutation.sorting import Sorted, sort
from buildsteps.steps.cedar.mutation.telling import (
    MOST_FINDINGS,
    findings_of,
    survivor_facts,
    tables_of,
)
from buildsteps.steps.cedar.mutation.written import written
from buildsteps.steps.cedar.policies.checks import Validated
from buildsteps.steps.cedar.policies.policy import acceptances_in
from buildsteps.steps.cedar.settings import ValidateOptions
from buildsteps.steps.cedar.stores.inputs import StoreInputs
from buildsteps.steps.cedar.trials.decisions import Judged
from buildsteps.world import World
from buildsteps.world.clock import utc_date


class Mutated(Struct, frozen=True, kw_only=True):
    """What ``--mutate`` says of a store."""

    cases: Sequence[Case]
    findings: Sequence[Finding]
    tables: Sequence[Table]
    notes: Sequence[str]
    facts: dict[str, Any]


def mutate(
    inputs: StoreInputs,
    validated: Validated,
    judged: Sequence[Judged],
    loader: EntityLoader,
    options: ValidateOptions,
    world: World,
    base: Base | None = None,
) -> Mutated:
    """Judge the tests of a store by the mutants of its policies."""
    touched = base.touched(inputs, options, world) if base else None
    found = sort(inputs, validated, judged, loader, options, world, touched)
    path = _place(inputs, options, world)
    proposed = _proposed(found, inputs, validated, loader, options, world, path)
    name = inputs.store.name
    findings = findings_of(found, name, proposed.tests)
    accepted = _accepted(found, findings, inputs, options, world)
    now = score(found.noticed, found.survived, accepted)
    then = Score(noticed=now.noticed + len(proposed.notices - accepted), of=now.of)
    notes = [
        *_left_out(found, judged, validated, touched, base, options),
        *_untried(found),
        *_promise(now, then, proposed, options, world),
    ]
    if len(findings) > MOST_FINDINGS:
        notes.append(
            f"{len(findings):,} mutants survive; {MOST_FINDINGS} of them are findings, "
            "all are in the facts of --format json"
        )
    held = options.min_mutation_score
    return Mutated(
        cases=[score_case(name, now, held)] if held is not None and not options.filter else [],
        findings=findings[:MOST_FINDINGS],
        tables=tables_of(found, accepted, name, now),
        notes=[f"{name}: {note}" for note in notes],
        facts=_facts(found, accepted, now, then, proposed),
    )


def _place(inputs: StoreInputs, options: ValidateOptions, world: World) -> Path:
    """Where the suite is to stand; one that is written elsewhere belongs where suites do."""
    path = world.path(options.mutation_tests) if options.mutation_tests else None
    if path is not None and path.is_relative_to(inputs.store.folder):
        return path
    return default_place(inputs.store)


def _proposed(
    found: Sorted,
    inputs: StoreInputs,
    validated: Validated,
    loader: EntityLoader,
    options: ValidateOptions,
    world: World,
    path: Path,
) -> Proposed:
    if found.possible is None:
        return Proposed()
    proposing = Proposing(
        inputs=inputs,
        validated=validated,
        loader=loader,
        possible=found.possible,
        bench=found.bench,
        options=options,
        world=world,
    )
    proposed = proposing.propose(found.found, path)
    if options.mutation_tests and proposed.tests:
        written(world.path(options.mutation_tests), proposed.text, world)
    return proposed


def _accepted(
    found: Sorted,
    findings: Sequence[Finding],
    inputs: StoreInputs,
    options: ValidateOptions,
    world: World,
) -> set[int]:
    """The survivors that somebody accepted: they count neither way."""
    inline = acceptances_in(inputs.files)
    today = utc_date(world.clock.now())
    settled = settle(findings, options.accept, inline, today, whole_run=False).findings
    pairs = zip(found.survived, settled, strict=True)
    return {mutant.number for mutant, finding in pairs if finding.accepted}


def _left_out(
    found: Sorted,
    judged: Sequence[Judged],
    validated: Validated,
    touched: Collection[str] | None,
    base: Base | None,
    options: ValidateOptions,
) -> Iterator[str]:
    """What the score is not about."""
    if options.filter:
        held = "" if options.min_mutation_score is None else ", and is held to no threshold"
        yield f"the mutation score is that of the tests which --filter chooses{held}"
    wrong = sum(one.case.outcome in (Outcome.FAILED, Outcome.ERROR) for one in judged)
    if wrong:
        yield (
            f"{counted(wrong, 'test')} {_does(wrong)} not pass today, so "
            f"{'it notices' if wrong == 1 else 'they notice'} no mutant"
        )
    if touched is not None and base is not None:
        known = [*(one.id for one in validated.good), *(o.id for o in validated.linked.values())]
        same = sum(name not in touched for name in known)
        of = counted(len(known), "policy").replace("policys", "policies")
        yield f"since {base.name}, {same:,} of {of} and links are the same, and not mutated"
    if validated.left_out:
        number = len(validated.left_out)
        yield f"what does not validate is not mutated ({number:,} left out)"
    if found.too_deep:
        names = ", ".join(f"`{one.policy.id}`" for one in found.too_deep[:3])
        yield f"too deeply nested to be mutated: {names}"


def _does(number: int) -> str:
    return "does" if number == 1 else "do"


def _untried(found: Sorted) -> Iterator[str]:
    """How far it is known that an equivalent mutant is one."""
    if found.possible is None:
        return
    space = found.possible.space
    if not space.asked:
        yield (
            "no request could be made up, so no test is proposed and no mutant is known to be "
            "equivalent"
        )
        return
    if space.asked < space.total:
        yield (
            f"of {space.total:,} possible requests a sample of {space.asked:,} was tried, so a "
            "mutant called equivalent may be one that only a request not tried tells apart"
        )
    elif found.equivalent:
        yield (
            f"{counted(len(found.equivalent), 'mutant')} decided all {space.total:,} requests "
            "tried as the policies do, and are called equivalent"
        )
    for remark in found.possible.remarks:
        yield f"not tried: {remark}"


def _promise(
    now: Score, then: Score, proposed: Proposed, options: ValidateOptions, world: World
) -> Iterator[str]:
    tests = counted(len(proposed.tests), "proposed test")
    if proposed.tests and options.mutation_tests:
        path = world.shown(world.path(options.mutation_tests))
        yield f"{path} was written: with its {tests} the score is {then.text} instead of {now.text}"
    elif proposed.tests:
        yield (
            f"with {tests} the score is {then.text} instead of {now.text}; "
            "--mutation-tests FILE writes them"
        )
    elif options.mutation_tests:
        yield "no test to propose, so nothing was written"


def _facts(
    found: Sorted, accepted: Collection[int], now: Score, then: Score, proposed: Proposed
) -> dict[str, Any]:
    space = found.possible.space if found.possible else None
    survivors: Sequence[Mutant] = [one for one in found.survived if one.number not in accepted]
    return {
        "mutants": len(found.mutants),
        "noticed": len(found.noticed),
        "survived": len(survivors),
        "accepted": len(accepted),
        "equivalent": len(found.equivalent),
        "invalid": len(found.invalid),
        "tests_counted": found.court.tests,
        "requests_possible": space.total if space else 0,
        "requests_tried": space.asked if space else 0,
        "score": round(now.percent, 2),
        "score_with_tests": round(then.percent, 2),
        "survivors": [survivor_facts(one) for one in survivors],
        "tests": [dict(one.entry) for one in proposed.tests],
        "suite": proposed.text,
    }
