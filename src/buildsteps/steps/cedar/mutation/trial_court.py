"""What the tests say of each mutant: noticed by one of them, or by none."""

from collections.abc import Callable, Iterator, Sequence
from itertools import groupby
from typing import Any

from msgspec import Struct

from buildsteps.results import Outcome
from buildsteps.steps.cedar import engine
from buildsteps.steps.cedar.mutation.mutants import Mutant, Original
from buildsteps.steps.cedar.mutation.satisfied import Applied, Jury, answer
from buildsteps.steps.cedar.trials.decisions import Judged
from buildsteps.steps.cedar.trials.expectations import complaint
from buildsteps.steps.cedar.trials.trial import EntitySource

_BATCH = 256

Named = Callable[[str, str], bool]


class _Stand(Struct, frozen=True):
    """A mutant, the ids that go, and by its own ids those that they stand for."""

    mutant: Mutant
    gone: frozenset[str]
    ours: dict[str, str]

    @classmethod
    def of(cls, mutant: Mutant) -> "_Stand":
        ours = {one.id: name for name, one in mutant.instances.items()}
        return cls(mutant, frozenset(mutant.replaces), ours)


class Bench(Struct, frozen=True, kw_only=True):
    """The policies and their mutants, ready to be asked together."""

    stands: Sequence[_Stand]
    before: Jury
    after: Jury
    forbids: frozenset[str]

    @classmethod
    def of(
        cls,
        originals: Sequence[Original],
        mutants: Sequence[Mutant],
        schema: engine.Schema | None,
    ) -> "Bench":
        """Put all of them to the engine."""
        instances = [instance for one in originals for instance in one.instances]
        changed = [instance for mutant in mutants for instance in mutant.instances.values()]
        forbids = {one.id for one in (*instances, *changed) if one.effect == "forbid"}
        return cls(
            stands=[_Stand.of(mutant) for mutant in mutants],
            before=Jury(instances, schema),
            after=Jury(changed, schema),
            forbids=frozenset(forbids),
        )

    def differing(
        self, requests: Sequence[dict[str, Any]], entities: Any
    ) -> Iterator[tuple[int, Mutant, engine.Answer, engine.Answer]]:
        """The requests, by number, to which a mutant gives another answer: what it was, and is."""
        before = self.before.applied(requests, entities)
        after = self.after.applied(requests, entities)
        for number, (old, new) in enumerate(zip(before, after, strict=True)):
            if old is None or new is None:
                continue
            was = answer(old.satisfied, old.failed, self.forbids)
            for stand in self.stands:
                now = self._changed(stand, old, new)
                if now is not None:
                    yield number, stand.mutant, was, now

    def _changed(self, stand: _Stand, old: Applied, new: Applied) -> engine.Answer | None:
        """The answer with the mutant in place of its original, if it can differ."""
        gone, ours = stand.gone, stand.ours
        satisfied = ours.keys() & new.satisfied
        failed = ours.keys() & new.failed
        same = {ours[one] for one in satisfied} == old.satisfied & gone and {
            ours[one] for one in failed
        } == old.failed & gone
        if same and not (satisfied and stand.mutant.operator == "flip-effect"):
            return None
        found = answer(
            (old.satisfied - gone) | satisfied, (old.failed - gone) | failed, self.forbids
        )
        return engine.Answer(
            found.decision,
            tuple(sorted(ours.get(one, one) for one in found.reasons)),
            tuple(sorted((ours.get(one, one), "") for one, _ in found.errors)),
        )


def noticed(
    bench: Bench,
    judged: Sequence[Judged],
    entities: Callable[[EntitySource], Any],
    called: Named,
) -> dict[int, Judged]:
    """By number of the mutant, a test that passes today and would not with it."""
    passing = [
        one
        for one in judged
        if one.case.outcome is Outcome.PASSED and one.trial.request is not None
    ]
    found: dict[int, Judged] = {}
    for source, same in groupby(passing, key=lambda one: one.trial.entities):
        members = list(same)
        for start in range(0, len(members), _BATCH):
            batch = members[start : start + _BATCH]
            requests = [one.trial.request.arguments() for one in batch if one.trial.request]
            for number, mutant, _, now in bench.differing(requests, entities(source)):
                test = batch[number]
                if mutant.number not in found and complaint(test.trial.expected, now, called):
                    found[mutant.number] = test
    return found
