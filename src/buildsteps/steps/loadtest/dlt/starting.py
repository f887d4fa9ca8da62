"""Starting a test: once, and not over one that runs."""

from collections.abc import Mapping
from typing import Any

from msgspec.structs import replace

from buildsteps.errors import UsageError, WorldError
from buildsteps.results import Location
from buildsteps.steps.loadtest.dlt.api import Api
from buildsteps.steps.loadtest.dlt.errors import DltError
from buildsteps.steps.loadtest.dlt.ours import Ours, row_of
from buildsteps.steps.loadtest.dlt.rows import ACTIVE, TestRow
from buildsteps.world import World

LOOKED_FOR = 60.0
"""Seconds: API Gateway gives up after 29, so what was begun is there by then."""

PAUSE = 5.0
_REFUSED = ("INVALID_REQUEST_BODY", "InvalidParameter", "BAD_INPUT", "InvalidRegionRequest")


def refuse_if_active(api: Api, test_id: str) -> None:
    """DLT itself would start a second run over the first, which then nobody can cancel.

    Raises:
        WorldError: a run of this test is under way.
    """
    row = row_of(api, test_id)
    if row is not None and row.status in ACTIVE:
        raise WorldError(
            f"a run of test {test_id} is under way ({row.status}, started {row.start_time} UTC): "
            f"wait for it with --attach {test_id}, or cancel it in DLT's console"
        )


def start(
    api: Api, body: Mapping[str, Any], ours: Ours, world: World, place: Location | None = None
) -> Ours:
    """Start the test, and give our run with the moment of its start.

    Raises:
        UsageError: DLT refuses the scenario.
        WorldError: it could not be started, or nobody can tell whether it was.
    """
    try:
        row = api.post("/scenarios", TestRow, body)
    except DltError as error:
        if error.status == 400 and error.code in _REFUSED:
            said = f"Distributed Load Testing refuses the scenario: {error.said}"
            raise UsageError(said, place) from None
        if not error.is_uncertain:
            raise
        world.note(f"{error.message}; looking whether the test was started all the same")
        row = _found_after_all(api, ours, world, error)
    return replace(ours, started=row.start_time)


def _found_after_all(api: Api, ours: Ours, world: World, lost: DltError) -> TestRow:
    """Look for our run, which a request whose answer was lost may have started."""
    deadline = world.clock.monotonic() + LOOKED_FOR
    while True:
        try:
            row = row_of(api, ours.test_id)
        except DltError as error:
            if not error.is_passing:
                raise
            row = None
        if row is not None and ours.is_newest_of(row):
            return row
        if world.clock.monotonic() >= deadline:
            raise WorldError(
                f"test {ours.test_id} was not started, as far as DLT tells after {LOOKED_FOR:g} "
                f"seconds: {lost.message}. It was not sent again, so that it cannot run twice"
            )
        world.clock.sleep(PAUSE)
