"""The distributed engine: what the command asks of it, in terms of a session with DLT."""

from pathlib import Path
from typing import Any

from buildsteps.errors import UsageError
from buildsteps.steps.loadtest.dlt.api import Api
from buildsteps.steps.loadtest.dlt.baseline import set_baseline
from buildsteps.steps.loadtest.dlt.body import body_of, tasks_of
from buildsteps.steps.loadtest.dlt.endpoint import (
    Endpoint,
    bucket_in,
    endpoint_in,
    endpoint_of,
    outputs_of_stack,
)
from buildsteps.steps.loadtest.dlt.exactly import exact_run
from buildsteps.steps.loadtest.dlt.finding_run import find_run
from buildsteps.steps.loadtest.dlt.history import compared_with_history
from buildsteps.steps.loadtest.dlt.session import Session, Wishes
from buildsteps.steps.loadtest.measured.model import Run
from buildsteps.steps.loadtest.scenario.model import Scenario
from buildsteps.steps.loadtest.settings import LoadtestOptions
from buildsteps.steps.loadtest.verdict.baseline import Compared
from buildsteps.steps.loadtest.verdict.judgement import Rules
from buildsteps.world import World


class DltEngine:
    """Runs scenarios on DLT; ``folder`` is private and outlives what reads the samples."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._session: Session | None = None
        self._told: Run | None = None

    def run(self, scenario: Scenario, options: LoadtestOptions, world: World) -> Run:
        """See :meth:`~buildsteps.steps.loadtest.engine.Engine.run`."""
        session = self._at(scenario, options, world)
        test_id = options.attach or session.test_id
        if options.run:
            told = session.earlier(test_id, options.run, self.folder)
        elif options.attach:
            told = session.attach(test_id, self.folder)
        else:
            told = session.run(self.folder)
        self._told = told
        return exact_run(told, insisted=bool(options.exact), world=world)

    def request(self, scenario: Scenario, options: LoadtestOptions, world: World) -> Any:
        """The body of ``POST /scenarios``, without what only DLT can tell: nothing is asked."""
        region = endpoint_of(options.endpoint).region if options.endpoint else ""
        environ = world.environ
        region = region or environ.get("AWS_REGION", "") or environ.get("AWS_DEFAULT_REGION", "")
        return body_of(scenario, tasks_of(scenario, region))

    def start(self, scenario: Scenario, options: LoadtestOptions, world: World) -> str:
        """See :meth:`~buildsteps.steps.loadtest.engine.Engine.start`.

        DLT gives a run its id some seconds after the start; where it takes long, the id of the
        test is given.
        """
        if options.attach or options.run:
            raise UsageError("--no-wait starts a run; --attach and --run start none")
        session = self._at(scenario, options, world)
        ours = session.start()
        found = find_run(session.api, ours, session.solution, world)
        world.progress(
            f"test {ours.test_id} started at {ours.started} UTC; it goes on, and is judged by "
            f"--attach {ours.test_id}"
        )
        return found.test_run_id if found else ours.test_id

    def compared(self, rules: Rules) -> Compared | None:
        """The last run beside earlier ones of DLT's own, by DLT's own figures; None without."""
        if self._session is None or self._told is None or rules.baseline is None:
            return None
        return compared_with_history(self._session, self._told, rules, rules.baseline)

    def set_baseline(self, run: Run) -> None:
        """Make a run the one that DLT calls the baseline.

        Raises:
            UsageError: this DLT has none.
        """
        if self._session is not None:
            session = self._session
            set_baseline(session.api, session.test_id, run.id, session.solution)

    def _at(self, scenario: Scenario, options: LoadtestOptions, world: World) -> Session:
        endpoint, bucket = _place(options, world)
        wishes = Wishes(
            bucket=options.bucket or bucket,
            limit=options.timeout,
            poll=options.poll,
            exact=options.exact,
        )
        self._session = Session(Api(endpoint, world), scenario, wishes, world)
        return self._session


def _place(options: LoadtestOptions, world: World) -> tuple[Endpoint, str]:
    """Where the API is, and the bucket where the stack tells it."""
    if options.poll <= 0:
        raise UsageError("--poll must be more than 0 seconds")
    if options.timeout is not None and options.timeout <= 0:
        raise UsageError("--timeout must be more than 0 seconds")
    if options.endpoint:
        return endpoint_of(options.endpoint), ""
    if options.stack:
        outputs = outputs_of_stack(options.stack, world)
        return endpoint_in(outputs, options.stack), bucket_in(outputs)
    raise UsageError(
        "nobody says where Distributed Load Testing is: give --endpoint, --stack or the variable "
        "LOAD_TEST_API_ENDPOINT"
    )
