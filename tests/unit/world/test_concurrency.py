import threading
from collections.abc import Iterator

import pytest

from buildsteps.errors import WorldError
from buildsteps.world.concurrency import threaded_map


def test_results_come_in_order_whichever_is_ready_first() -> None:
    last_began = threading.Event()

    def work(number: int) -> int:
        if number == 3:
            last_began.set()
        if number == 0:
            assert last_began.wait(10)
        return number * number

    assert list(threaded_map(work, range(4), threads=2)) == [0, 1, 4, 9]


def test_a_number_of_threads_that_is_none_is_one() -> None:
    assert list(threaded_map(str, range(3), threads=-1)) == ["0", "1", "2"]


def test_no_more_threads_than_asked_for_work_at_once() -> None:
    together = threading.Barrier(3)
    now, most, lock = [0], [0], threading.Lock()

    def work(_number: int) -> None:
        with lock:
            now[0] += 1
            most[0] = max(most[0], now[0])
        together.wait(10)
        with lock:
            now[0] -= 1

    list(threaded_map(work, range(9), threads=3))
    assert most == [3]


def test_an_error_is_raised_at_its_turn_and_nothing_more_begins() -> None:
    begun = []

    def work(number: int) -> int:
        begun.append(number)
        if number == 1:
            raise WorldError("gone")
        return number

    results = threaded_map(work, range(1000), threads=1)
    assert next(results) == 0
    with pytest.raises(WorldError, match="gone"):
        next(results)
    assert len(begun) < 1000


def test_a_caller_that_stops_early_stops_the_work() -> None:
    go = threading.Event()
    begun = []

    def work(number: int) -> int:
        begun.append(number)
        if number:
            assert go.wait(10)
        return number

    results: Iterator[int] = threaded_map(work, range(100), threads=2)
    assert next(results) == 0
    go_on = threading.Timer(0.05, go.set)
    go_on.start()
    results.close()  # type: ignore[attr-defined]
    assert len(begun) <= 4


def test_nothing_to_do_needs_no_thread() -> None:
    assert list(threaded_map(str, [])) == []
