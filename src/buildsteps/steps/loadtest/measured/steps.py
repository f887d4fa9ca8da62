"""A run in steps of a second or more: what the series shows and the bootstrap draws from."""

import math
from array import array
from bisect import bisect_left
from collections.abc import Iterable, Sequence

from msgspec import Struct

from buildsteps.steps.loadtest.measured.histogram import TENTHS, rank
from buildsteps.steps.loadtest.measured.model import Second

MOST_STEPS = 120
"""Steps that a run is divided into at most, so that a long run costs no more than a short one."""

MOST_TIMES = 4000
"""Distinct times that are kept a step; beyond, they are rounded to a percent of themselves."""

_WIDTHS = (1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600)


class Step(Struct, frozen=True, kw_only=True):
    """One step: times in tenths of a millisecond with their counts, ascending."""

    at: float
    errors: int
    users: int
    times: Sequence[tuple[int, int]]


class Steps(Struct, frozen=True):
    """All steps of a run over the same ``tenths``.

    ``before[i][j]`` counts the requests of the steps before ``i`` that took ``tenths[j]`` at most,
    so that any stretch of steps is one subtraction.
    """

    tenths: Sequence[int]
    before: tuple[Sequence[int], ...]

    @property
    def number(self) -> int:
        """How many steps there are."""
        return len(self.before) - 1

    def percentile(self, share: float, stretches: Sequence[tuple[int, int]]) -> float | None:
        """A percentile in seconds over stretches of steps (from, up to); None without requests."""
        tables = [(self.before[start], self.before[stop]) for start, stop in stretches]
        if not self.tenths:
            return None
        total = sum(after[-1] - before[-1] for before, after in tables)
        if not total:
            return None
        place = max(rank(share, total), 1)
        low, high = 0, len(self.tenths) - 1
        while low < high:
            middle = (low + high) // 2
            if sum(after[middle] - before[middle] for before, after in tables) >= place:
                high = middle
            else:
                low = middle + 1
        return self.tenths[low] / TENTHS


def width_for(seconds: float) -> int:
    """The width of a step in whole seconds for a run of ``seconds``."""
    needed = seconds / MOST_STEPS
    return next((width for width in _WIDTHS if width >= needed), math.ceil(needed / 3600) * 3600)


def table_of(steps: Sequence[Step]) -> Steps:
    """Put steps onto one row of times."""
    distinct = {time for step in steps for time, _ in step.times}
    rounded = len(distinct) > MOST_TIMES
    tenths = array("q", sorted({_to_a_percent(time) for time in distinct} if rounded else distinct))
    before: list[Sequence[int]] = [array("q", bytes(8 * len(tenths)))]
    for step in steps:
        counts = [0] * len(tenths)
        for time, count in step.times:
            counts[bisect_left(tenths, _to_a_percent(time) if rounded else time)] += count
        before.append(_added(before[-1], counts))
    return Steps(tenths, tuple(before))


def _added(so_far: Sequence[int], counts: Iterable[int]) -> Sequence[int]:
    row: array[int] = array("q")
    upto = 0
    for earlier, count in zip(so_far, counts, strict=True):
        upto += count
        row.append(earlier + upto)
    return row


def _to_a_percent(tenths: int) -> int:
    return round(1.01 ** round(math.log(tenths, 1.01))) if tenths > 0 else 0


def series_of(steps: Sequence[Step], width: float) -> tuple[Second, ...]:
    """What the series shows of each step."""
    return tuple(
        Second(
            at=step.at,
            width=width,
            count=sum(count for _, count in step.times),
            errors=step.errors,
            p50=_percentile(step.times, 50),
            p95=_percentile(step.times, 95),
            users=step.users,
        )
        for step in steps
    )


def _percentile(times: Sequence[tuple[int, int]], share: float) -> float:
    left = rank(share, sum(count for _, count in times))
    for time, count in times:
        left -= count
        if left <= 0:
            return time / TENTHS
    return 0.0
