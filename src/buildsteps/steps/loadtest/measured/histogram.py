"""Response times as counts: exact percentiles in memory that the distinct times bound."""

import math
from array import array
from bisect import bisect_left
from collections.abc import Iterable, Sequence
from decimal import Decimal

from msgspec import Struct

TENTHS = 10_000
"""Tenths of a millisecond in a second: the resolution of times."""


class Histogram(Struct, frozen=True):
    """``tenths`` are the distinct times, ascending; ``upto`` how many took that long at most."""

    tenths: Sequence[int]
    upto: Sequence[int]

    @classmethod
    def of(cls, counts: Iterable[tuple[int, int]]) -> "Histogram":
        """From (time in tenths of a millisecond, count), ascending by time."""
        tenths: array[int] = array("q")
        upto: array[int] = array("q")
        total = 0
        for time, count in counts:
            total += count
            if tenths and tenths[-1] == time:
                upto[-1] = total
            else:
                tenths.append(time)
                upto.append(total)
        return cls(tenths, upto)

    @property
    def count(self) -> int:
        """How many requests there are."""
        return self.upto[-1] if self.upto else 0

    def percentile(self, share: float) -> float | None:
        """The least time in seconds that at least ``share`` percent took at most (nearest rank).

        None where there are no requests.
        """
        if not self.upto:
            return None
        place = max(rank(share, self.count), 1)
        return self.tenths[bisect_left(self.upto, place)] / TENTHS

    def within(self, seconds: float) -> int:
        """How many requests took at most ``seconds``."""
        at = bisect_left(self.tenths, math.floor(seconds * TENTHS) + 1)
        return self.upto[at - 1] if at else 0


def rank(share: float, count: int) -> int:
    """Which of ``count`` ordered values is the percentile, from 1; decimal, as 99.9 is no float."""
    return math.ceil(Decimal(repr(share)) * count / 100)
