"""Tests that would notice the survivors, as a suite in our format that holds where it stands."""

import textwrap
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from msgspec import Struct

from buildsteps.errors import BuildstepsError, UsageError
from buildsteps.results import Outcome
from buildsteps.steps.cedar import judge
from buildsteps.steps.cedar.judge import EntityLoader
from buildsteps.steps.cedar.mutation.mutants import Mutant
from buildsteps.steps.cedar.mutation.overlays import overlay
from buildsteps.steps.cedar.mutation.possible import Possible
from buildsteps.steps.cedar.mutation.trial_court import Bench, noticed
from buildsteps.steps.cedar.mutation.witnesses import Witness
from buildsteps.steps.cedar.policies.checks import Validated
from buildsteps.steps.cedar.policies.policy import PolicyIndex
from buildsteps.steps.cedar.proposals.places import place_for
from buildsteps.steps.cedar.proposals.yaml_text import flow, pair
from buildsteps.steps.cedar.settings import ValidateOptions
from buildsteps.steps.cedar.stores.inputs import StoreInputs
from buildsteps.steps.cedar.stores.names import TESTS_FOLDER
from buildsteps.steps.cedar.stores.store import Store
from buildsteps.steps.cedar.text.syntax import quoted
from buildsteps.steps.cedar.trials.decisions import Judged
from buildsteps.steps.cedar.trials.entities import entity_documents
from buildsteps.steps.cedar.trials.suite import trials_in
from buildsteps.steps.cedar.trials.trial import EntitySource
from buildsteps.world import World

NAME = "mutation.cedartests.yaml"

_HEADER = (
    "What the policies decide today where `buildsteps cedar-validate --mutate` found that no test "
    "looks. Read it: where a decision is wrong, correct it here and then in the policies."
)
_MOST_TOLD = 3


class ProposedTest(Struct, frozen=True, kw_only=True):
    """A test, and by number the mutants that it notices."""

    entry: Mapping[str, Any]
    notices: frozenset[int]


class Proposed(Struct, frozen=True, kw_only=True):
    """The tests that hold today, their suite, and by number the mutants that they notice."""

    tests: Sequence[ProposedTest] = ()
    text: str = ""
    notices: frozenset[int] = frozenset()


class Proposing(Struct, frozen=True, kw_only=True):
    """What it takes to propose tests for a store, and to try them as the next run will."""

    inputs: StoreInputs
    validated: Validated
    loader: EntityLoader
    possible: Possible
    bench: Bench
    options: ValidateOptions
    world: World

    def propose(self, found: Sequence[Witness], path: Path) -> Proposed:
        """The suite for ``path`` with those tests that hold there, each noticing something."""
        tests = [self._test(one, path) for one in found]
        while tests:
            text = suite_text(tests, self.bench.mutants)
            try:
                judged = self._judged(text, path)
            except BuildstepsError:
                return Proposed()  # an id that our format cannot say
            kept = [
                test
                for test, one in zip(tests, judged, strict=True)
                if one.case.outcome is Outcome.PASSED
            ]
            if len(kept) == len(tests):
                index = PolicyIndex(policies=self.validated.good, links=self.validated.linked)
                seen = noticed(self.bench, judged, self._entities, index.called)
                return Proposed(tests=tests, text=text, notices=frozenset(seen.by))
            tests = kept
        return Proposed()

    def _judged(self, text: str, path: Path) -> list[Judged]:
        trials = trials_in(text, path, self.inputs.store, self.world)
        run = judge.run_trials(self.inputs, self.validated, trials, self.loader, self.options)
        # the case of entities that do not hold stands beside those of the tests
        own = {trial.name: trial for trial in trials}
        return [one for one in run if one.case.name in own and one.case.group == trials[0].group]

    def _entities(self, source: EntitySource) -> Any:
        return self.loader.load(source).handle

    def _test(self, witness: Witness, path: Path) -> ProposedTest:
        question = witness.question
        base = EntitySource(paths=self.inputs.store.entities_of(path.parent))
        there = [] if self.loader.load(base).error else entity_documents(base, self.world)
        entry: dict[str, Any] = {
            "name": _name(witness),
            "principal": _uid(question.principal),
            "action": _uid(question.action),
            "resource": _uid(question.resource),
        }
        if question.context:
            entry["context"] = question.context
        entry["decision"] = witness.decision.lower()
        over = overlay(question, self.possible.universes[question.universe], there)
        if over:
            entry["entities"] = over
        return ProposedTest(entry=entry, notices=witness.notices)


def _name(witness: Witness) -> str:
    one = witness.question
    return " ".join([witness.decision, one.principal[1], one.action[1], one.resource[1]]).strip()


def _uid(uid: tuple[str, str]) -> str:
    return f"{uid[0]}::{quoted(uid[1])}"


def default_place(store: Store) -> Path:
    """Where such a suite belongs, as far as the store's layout lets a new one be found."""
    try:
        return place_for(store).with_name(NAME)
    except UsageError:
        return store.folder / TESTS_FOLDER / NAME


def suite_text(tests: Sequence[ProposedTest], mutants: Mapping[int, Mutant]) -> str:
    """The whole file. Entities that all tests lay over the files stand once."""
    lines = [f"# {line}" for line in textwrap.wrap(_HEADER, 94)]
    overlays = [one.entry.get("entities") for one in tests]
    shared = overlays[0] if all(one == overlays[0] for one in overlays) else None
    if shared:
        lines.append("entities:")
        lines += [f"  - {flow(one)}" for one in shared]
    lines.append("tests:")
    for one in tests:
        lines += [f"  # {told}" for told in _noticing(one, mutants)]
        entry = dict(one.entry)
        if shared:
            del entry["entities"]
        lines += entry_lines(entry, "  ")
    return "\n".join(lines) + "\n"


def _noticing(test: ProposedTest, mutants: Mapping[int, Mutant]) -> list[str]:
    known = [mutants[number] for number in sorted(test.notices) if number in mutants]
    told = [_plain(f"fails if {one.name}: {one.words}") for one in known[:_MOST_TOLD]]
    more = len(known) - len(told)
    return [*told, f"and {more:,} more"] if more else told


def _plain(text: str) -> str:
    """As a comment can hold it: a control character might end the line."""
    return "".join(one if one.isprintable() else " " for one in text)


def entry_lines(entry: Mapping[str, Any], indent: str) -> list[str]:
    """A test as YAML: an item of ``tests:``."""
    lines = []
    for key, value in entry.items():
        if key == "entities":
            lines += ["entities:", *(f"  - {flow(one)}" for one in value)]
        elif isinstance(value, str):
            lines.append(pair(key, value))
        else:
            lines.append(f"{key}: {flow(value)}")
    return [f"{indent}{'- ' if not number else '  '}{line}" for number, line in enumerate(lines)]
