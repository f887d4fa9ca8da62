"""How the generator itself did: when it ran, with how many users, and whether it kept up."""

import json
from collections.abc import Sequence
from pathlib import Path

import msgspec
from msgspec import Struct

from buildsteps.steps.loadtest.local.plan import Plan

BUSY = 0.9
"""The share of a processor from which on requests wait for the generator."""

LAG = 0.01
LAG_SHARE = 0.5
"""Seconds, and share of the mean response time, that a lag must exceed to count."""


class Generator(Struct, frozen=True, kw_only=True):
    """One process that had users. ``busy`` is by the second, ``lags`` are in seconds.

    ``failures`` are label, reason and number of failed requests.
    """

    began: float
    ended: float
    users: int
    busy: tuple[float, ...] = ()
    lags: tuple[float, ...] = ()
    failures: tuple[tuple[str, str, int], ...] = ()

    @property
    def mean_busy(self) -> float:
        """The mean share of a processor it needed; the first second, its start, left out."""
        counted = self.busy[1:] or self.busy
        return sum(counted) / len(counted) if counted else 0.0

    @property
    def lag(self) -> float:
        """How late it was in 5 of 100 cases, at least; in seconds."""
        ordered = sorted(self.lags)
        return ordered[min(int(len(ordered) * 0.95), len(ordered) - 1)] if ordered else 0.0


def read_generators(folder: Path) -> tuple[Generator, ...]:
    """What each process wrote; one that was killed wrote nothing."""
    found = []
    for path in sorted(folder.glob("generator-*.json")):
        try:
            found.append(msgspec.convert(json.loads(path.read_bytes()), Generator))
        except (ValueError, msgspec.ValidationError, OSError):
            continue
    return tuple(one for one in found if one.began)


def doubts(
    generators: Sequence[Generator], plan: Plan, mean: float | None, *, aborted: bool = False
) -> tuple[str, ...]:
    """Why the numbers may be the generator's own; ``mean`` is the mean response time in seconds.

    It is None where there are no response times that being busy could spoil.
    A run that was ``aborted`` need not have come to all of its users.
    """
    found = []
    missing = plan.processes - len(generators)
    if missing > 0:
        found.append(
            f"{missing} of {plan.processes} processes of Locust did not end as they should"
        )
    users = sum(one.users for one in generators)
    if generators and users < plan.users and plan.planned > 2 and not aborted:
        found.append(f"only {users:,} of {plan.users:,} users ran")
    if mean is None:
        return tuple(found)
    busy = max((one.mean_busy for one in generators), default=0.0)
    lag = max((one.lag for one in generators), default=0.0)
    if busy >= BUSY:
        found.append(
            f"the load generator was saturated ({busy:.0%} of a processor), so requests waited for "
            "it and not for the target: use fewer users, or more --processes"
        )
    elif lag > LAG and lag > LAG_SHARE * mean:
        found.append(
            f"the load generator was {lag * 1000:.0f} ms late at times, against a mean response "
            f"time of {mean * 1000:.0f} ms: this machine is too busy to measure that"
        )
    return tuple(found)
