"""No load test goes on costing money unseen: who leaves early cancels, and waits for it."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from buildsteps.errors import BuildstepsError
from buildsteps.steps.loadtest.dlt.api import Api, scenario_path
from buildsteps.steps.loadtest.dlt.errors import DltError
from buildsteps.steps.loadtest.dlt.ours import Ours, row_of
from buildsteps.steps.loadtest.dlt.rows import COSTLY, TERMINAL, TestRow
from buildsteps.world import World

LIMIT = 80.0
"""Seconds: CodeBuild kills what still runs 90 seconds after its SIGTERM."""

PAUSE = 5.0
LATE = 10.0
"""Seconds in which a start that was interrupted may still arrive."""


@contextmanager
def cancelled_on_the_way_out(api: Api, ours: Ours, world: World) -> Iterator[None]:
    """Whatever ends the block before the run is over also ends the run, if it is still ours."""
    try:
        yield
    except BaseException:
        _cancel_and_tell(api, ours, world)
        raise


def _cancel_and_tell(api: Api, ours: Ours, world: World) -> None:
    try:
        world.progress(_cancel(api, ours, world))
    except BuildstepsError as error:
        world.progress(
            f"test {ours.test_id} could not be cancelled and may go on: cancel it in DLT's console "
            f"({error.message})"
        )


def _cancel(api: Api, ours: Ours, world: World) -> str:
    """Cancel our run unless it is over, wait for the end of it, and say what became of it."""
    deadline = world.clock.monotonic() + LIMIT
    arrives = world.clock.monotonic() + LATE
    asked = False
    while True:
        row = _row(api, ours)
        now = world.clock.monotonic()
        if row is None and now >= arrives:
            return f"there is no run of ours of test {ours.test_id} to cancel"
        if row is not None and row.status in TERMINAL:
            return f"test {ours.test_id} is {row.status}"
        if row is not None and not asked and row.status not in (*COSTLY, "cancelling"):
            return f"test {ours.test_id} ends by itself ({row.status})"
        if row is not None and row.status in COSTLY and not asked:
            world.progress(f"cancelling test {ours.test_id}")
            asked = _asked(api, ours)
        if now >= deadline:
            return f"test {ours.test_id} is being cancelled, which takes longer than {LIMIT:g} s"
        world.clock.sleep(PAUSE)


def _row(api: Api, ours: Ours) -> TestRow | None:
    """The state of our run, None where the test is another's or is not there."""
    row = row_of(api, ours.test_id)
    return row if row is not None and ours.is_newest_of(row) else None


def _asked(api: Api, ours: Ours) -> bool:
    """Cancel; after a lost answer the state decides whether to ask again.

    DLT accepts a cancellation of a finished test too, and spoils its row: so the state is read
    before every request.
    """
    try:
        api.post(scenario_path(ours.test_id), Any)
    except DltError as error:
        if not error.is_passing:
            raise
        return False
    return True
