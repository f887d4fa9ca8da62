"""The stored run that is ours: ``latest=true`` gives the previous one until ours has a row."""

from msgspec.structs import replace

from buildsteps.errors import WorldError
from buildsteps.steps.loadtest.dlt.api import Api, scenario_path
from buildsteps.steps.loadtest.dlt.errors import DltError
from buildsteps.steps.loadtest.dlt.ours import Ours, row_of
from buildsteps.steps.loadtest.dlt.rows import RunRow, RunsPage, TestRow
from buildsteps.steps.loadtest.dlt.solution import Solution
from buildsteps.world import World

TRIES = 6
PAUSE = 5.0
LISTED = "10"


def find_run(api: Api, ours: Ours, solution: Solution, world: World) -> RunRow | None:
    """Give our run with its figures; None where DLT has stored none, which is asked a few times.

    Raises:
        DltError: as with :meth:`Api.get`.
    """
    for tried in range(TRIES):
        if tried:
            world.clock.sleep(PAUSE)
        found = _listed(api, ours, solution)
        if found is not None:
            return found
    return None


def _listed(api: Api, ours: Ours, solution: Solution) -> RunRow | None:
    if not solution.lists_runs:
        row = row_of(api, ours.test_id, history=True)
        history = row.history if row else ()
        return next((run for run in history if ours.is_run(run)), None)
    since = f"{ours.started.replace(' ', 'T')}Z"
    path = scenario_path(ours.test_id, "testruns")
    page = api.get(path, RunsPage, limit=LISTED, start_timestamp=since)
    for run in page.test_runs:
        if ours.is_run(run):
            whole = get_run(api, ours.test_id, run.test_run_id, solution)
            if not ours.description or whole.test_description == ours.description:
                return whole
    return None


def get_run(api: Api, test_id: str, run_id: str, solution: Solution) -> RunRow:
    """Give one run whole, by its id.

    Raises:
        WorldError: there is none.
        DltError: as with :meth:`Api.get`.
    """
    if solution.lists_runs:
        try:
            return api.get(scenario_path(test_id, "testruns", run_id), RunRow)
        except DltError as error:
            if not error.is_missing:
                raise
            raise WorldError(f"test {test_id} has no run {run_id}") from None
    row = row_of(api, test_id, history=True)
    for run in row.history if row else ():
        if run.test_run_id == run_id:
            return run
    raise WorldError(f"test {test_id} has no run {run_id}")


def run_without_row(row: TestRow) -> RunRow:
    """What is known of our run where DLT stored nothing: the test's state, without any figures."""
    empty = RunRow(test_run_id="")
    return replace(
        empty,
        start_time=row.start_time,
        status=row.status,
        error_reason=row.error_reason,
        test_task_configs=row.test_task_configs,
        test_scenario=row.test_scenario,
    )
