"""Which run is ours: an answer of DLT's may be about another one, older or newer."""

import secrets

from msgspec import Struct

from buildsteps.steps.loadtest.dlt.api import Api, scenario_path
from buildsteps.steps.loadtest.dlt.errors import DltError
from buildsteps.steps.loadtest.dlt.rows import RunRow, TestRow


class Ours(Struct, frozen=True, kw_only=True):
    """A run as it can be known again before DLT has given it an id.

    ``description`` is the whole description that it was started with, whose mark nobody else
    has; of a run that others started it is empty, and ``started`` (DLT's ``startTime``) tells.
    """

    test_id: str
    description: str = ""
    started: str = ""

    def is_newest_of(self, row: TestRow) -> bool:
        """Whether the state of the test is that of our run."""
        if self.description:
            return row.test_description == self.description
        return bool(self.started) and row.start_time == self.started

    def is_run(self, run: RunRow) -> bool:
        """Whether a listed run is ours: the moment of its start is the test's."""
        return bool(self.started) and run.start_time == self.started


def new_mark() -> str:
    """What to write behind a description, so that no other run has the same one."""
    return f"[buildsteps {secrets.token_hex(4)}]"


def row_of(api: Api, test_id: str, *, history: bool = False) -> TestRow | None:
    """The state of a test; None where there is no such test.

    Raises:
        DltError: as with :meth:`Api.get`.
    """
    query = {} if history else {"history": "false", "latest": "false"}
    try:
        return api.get(scenario_path(test_id), TestRow, **query)
    except DltError as error:
        if error.is_missing:
            return None
        raise
