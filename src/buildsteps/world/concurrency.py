"""Threads for waiting on others: bounded, results in order, left at once when interrupted."""

import queue
import threading
from collections.abc import Callable, Iterator, Sequence
from typing import Generic, TypeVar

Item = TypeVar("Item")
Result = TypeVar("Result")

THREADS = 8
"""Enough to hide the way to a registry and back, and few enough not to be throttled by one."""

SECONDS_TO_END = 2.0
"""What a call that is under way gets to come to its end after an interruption."""


class _Slot(Generic[Result]):
    """The place of one result, until it is there."""

    def __init__(self) -> None:
        self.done = threading.Event()
        self.result: Result | None = None
        self.error: BaseException | None = None

    def fill(self, work: Callable[[], Result]) -> None:
        try:
            self.result = work()
        except BaseException as error:  # noqa: BLE001 - raised again where the result is taken
            self.error = error
        finally:
            self.done.set()

    def take(self) -> Result:
        self.done.wait()
        if self.error is not None:
            raise self.error
        return self.result  # type: ignore[return-value]  # None only where Result allows it


def threaded_map(
    function: Callable[[Item], Result], items: Sequence[Item], threads: int = THREADS
) -> Iterator[Result]:
    """Apply ``function`` to each item in at most ``threads`` threads, at least one; in order.

    An exception of ``function`` is raised at its item's turn. After it, as after Ctrl-C, SIGTERM or
    a caller that stops early, no further item is begun; those under way get a few seconds to end.
    """
    slots: list[_Slot[Result]] = [_Slot() for _ in items]
    waiting: queue.SimpleQueue[int] = queue.SimpleQueue()
    for number in range(len(items)):
        waiting.put(number)
    stop = threading.Event()

    def work() -> None:
        while not stop.is_set():
            try:
                number = waiting.get_nowait()
            except queue.Empty:
                return
            slots[number].fill(lambda: function(items[number]))  # noqa: B023 - called at once
            if slots[number].error is not None:
                stop.set()  # all items before it have begun: they are handed out in order

    # Daemons: one that hangs in a system call must not keep an interrupted process from ending.
    pool = [
        threading.Thread(target=work, name=f"buildsteps-{number}", daemon=True)
        for number in range(min(max(threads, 1), len(items)))
    ]
    for thread in pool:
        thread.start()
    try:
        for slot in slots:
            yield slot.take()
    finally:
        stop.set()
        _join(pool)


def _join(pool: list[threading.Thread]) -> None:
    import time

    deadline = time.monotonic() + SECONDS_TO_END
    for thread in pool:
        thread.join(max(deadline - time.monotonic(), 0.0))
