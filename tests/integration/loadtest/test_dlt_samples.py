"""Raw samples from DLT's bucket, and earlier runs as the baseline."""

import pytest
from msgspec.structs import replace

from buildsteps.errors import WorldError
from buildsteps.steps.loadtest.dlt.baseline import baseline_run, earlier_runs, set_baseline
from buildsteps.steps.loadtest.dlt.finding_run import get_run
from buildsteps.steps.loadtest.measured.model import Run
from tests.loopback_dlt.runs import Plan
from tests.loopback_dlt.server import BUCKET
from tests.loopback_dlt.stage import ORDERS, Stage

TEST, RUN = "E8wMTTEKHo", "Run0000001"
HEADER = (
    b"timeStamp,elapsed,label,responseCode,responseMessage,threadName,success,bytes,grpThreads,"
    b"allThreads,Latency,Hostname,Connect\n"
)
KPI = HEADER + b"1795426538000,102,https://orders.example/,200,OK,t 1-1,true,512,5,5,90,h,3\n" * 50


@pytest.fixture
def known(stage: Stage) -> Stage:
    """A stage that calls its runs RUN."""
    stage.dlt.scenarios.new_run_id = lambda: RUN
    return stage


def kpis(count: int) -> dict[str, bytes]:
    return {f"kpi-{n:032x}-us-east-1.jtl": KPI for n in range(count)}


def samples(run: Run) -> list[bytes]:
    assert run.results is not None
    return [path.read_bytes() for path in run.results.samples]


def test_the_samples_of_the_run_are_fetched_over_all_pages(known: Stage) -> None:
    known.put_samples(TEST, RUN, {**kpis(3), "results.xml": b"<no/>", "bzt.log": b"no"})
    known.put_samples(TEST, "Previous01", kpis(1))
    run = known.session().run(known.folder)
    assert samples(run) == [KPI] * 3
    assert run.doubts == ()


def test_fewer_files_than_tasks_is_a_doubt(known: Stage) -> None:
    known.put_samples(TEST, RUN, kpis(2))
    assert known.session().run(known.folder).doubts == ("there are raw samples of 2 of 3 tasks",)


def test_throttling_by_s3_is_survived(known: Stage) -> None:
    known.put_samples(TEST, RUN, kpis(3))
    known.aws.fail("GetObject", "SlowDown", times=2)
    assert len(samples(known.session().run(known.folder))) == 3


@pytest.mark.parametrize("operation", ["ListObjectsV2", "GetObject"])
def test_without_the_right_to_read_dlts_own_figures_remain(known: Stage, operation: str) -> None:
    known.put_samples(TEST, RUN, kpis(3))
    known.aws.deny(operation)
    run = known.session().run(known.folder)
    assert samples(run) == []
    assert f"without raw samples: s3:{operation} is not allowed" in known.told


def test_exact_insists(known: Stage) -> None:
    with pytest.raises(WorldError, match="--exact needs the raw samples of the run: there are non"):
        known.session(exact=True).run(known.folder)


def test_not_exact_asks_nothing_of_s3(known: Stage) -> None:
    known.put_samples(TEST, RUN, kpis(3))
    run = known.session(exact=False).run(known.folder)
    assert (samples(run), known.aws.calls) == ([], [])


def test_a_bucket_of_another_name_is_told(known: Stage) -> None:
    run = known.session(bucket="not-there").run(known.folder)
    assert samples(run) == []
    assert "NoSuchBucket" in known.told
    assert BUCKET not in known.told


def several_runs(stage: Stage, *seconds: float) -> list[Run]:
    stage.dlt.scenarios.plans = [Plan(seconds=one) for one in seconds]
    return [stage.session().run(stage.folder) for _ in seconds]


def test_earlier_runs_are_the_believable_ones_of_the_same_configuration(stage: Stage) -> None:
    stage.dlt.scenarios.plans = [
        Plan(seconds=0.1),
        Plan(ends="failed"),
        Plan(undelivered={"us-east-1": 1}),
        Plan(seconds=0.2),
        Plan(),
        Plan(seconds=0.3),
    ]
    for hold in (30.0, 30.0, 30.0, 30.0, 60.0):
        stage.session(replace(ORDERS, hold_for=hold)).run(stage.folder)
    session = stage.session()
    newest = session.run(stage.folder)
    row = get_run(session.api, session.test_id, newest.id, session.solution)
    found = earlier_runs(session.api, row, ORDERS, session.test_id, session.solution, 5)
    assert [run.results.total.mean for run in found if run.results] == [0.2, 0.1]
    (last,) = earlier_runs(session.api, row, ORDERS, session.test_id, session.solution, 1)
    assert last.id == found[0].id


def test_a_long_history_is_read_page_by_page(stage: Stage) -> None:
    runs = several_runs(stage, *([0.1] * 23))
    session = stage.session()
    row = get_run(session.api, session.test_id, runs[-1].id, session.solution)
    found = earlier_runs(session.api, row, ORDERS, session.test_id, session.solution, 22)
    assert [run.id for run in found] == [run.id for run in reversed(runs[:-1])]


def test_the_baseline_that_dlt_shows_is_set_and_read(stage: Stage) -> None:
    one, _ = several_runs(stage, 0.1, 0.2)
    session = stage.session()
    assert baseline_run(session.api, ORDERS, session.test_id, session.solution) is None
    set_baseline(session.api, session.test_id, one.id, session.solution)
    found = baseline_run(session.api, ORDERS, session.test_id, session.solution)
    assert found is not None
    assert found.id == one.id


def test_version_3_has_history_and_no_baseline(stage_3: Stage) -> None:
    runs = several_runs(stage_3, 0.1, 0.2)
    session = stage_3.session()
    row = get_run(session.api, session.test_id, runs[1].id, session.solution)
    found = earlier_runs(session.api, row, ORDERS, session.test_id, session.solution, 5)
    assert [run.id for run in found] == [runs[0].id]
    assert baseline_run(session.api, ORDERS, session.test_id, session.solution) is None
