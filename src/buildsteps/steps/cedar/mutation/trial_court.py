"""What requests say of each mutant, and what the tests do: noticed by one of them, or by none."""

from collections import defaultdict
from collections.abc import Callable, Collection, Iterator, Sequence
from itertools import groupby
from typing import Any

from msgspec import Struct
from msgspec.structs import replace

from buildsteps.results import Outcome
from buildsteps.steps.cedar import engine
from buildsteps.steps.cedar.mutation.juries import Juries
from buildsteps.steps.cedar.mutation.mutants import Mutant
from buildsteps.steps.cedar.mutation.originals import Original
from buildsteps.steps.cedar.mutation.satisfied import Applied, Instance, Jury
from buildsteps.steps.cedar.trials.decisions import Judged
from buildsteps.steps.cedar.trials.expectations import complaint
from buildsteps.steps.cedar.trials.trial import EntitySource

ALLOW, DENY = "ALLOW", "DENY"
_MOST_IN_A_BATCH = 256
_ANSWERS_AT_ONCE = 500_000
"""Policies times requests of one call: as many names may come back, and be held."""

Named = Callable[[str, str], bool]


class Shift(Struct, frozen=True):
    """A mutant that a request sees: which of the ids that it replaces apply now, or fail."""

    mutant: Mutant
    satisfied: frozenset[str]
    failed: frozenset[str]


class Seen(Struct, frozen=True, kw_only=True):
    """One request: what applies today, and the mutants of which it sees anything."""

    number: int
    today: Applied
    decision: str
    permits: int
    forbids: int
    shifts: Sequence[Shift]


class Bench(Struct, frozen=True, kw_only=True):
    """The policies and some of their mutants, ready to be asked together."""

    before: Jury
    after: Juries
    mutants: dict[int, Mutant]
    by_original: dict[str, list[int]]
    forbids: frozenset[str]
    schema: engine.Schema | None

    @classmethod
    def of(
        cls,
        originals: Sequence[Original],
        mutants: Collection[Mutant],
        schema: engine.Schema | None,
    ) -> "Bench":
        """Put all of them to the engine."""
        instances = [instance for one in originals for instance in one.instances]
        bench = cls(
            before=Jury(instances, schema),
            after=Juries((), schema),
            mutants={},
            by_original={},
            forbids=frozenset(one.id for one in instances if one.forbids),
            schema=schema,
        )
        return bench.only(mutants)

    def only(self, mutants: Collection[Mutant]) -> "Bench":
        """The same for these mutants: the fewer there are, the faster it is asked."""
        changed = [
            replace(instance, id=f"{mutant.number} {name}")
            for mutant in mutants
            for name, instance in mutant.instances.items()
        ]
        by_original: dict[str, list[int]] = defaultdict(list)
        for mutant in mutants:
            for name in mutant.replaces:
                by_original[name].append(mutant.number)
        return replace(
            self,
            after=Juries(changed, self.schema),
            mutants={one.number: one for one in mutants},
            by_original=dict(by_original),
        )

    @property
    def batch(self) -> int:
        """How many requests to ask at once, so that what comes back fits into memory."""
        size = max(self.before.size + self.after.size, 1)
        return max(1, min(_MOST_IN_A_BATCH, _ANSWERS_AT_ONCE // size))

    def seen(self, requests: Sequence[dict[str, Any]], entities: Any) -> Iterator[Seen]:
        """What each request sees; nothing of one that the schema does not know."""
        before = self.before.applied(requests, entities)
        after = self.after.applied(requests, entities)
        for number, (old, new) in enumerate(zip(before, after, strict=True)):
            if old is None or new is None:
                continue
            forbids = len(old.satisfied & self.forbids)
            permits = len(old.satisfied) - forbids
            yield Seen(
                number=number,
                today=old,
                decision=_decision(permits, forbids),
                permits=permits,
                forbids=forbids,
                shifts=list(self._shifts(old, new)),
            )

    def _shifts(self, old: Applied, new: Applied) -> Iterator[Shift]:
        """The mutants that change what applies or fails; of all others the answer is today's."""
        satisfied, failed = _by_mutant(new.satisfied), _by_mutant(new.failed)
        touched = satisfied.keys() | failed.keys()
        for name in old.satisfied | old.failed:
            touched |= set(self.by_original.get(name, ()))
        for number in sorted(touched):
            mutant = self.mutants[number]
            applies = frozenset(satisfied.get(number, ()))
            fails = frozenset(failed.get(number, ()))
            same = applies == old.satisfied.intersection(mutant.replaces) and (
                fails == old.failed.intersection(mutant.replaces)
            )
            if not same or (applies and mutant.operator == "flip-effect"):
                yield Shift(mutant, applies, fails)

    def decides(self, seen: Seen, shift: Shift) -> str:
        """The decision with a mutant in place of its original."""
        gone = seen.today.satisfied.intersection(shift.mutant.replaces)
        forbidding = len(gone & self.forbids)
        now = _forbidding(shift)
        return _decision(
            seen.permits - (len(gone) - forbidding) + len(shift.satisfied) - now,
            seen.forbids - forbidding + now,
        )

    def answers(self, seen: Seen, shift: Shift) -> engine.Answer:
        """The whole answer with a mutant in place of its original, by the originals' ids."""
        replaces = frozenset(shift.mutant.replaces)
        kept = seen.today.satisfied - replaces
        forbidding = kept & self.forbids
        if _forbidding(shift):
            forbidding |= shift.satisfied
        satisfied = kept | shift.satisfied
        failed = (seen.today.failed - replaces) | shift.failed
        return engine.Answer(
            _decision(len(satisfied) - len(forbidding), len(forbidding)),
            tuple(sorted(forbidding or satisfied)),
            tuple((name, "") for name in sorted(failed)),
        )


def _forbidding(shift: Shift) -> int:
    """How many of a mutant's instances forbid; all of them have one effect."""
    if not shift.satisfied:
        return 0
    instances: Collection[Instance] = shift.mutant.instances.values()
    return len(shift.satisfied) if next(iter(instances)).forbids else 0


def _decision(permits: int, forbids: int) -> str:
    return ALLOW if permits and not forbids else DENY


def _by_mutant(names: frozenset[str]) -> dict[int, list[str]]:
    found: dict[int, list[str]] = defaultdict(list)
    for name in names:
        number, _, original = name.partition(" ")
        found[int(number)].append(original)
    return found


class Noticed(Struct, kw_only=True):
    """By number of the mutant the first test that fails with it; the ids that any test reached."""

    by: dict[int, Judged]
    reached: set[str]
    tests: int = 0


def noticed(
    bench: Bench,
    judged: Sequence[Judged],
    entities: Callable[[EntitySource], Any],
    called: Named,
) -> Noticed:
    """Find the tests that pass today and would not with a mutant."""
    passing = [
        one
        for one in judged
        if one.case.outcome is Outcome.PASSED and one.trial.request is not None
    ]
    found = Noticed(by={}, reached=set(), tests=len(passing))
    for source, same in groupby(passing, key=lambda one: one.trial.entities):
        members = list(same)
        start = 0
        while start < len(members):
            batch = members[start : start + bench.batch]
            start += len(batch)
            _notice(bench, batch, entities(source), called, found)
            bench = smaller(bench, found.by)
    return found


def smaller(bench: Bench, done: Collection[int]) -> Bench:
    """Without the mutants that are done, once it is worth the parsing."""
    left = [one for number, one in bench.mutants.items() if number not in done]
    return bench.only(left) if len(left) <= len(bench.mutants) // 2 else bench


def _notice(
    bench: Bench, batch: Sequence[Judged], entities: Any, called: Named, found: Noticed
) -> None:
    requests = [one.trial.request.arguments() for one in batch if one.trial.request]
    for seen in bench.seen(requests, entities):
        found.reached |= seen.today.satisfied | seen.today.failed
        test = batch[seen.number]
        expected = test.trial.expected
        only_decision = expected.reasons is None and expected.errors is None
        for shift in seen.shifts:
            if shift.mutant.number in found.by:
                continue
            if only_decision:
                wrong = bench.decides(seen, shift) != expected.decision
            else:
                wrong = complaint(expected, bench.answers(seen, shift), called) is not None
            if wrong:
                found.by[shift.mutant.number] = test
