"""The options of ``loadtest``."""

from typing import Annotated, Literal

from msgspec import field

from buildsteps.options import CommonOptions, option
from buildsteps.steps.loadtest.scenario.document import ScenarioDocument


class LoadtestOptions(CommonOptions, frozen=True, kw_only=True):
    """Runs a load test and judges what it measured.

    Locally it needs Locust and DuckDB: pip install 'buildsteps[loadtest]'.
    """

    scenario: Annotated[
        str,
        option(
            "A scenario's file, or its name in `loadtest: scenarios:`.",
            metavar="SCENARIO",
            argument=True,
            in_file=False,
        ),
    ] = ""
    scenarios: Annotated[
        dict[str, ScenarioDocument],
        option("Scenarios, by name.", flag=False),
    ] = field(default_factory=dict)
    engine: Annotated[
        Literal["auto", "local", "dlt"],
        option("Where to run: auto is dlt where an endpoint is known, else local."),
    ] = "auto"
    threshold: Annotated[
        tuple[str, ...],
        option(
            "What must hold, such as `p95 < 800ms`, instead of the scenario's; repeatable.",
            metavar="EXPRESSION",
            in_file=False,
        ),
    ] = ()
    abort_unless: Annotated[
        tuple[str, ...],
        option(
            "End a local run once this does not hold, such as `error_rate < 20%`; repeatable.",
            metavar="EXPRESSION",
            in_file=False,
        ),
    ] = ()
    dry_run: Annotated[
        bool, option("Run nothing; print what would be asked of the engine.", in_file=False)
    ] = False
    users: Annotated[
        int | None, option("Users of the local engine, instead of the scenario's.", metavar="N")
    ] = None
    processes: Annotated[
        int, option("Processes of the local engine; 0: as many as are sensible.", metavar="N")
    ] = 0
    allow_remote: Annotated[
        bool, option("Let the local engine load other machines than this one.")
    ] = False
    timeout: Annotated[
        float | None,
        option(
            "Seconds that a run may take; by default what it should take, and some.",
            metavar="SECONDS",
        ),
    ] = None
    store: Annotated[
        str,
        option(
            "Keep results here, and compare with those of earlier runs.",
            metavar="FILE|S3",
            path="path or address",
        ),
    ] = ""
    endpoint: Annotated[
        str,
        option(
            "The address of Distributed Load Testing's API.",
            metavar="URL",
            variables=("LOAD_TEST_API_ENDPOINT",),
        ),
    ] = ""
    stack: Annotated[
        str, option("The CloudFormation stack of Distributed Load Testing.", metavar="NAME")
    ] = ""
    attach: Annotated[
        str,
        option(
            "Wait for a test of DLT that runs already, and judge it.",
            metavar="TEST_ID",
            in_file=False,
        ),
    ] = ""
    run: Annotated[
        str,
        option("Judge an earlier run of DLT, without running.", metavar="RUN_ID", in_file=False),
    ] = ""
    bucket: Annotated[
        str,
        option("The bucket of DLT's scripts and results; by default DLT is asked.", metavar="NAME"),
    ] = ""
    exact: Annotated[
        bool | None,
        option("Figures of DLT over all raw samples: by default where they can be had."),
    ] = None
    set_baseline: Annotated[
        bool, option("Make the run DLT's baseline, if it passes.", in_file=False)
    ] = False
    poll: Annotated[
        float,
        option("Seconds between two questions to DLT, and up to half as much again.", metavar="N"),
    ] = 10.0
    wait: Annotated[
        bool, option("Wait for the run and judge it; --no-wait prints its id and ends.")
    ] = True
