"""One run on DLT from beginning to end; or its end only, of a run that began before."""

from pathlib import Path
from typing import Any

from msgspec import Struct
from msgspec.structs import replace

from buildsteps.errors import UsageError, WorldError
from buildsteps.steps.loadtest.dlt.api import Api
from buildsteps.steps.loadtest.dlt.body import body_of, tasks_of, test_id_of, unheeded
from buildsteps.steps.loadtest.dlt.cancelling import cancelled_on_the_way_out
from buildsteps.steps.loadtest.dlt.capacity import check_regions, regional_details
from buildsteps.steps.loadtest.dlt.finding_run import find_run, get_run, run_without_row
from buildsteps.steps.loadtest.dlt.ours import Ours, new_mark, row_of
from buildsteps.steps.loadtest.dlt.reading import planned_seconds, run_of, with_samples
from buildsteps.steps.loadtest.dlt.rows import RunRow, TaskConfig
from buildsteps.steps.loadtest.dlt.samples import (
    doubts_of_samples,
    fetch_samples,
    listed_samples,
)
from buildsteps.steps.loadtest.dlt.solution import Solution, solution_at
from buildsteps.steps.loadtest.dlt.starting import refuse_if_active, start
from buildsteps.steps.loadtest.dlt.upload import upload_script
from buildsteps.steps.loadtest.dlt.waiting import Wait, wait_for_end
from buildsteps.steps.loadtest.measured.model import Run
from buildsteps.steps.loadtest.scenario.model import Scenario
from buildsteps.world import World
from buildsteps.world.aws import AwsError


class Wishes(Struct, frozen=True, kw_only=True):
    """What a user may say of a run beside the scenario; ``limit`` and ``poll`` are in seconds.

    ``exact`` None fetches raw samples where they can be had, and says where not.
    """

    bucket: str = ""
    limit: float | None = None
    poll: float = 10.0
    exact: bool | None = None


class Session:
    """A scenario, the DLT that runs it, and what its user wishes."""

    def __init__(self, api: Api, scenario: Scenario, wishes: Wishes, world: World) -> None:
        self.api, self.scenario, self.wishes, self.world = api, scenario, wishes, world
        self.solution: Solution = solution_at(api)
        self.test_id = test_id_of(scenario)
        self.row: RunRow | None = None

    @property
    def bucket(self) -> str:
        """The bucket of scripts and results."""
        return self.wishes.bucket or self.solution.bucket

    def start(self) -> Ours:
        """Start the scenario and give our run, which goes on; whatever stops this cancels it.

        Raises:
            UsageError: DLT cannot run this scenario.
            WorldError: there is no room, a run is under way, or DLT did not start it.
        """
        ours, body = self._prepared()
        with cancelled_on_the_way_out(self.api, ours, self.world):
            return start(self.api, body, ours, self.world, self.scenario.place)

    def run(self, folder: Path) -> Run:
        """Start, wait for the end, and read what was measured; samples go into ``folder``.

        Whatever ends this early, Ctrl-C too, cancels the test and waits for that.

        Raises:
            OutOfTimeError: the limit was over; the test is cancelled.
            UsageError, WorldError: as with :meth:`start`.
        """
        ours, body = self._prepared()
        with cancelled_on_the_way_out(self.api, ours, self.world):
            ours = start(self.api, body, ours, self.world, self.scenario.place)
            self.world.progress(f"test {ours.test_id} started at {ours.started} UTC")
            return self._awaited(ours, self._tasks(), folder)

    def attach(self, test_id: str, folder: Path) -> Run:
        """Wait for a test that others started, and read it; it is never cancelled from here.

        Raises:
            UsageError: there is no such test, or it never ran.
            WorldError: as with :func:`wait_for_end`.
        """
        row = row_of(self.api, test_id)
        if row is None or not row.start_time:
            what = "never ran" if row else "is not there"
            raise UsageError(f"--attach {test_id}: this test {what}")
        self.test_id = test_id
        ours = Ours(test_id=test_id, started=row.start_time)
        planned = planned_seconds(row.test_scenario)
        return self._awaited(ours, row.test_task_configs, folder, planned)

    def earlier(self, test_id: str, run_id: str, folder: Path) -> Run:
        """Read a run that is over, by its id.

        Raises:
            WorldError: there is none.
        """
        self.test_id = test_id
        row = get_run(self.api, test_id, run_id, self.solution)
        return self._read(row, row.test_task_configs, folder)

    def _tasks(self) -> tuple[TaskConfig, ...]:
        return tasks_of(self.scenario, self.solution.region)

    def _prepared(self) -> tuple[Ours, dict[str, Any]]:
        """All that can be refused before anything is started; uploads the script."""
        tasks = self._tasks()
        check_regions(tasks, self.solution, self.scenario.place)
        for sentence in unheeded(self.scenario):
            self.world.note(sentence)
        details = regional_details(self.api, tasks)
        body = body_of(self.scenario, tasks, details, new_mark())
        refuse_if_active(self.api, self.test_id)
        upload_script(self.scenario, self.bucket, self.solution.region, self.world)
        return Ours(test_id=self.test_id, description=body["testDescription"]), body

    def _awaited(
        self,
        ours: Ours,
        asked: tuple[TaskConfig, ...],
        folder: Path,
        planned: float | None = None,
    ) -> Run:
        if planned is None:
            planned = self.scenario.ramp_up + self.scenario.hold_for
        wait = Wait(planned=planned, limit=self.wishes.limit, poll=self.wishes.poll)
        row = wait_for_end(self.api, ours, wait, self.world)
        found = find_run(self.api, replace(ours, started=row.start_time), self.solution, self.world)
        return self._read(found or run_without_row(row), asked, folder)

    def _read(self, row: RunRow, asked: tuple[TaskConfig, ...], folder: Path) -> Run:
        self.row = row
        run = run_of(row, asked, self.scenario, self.solution, self.test_id)
        if run.results is None or self.wishes.exact is False:
            return run
        if row.test_type == "k6":
            return self._without_samples(run, "those of k6 have another form")
        if not self.bucket:
            return self._without_samples(run, "--bucket names the bucket of the results")
        try:
            region = self.solution.region
            found = listed_samples(self.bucket, self.test_id, row.test_run_id, region, self.world)
            if not found:
                return self._without_samples(run, f"there are none in the bucket {self.bucket}")
            paths = fetch_samples(self.bucket, found, folder, region, self.world)
        except AwsError as error:
            return self._without_samples(run, error.message)
        return with_samples(run, paths, doubts_of_samples(found, row))

    def _without_samples(self, run: Run, why: str) -> Run:
        """Go on with DLT's own figures, unless exact ones were asked for."""
        if self.wishes.exact:
            raise WorldError(f"--exact needs the raw samples of the run: {why}")
        self.world.note(f"percentiles are DLT's means over tasks, without raw samples: {why}")
        return run
