"""``--mutate``: make the policies wrong one way at a time, and see which ways no test notices."""

from collections.abc import Iterable, Sequence
from typing import Any

import yaml
from msgspec import Struct

from buildsteps.reporting.text import counted
from buildsteps.results import Case, Finding, Outcome, Severity, Table
from buildsteps.steps.cedar import engine
from buildsteps.steps.cedar.difference.space import Space, blocks_of
from buildsteps.steps.cedar.difference.universe import peopled, universes_of
from buildsteps.steps.cedar.judge import EntityLoader
from buildsteps.steps.cedar.mutation.killing_test import (
    MOST_QUESTIONS,
    Witness,
    loaded,
    suite_test,
    witnesses,
)
from buildsteps.steps.cedar.mutation.mutants import Mutant, mutants_of, originals, placed
from buildsteps.steps.cedar.mutation.trial_court import Bench, noticed
from buildsteps.steps.cedar.policies.checks import Validated
from buildsteps.steps.cedar.policies.policy import PolicyIndex
from buildsteps.steps.cedar.settings import ValidateOptions
from buildsteps.steps.cedar.stores.inputs import StoreInputs
from buildsteps.steps.cedar.trials.decisions import Judged
from buildsteps.steps.cedar.versions.version import StoreVersion, Version
from buildsteps.world import World

SURVIVING = "surviving-mutant"
GROUP = "mutation"


class Mutated(Struct, frozen=True, kw_only=True):
    """What ``--mutate`` says of a store."""

    cases: tuple[Case, ...]
    findings: tuple[Finding, ...]
    tables: tuple[Table, ...]
    facts: dict[str, Any]


class Sorted(Struct, frozen=True, kw_only=True):
    """The mutants by what became of them; ``survived`` with what would notice each."""

    noticed: Sequence[Mutant]
    survived: Sequence[tuple[Mutant, Witness]]
    equivalent: Sequence[Mutant]
    invalid: Sequence[Mutant]

    @property
    def score(self) -> float:
        """The share in percent that the tests notice, of those that anybody could."""
        total = len(self.noticed) + len(self.survived)
        return 100 * len(self.noticed) / total if total else 100.0


def mutate(
    inputs: StoreInputs,
    validated: Validated,
    judged: Sequence[Judged],
    loader: EntityLoader,
    options: ValidateOptions,
    world: World,
) -> Mutated:
    """Judge the tests of a store by the mutants of its policies."""
    found = sort(inputs, validated, judged, loader, options, world)
    name = inputs.store.name
    findings = [_finding(mutant, witness, name) for mutant, witness in found.survived]
    total = len(found.noticed) + len(found.survived)
    facts = {
        "mutants": total + len(found.equivalent) + len(found.invalid),
        "noticed": len(found.noticed),
        "survived": len(found.survived),
        "equivalent": len(found.equivalent),
        "invalid": len(found.invalid),
        "score": round(found.score, 1),
        "tests": [suite_test(witness, mutant) for mutant, witness in found.survived],
    }
    return Mutated(
        cases=tuple(_cases(found, name, total, options)),
        findings=tuple(findings),
        tables=(_table(found, name),),
        facts=facts,
    )


def sort(
    inputs: StoreInputs,
    validated: Validated,
    judged: Sequence[Judged],
    loader: EntityLoader,
    options: ValidateOptions,
    world: World,
) -> Sorted:
    """Ask the tests, then all possible requests, what they see of each mutant."""
    schema = inputs.schema.handle if inputs.schema else None
    asked = schema if options.request_validation else None
    known = originals(validated)
    every = list(mutants_of(known, validated))
    valid, invalid = _by_validity(every, schema)
    bench = Bench.of(known, valid, asked)
    index = PolicyIndex(policies=validated.good, links=validated.linked)
    killed = noticed(bench, judged, lambda source: loader.load(source).handle, index.called)
    left = [mutant for mutant in valid if mutant.number not in killed]
    store = StoreVersion(key=".", inputs=inputs, validated=validated)
    version = Version(name=inputs.store.name, stores=(store,), world=world)
    models = [inputs.model] if inputs.model else []
    policies = [policy.text for policy in validated.good]
    universes = universes_of([(version, store)], (), world)
    if models:
        universes = [peopled(one, models, "\n".join(policies)) for one in universes]
    blocks, _ = blocks_of(universes, models, inputs.trials, policies)
    space = Space(tuple(blocks), MOST_QUESTIONS)
    handles = [loaded(one.text, asked) for one in universes]
    seen = witnesses(Bench.of(known, left, asked), space, handles)
    return Sorted(
        noticed=[mutant for mutant in valid if mutant.number in killed],
        survived=[(mutant, seen[mutant.number]) for mutant in left if mutant.number in seen],
        equivalent=[mutant for mutant in left if mutant.number not in seen],
        invalid=invalid,
    )


def _by_validity(
    mutants: Iterable[Mutant], schema: engine.Schema | None
) -> tuple[list[Mutant], list[Mutant]]:
    """Those that the validator lets pass, and those that it would notice without any test."""
    every = list(mutants)
    if schema is None:
        return every, []
    texts = [(mutant, mutant.text()) for mutant in every if mutant.document is not None]
    wrong: set[int] = set()
    for error in engine.validate("\n".join(text for _, text in texts), schema):
        wrong.add(texts[error.policy][0].number)
    valid = [mutant for mutant in every if mutant.number not in wrong]
    return valid, [mutant for mutant in every if mutant.number in wrong]


def _finding(mutant: Mutant, witness: Witness, store: str) -> Finding:
    test = yaml.safe_dump(
        [suite_test(witness, mutant)], sort_keys=False, allow_unicode=True, width=1_000
    )
    return Finding(
        rule=SURVIVING,
        severity=Severity.LOW,
        message=f"no test notices `{mutant.name}` {_linked(mutant.words())}",
        detail=f"{mutant.text()}\n\n{test}".strip(),
        locations=(placed(mutant),),
        fingerprint=f"{SURVIVING}:{store}:{mutant.name}:{mutant.operator}:{mutant.number}",
    )


def _linked(words: str) -> str:
    return f"with {words}" if words.startswith("`") else f"changed: {words}"


def _cases(found: Sorted, name: str, total: int, options: ValidateOptions) -> Iterable[Case]:
    least = options.min_mutation_score
    if least is None:
        return
    said = f"the tests notice {len(found.noticed):,} of {counted(total, 'mutant')}"
    held = found.score >= least
    yield Case(
        name=f"mutation score of {name}",
        group=GROUP,
        outcome=Outcome.PASSED if held else Outcome.FAILED,
        kind="" if held else GROUP,
        message=f"{said}, {found.score:.1f} %" + ("" if held else f", less than {least:g} %"),
    )


def _table(found: Sorted, name: str) -> Table:
    operators: dict[str, list[int]] = {}
    columns = (
        found.noticed,
        [mutant for mutant, _ in found.survived],
        found.equivalent,
        found.invalid,
    )
    for place, mutants in enumerate(columns):
        for mutant in mutants:
            operators.setdefault(mutant.operator, [0, 0, 0, 0])[place] += 1
    rows = [(one, *map(str, numbers)) for one, numbers in sorted(operators.items())]
    totals = tuple(str(len(mutants)) for mutants in columns)
    return Table(
        title=f"Mutants of {name}: the tests notice {found.score:.1f} %",
        columns=("change", "noticed", "survived", "equivalent", "invalid"),
        rows=(*rows, ("all", *totals)),
    )
