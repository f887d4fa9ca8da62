"""The one pool of worker processes: results in order, never forked, a dead worker is told."""

import gc
import os
from collections.abc import Callable, Iterator, Sequence
from typing import TypeVar

from buildsteps.errors import WorldError

Item = TypeVar("Item")
Result = TypeVar("Result")


_GC_THRESHOLD = 50_000
"""The one of :mod:`buildsteps.__main__`, which a spawned process does not inherit."""


def jobs_for(asked: int, items: int, enough: int) -> int:
    """How many workers to use: those ``asked`` for, or with 0 the cores, if ``enough`` items wait.

    A worker takes a tenth of a second to start; below ``enough`` items that is not worth it.
    """
    if asked > 0:
        return min(asked, max(items, 1))
    return min(os.cpu_count() or 1, items) if items >= enough else 1


def ordered_map(
    function: Callable[[Item], Result], items: Sequence[Item], jobs: int, chunk: int = 1
) -> Iterator[Result]:
    """Apply ``function`` to each item, with ``jobs`` processes, results in the items' order.

    Workers are spawned: an engine with threads or locks does not survive a fork. ``function``
    must be importable by them.

    Raises:
        WorldError: a worker died.
    """
    if jobs <= 1:
        yield from map(function, items)
        return
    from concurrent.futures import ProcessPoolExecutor
    from concurrent.futures.process import BrokenProcessPool
    from multiprocessing import get_context

    pool = ProcessPoolExecutor(jobs, mp_context=get_context("spawn"), initializer=_look_less)
    try:
        yield from pool.map(function, items, chunksize=chunk)
    except BrokenProcessPool:
        raise WorldError("a worker process died, perhaps for lack of memory") from None
    finally:
        pool.shutdown(wait=True, cancel_futures=True)


def _look_less() -> None:
    """Look for garbage as seldom as the command itself does."""
    gc.set_threshold(_GC_THRESHOLD)
