"""Waiting for something outside: pauses that grow, with jitter, and an end to it."""

import random
from collections.abc import Callable, Iterator
from typing import TypeVar

from buildsteps.errors import WorldError
from buildsteps.world.clock import Clock

Found = TypeVar("Found")

FIRST_PAUSE = 0.5
LONGEST_PAUSE = 20.0


class OutOfTimeError(WorldError):
    """What was waited for did not come within the limit."""


def pauses(
    first: float = FIRST_PAUSE,
    longest: float = LONGEST_PAUSE,
    jitter: Callable[[], float] = random.random,
) -> Iterator[float]:
    """Give the seconds to wait before each further try, without end.

    They double up to ``longest``, and each is cut by up to half at random, so that many who were
    refused at once do not come back at once. ``jitter`` gives a number from 0 to 1.
    """
    pause = first
    while True:
        yield pause * (0.5 + jitter() / 2)
        pause = min(pause * 2, longest)


def wait_for(
    probe: Callable[[], Found | None],
    what: str,
    *,
    clock: Clock,
    limit: float,
    first: float = FIRST_PAUSE,
    longest: float = LONGEST_PAUSE,
) -> Found:
    """Ask ``probe`` until it gives something, for at most ``limit`` seconds.

    It is asked once more when they are over.

    Raises:
        OutOfTimeError: it gave nothing; ``what`` names it in the sentence.
    """
    deadline = clock.monotonic() + limit
    for pause in pauses(first, longest):
        found = probe()
        if found is not None:
            return found
        left = deadline - clock.monotonic()
        if left <= 0:
            break
        clock.sleep(min(pause, left))
    raise OutOfTimeError(f"{what} did not come within {limit:g} seconds")
