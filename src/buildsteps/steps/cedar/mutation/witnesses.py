"""Requests that notice mutants which no test does: few of them, each for many."""

from collections.abc import Collection, Sequence
from heapq import heapify, heappop, heappush
from typing import Any

from msgspec import Struct

from buildsteps.steps.cedar.difference.space import Question
from buildsteps.steps.cedar.mutation.mutants import Mutant
from buildsteps.steps.cedar.mutation.possible import Possible
from buildsteps.steps.cedar.mutation.trial_court import Bench, smaller


class Witness(Struct, frozen=True, kw_only=True):
    """A request, what is decided today, and by number the mutants that decide otherwise."""

    question: Question
    decision: str
    notices: frozenset[int]


def witnesses(bench: Bench, possible: Possible) -> list[Witness]:
    """A small set of requests that notices every mutant that any possible request notices.

    First what each portion of the requests has to offer for the mutants left, then of all those
    the ones that notice most (the greedy cover, at most a logarithm above the smallest).
    """
    left = bench
    unseen = set(bench.mutants)
    taken: list[Witness] = []
    for handle, questions in possible.portions(bench.batch):
        if not unseen:
            break
        chosen = covering(_asked(left, questions, handle, unseen))
        taken += chosen
        for one in chosen:
            unseen -= one.notices
        left = smaller(left, set(left.mutants) - unseen)
    return covering(_again(bench, possible, taken))


def _again(bench: Bench, possible: Possible, taken: Sequence[Witness]) -> list[Witness]:
    """The same requests with all that they notice."""
    by_universe: dict[int, list[Question]] = {}
    for one in taken:
        by_universe.setdefault(one.question.universe, []).append(one.question)
    noticing = bench.only([bench.mutants[n] for n in {n for one in taken for n in one.notices}])
    return [
        witness
        for universe, questions in by_universe.items()
        for start in range(0, len(questions), noticing.batch)
        for witness in _asked(
            noticing,
            questions[start : start + noticing.batch],
            possible.handles[universe],
            noticing.mutants,
        )
    ]


def _asked(
    bench: Bench, questions: Sequence[Question], handle: Any, wanted: Collection[int]
) -> list[Witness]:
    requests = [one.arguments() for one in questions]
    found = []
    for seen in bench.seen(requests, handle):
        notices = frozenset(
            shift.mutant.number
            for shift in seen.shifts
            if shift.mutant.number in wanted and bench.decides(seen, shift) != seen.decision
        )
        if notices:
            question = questions[seen.number]
            found.append(Witness(question=question, decision=seen.decision, notices=notices))
    return found


def covering(offered: Sequence[Witness]) -> list[Witness]:
    """Of these, the one that notices most, then the one that notices most of the rest, and so on.

    In each round only those are counted anew that may still be the best: what one adds never grows.
    """
    best = [(-len(one.notices), number) for number, one in enumerate(offered)]
    heapify(best)
    covered: set[int] = set()
    chosen = []
    while best:
        gain, number = heappop(best)
        one = offered[number]
        now = len(one.notices - covered)
        if now == -gain and now:
            chosen.append(one)
            covered |= one.notices
        elif now:
            heappush(best, (-now, number))
    return chosen


def first_noticing(found: Sequence[Witness], mutants: Sequence[Mutant]) -> dict[int, Witness]:
    """By number of the mutant, the witness to show: the first that notices it."""
    numbers = {mutant.number for mutant in mutants}
    by: dict[int, Witness] = {}
    for one in found:
        for number in one.notices & numbers:
            by.setdefault(number, one)
    return by
