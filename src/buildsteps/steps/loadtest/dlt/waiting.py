"""Waiting for the end of our run: with progress, a limit, and patience with outages."""

import random

from msgspec import Struct

from buildsteps.errors import WorldError
from buildsteps.steps.loadtest.dlt.api import Api
from buildsteps.steps.loadtest.dlt.errors import DltError
from buildsteps.steps.loadtest.dlt.ours import Ours, row_of
from buildsteps.steps.loadtest.dlt.rows import TERMINAL, TestRow
from buildsteps.world import World
from buildsteps.world.heartbeat import SECONDS_IN_A_LOG
from buildsteps.world.waiting import OutOfTimeError

OVERHEAD = 180.0
"""Seconds that a run takes beside its load: tasks start, results are parsed."""

SLACK = 900.0
OUTAGE = 300.0
"""Seconds that the API may be unwell before we give up."""


class Wait(Struct, frozen=True, kw_only=True):
    """How to wait, in seconds; ``limit`` None is what the run should take, and some."""

    planned: float
    limit: float | None = None
    poll: float = 10.0

    @property
    def longest(self) -> float:
        """The limit in force."""
        return self.planned * 1.2 + OVERHEAD + SLACK if self.limit is None else self.limit


def wait_for_end(api: Api, ours: Ours, wait: Wait, world: World) -> TestRow:
    """Ask every 10 to 15 seconds until our run is over, and give the test's last state.

    Only a status of our own run counts, and only ``complete``, ``failed`` and ``cancelled`` end it.

    Raises:
        OutOfTimeError: the limit is over.
        WorldError: the test was deleted, another run took its place, or DLT is out for long.
        NoAwsCredentialsError: the credentials ran out, and new ones were not there.
    """
    telling = _Telling(wait, world)
    deadline = telling.started + wait.longest
    unwell: float | None = None
    while True:
        try:
            row = row_of(api, ours.test_id)
        except DltError as error:
            now = world.clock.monotonic()
            unwell = now if unwell is None else unwell
            if not error.is_passing or now - unwell >= OUTAGE:
                raise
            world.progress(f"{error.message}; asking again")
            row = None
        else:
            unwell = None
            _check(row, ours)
        if row is not None:
            telling.tell(row)
            if row.status in TERMINAL:
                return row
        left = deadline - world.clock.monotonic()
        if left <= 0:
            raise OutOfTimeError(
                f"test {ours.test_id} did not end within {wait.longest:g} seconds"
                + (f" (it is {row.status})" if row else "")
            )
        world.clock.sleep(min(wait.poll * random.uniform(1.0, 1.5), left))  # noqa: S311


def _check(row: TestRow | None, ours: Ours) -> None:
    if row is None:
        raise WorldError(f"test {ours.test_id} was deleted while we waited for it")
    if not ours.is_newest_of(row):
        raise WorldError(
            f"another run of test {ours.test_id}, started {row.start_time} UTC, took the place of "
            "ours, which DLT lets happen: give each pipeline a scenario of its own name"
        )


class _Telling:
    """Progress: each change of the status, and a sign of life now and then."""

    def __init__(self, wait: Wait, world: World) -> None:
        self.world = world
        self.started = world.clock.monotonic()
        self.expected = wait.planned + OVERHEAD
        self.told, self.due = "", 0.0

    def tell(self, row: TestRow) -> None:
        now = self.world.clock.monotonic()
        if row.status == self.told and not self.world.terminal and now < self.due:
            return
        self.told, self.due = row.status, now + SECONDS_IN_A_LOG
        passed = f"{_minutes(now - self.started)} of about {_minutes(self.expected)}"
        tasks = "; ".join(
            f"{one.region}: {one.running} of {one.desired} tasks run"
            for one in row.tasks_per_region
        )
        self.world.progress(
            f"test {row.test_id}: {row.status}, {passed}" + (f"; {tasks}" * bool(tasks))
        )


def _minutes(seconds: float) -> str:
    return f"{int(seconds) // 60}:{int(seconds) % 60:02}"
