"""A sign of life from long work: often on a terminal, once a minute in the log of a CI."""

from collections.abc import Iterable, Iterator
from typing import TypeVar

from buildsteps.world import World

Item = TypeVar("Item")

SECONDS_IN_A_LOG = 60.0
SECONDS_ON_A_TERMINAL = 2.0


def watched(items: Iterable[Item], total: int, what: str, world: World) -> Iterator[Item]:
    """Pass the items on; say now and then how many of ``total`` there have been."""
    pause = SECONDS_ON_A_TERMINAL if world.terminal else SECONDS_IN_A_LOG
    due = world.clock.monotonic() + pause
    for number, item in enumerate(items, 1):
        if world.clock.monotonic() >= due:
            world.progress(f"{number:,} of {total:,} {what}")
            due = world.clock.monotonic() + pause
        yield item
