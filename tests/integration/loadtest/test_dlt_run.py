"""A run on DLT: which run is ours, when it is over, and what its figures are worth."""

import json

import pytest
from msgspec.structs import replace

from buildsteps.errors import UsageError, WorldError
from buildsteps.steps.loadtest.scenario.model import Region, Script
from tests.loopback_dlt.faults import Kind
from tests.loopback_dlt.runs import Plan
from tests.loopback_dlt.scenarios import Scenarios
from tests.loopback_dlt.stage import ORDERS, Stage


def cancels(stage: Stage, test_id: str) -> int:
    return len(stage.dlt.requests("POST", f"/scenarios/{test_id}"))


def starts(stage: Stage) -> int:
    return len(stage.dlt.requests("POST", "/scenarios"))


def test_a_run_is_started_awaited_and_read(stage: Stage) -> None:
    run = stage.session().run(stage.folder)
    assert run.doubts == ()
    assert (run.planned, run.lasted) == (40.0, 40.0)
    assert run.results is not None
    assert (run.results.total.count, run.results.total.mean) == (12000, 0.1)
    assert run.results.total.times.percentile(95) == 0.2
    assert run.results.total.times.percentile(97) is None
    assert set(run.results.regions) == {"us-east-1", "eu-west-1"}
    assert list(run.results.labels) == ["GET /orders"]
    assert run.facts["delivered"] == {"us-east-1": 2, "eu-west-1": 1}
    assert cancels(stage, str(run.facts["test_id"])) == 0


def test_polls_are_10_to_15_seconds_apart(stage: Stage) -> None:
    stage.session().run(stage.folder)
    assert all(10 <= pause <= 15 for pause in stage.clock.slept[:-1])


def test_progress_tells_each_status_with_tasks_and_time(stage: Stage) -> None:
    stage.session().run(stage.folder)
    assert "running, 1:" in stage.told
    assert "us-east-1: 2 of 2 tasks run; eu-west-1: 1 of 1 tasks run" in stage.told
    assert "of about 3:40" in stage.told


def test_the_same_scenario_keeps_its_id_so_that_history_accumulates(stage: Stage) -> None:
    one, other = stage.session().run(stage.folder), stage.session().run(stage.folder)
    assert one.facts["test_id"] == other.facts["test_id"]
    assert one.id != other.id
    assert len(stage.dlt.scenarios.stored) == 1


def test_version_3_is_known_by_what_it_lacks(stage_3: Stage) -> None:
    run = stage_3.session().run(stage_3.folder)
    assert (run.engine, run.doubts) == ("dlt 3", ())
    assert run.results is not None
    assert run.results.total.count == 12000


# --- The four false greens of DLT's own command line ---------------------------------------------


def test_158_failed_requests_are_158_errors(stage: Stage) -> None:
    stage.dlt.scenarios.plans = [Plan(failed=158)]
    run = stage.session().run(stage.folder)
    assert run.results is not None
    assert (run.results.total.errors, dict(run.results.total.codes)) == (158, {"500": 158})


def test_a_run_that_ends_failed_has_no_results_and_says_why(stage: Stage) -> None:
    why = "Task failure threshold breached: 1/3 tasks failed (healthy threshold: 90%)"
    stage.dlt.scenarios.plans = [Plan(), Plan(ends="failed", error_reason=why)]
    assert stage.session().run(stage.folder).results is not None
    run = stage.session().run(stage.folder)
    assert run.results is None
    assert run.doubts == (f"the run ended failed: {why}",)


def test_queued_is_not_over_and_the_previous_run_is_not_ours(stage: Stage) -> None:
    stage.dlt.scenarios.plans = [Plan(seconds=0.1), Plan(seconds=0.7, queued=600)]
    previous = stage.session().run(stage.folder)
    run = stage.session().run(stage.folder)
    assert run.id != previous.id
    assert run.results is not None
    assert run.results.total.mean == 0.7


def test_parsing_results_is_not_over(stage: Stage) -> None:
    stage.dlt.scenarios.plans = [Plan(parsing=400)]
    run = stage.session().run(stage.folder)
    assert run.results is not None
    assert sum(stage.clock.slept) > 400


# --- A run that is complete and yet not to be believed -------------------------------------------


def test_a_task_that_never_delivered_is_a_doubt(stage: Stage) -> None:
    stage.dlt.scenarios.plans = [Plan(undelivered={"us-east-1": 1})]
    run = stage.session().run(stage.folder)
    assert run.doubts == ("us-east-1: 1 of 2 tasks delivered results",)


def test_a_region_that_vanished_is_a_doubt(stage: Stage) -> None:
    stage.dlt.scenarios.plans = [Plan(vanished=("eu-west-1",))]
    run = stage.session().run(stage.folder)
    assert run.doubts == ("there are no results from eu-west-1",)


def test_a_complete_run_without_results_is_a_doubt(stage: Stage) -> None:
    stage.dlt.scenarios.plans = [Plan(results={})]
    run = stage.session().run(stage.folder)
    assert run.doubts == ("the run is complete, but DLT has no results of it",)


def test_a_test_that_somebody_cancels_is_a_doubt(stage: Stage) -> None:
    session = stage.session()

    def cancel() -> None:
        if len(stage.clock.slept) == 3:
            stage.dlt.scenarios.cancel(session.test_id)

    stage.clock.then = cancel
    assert session.run(stage.folder).doubts == ("the run ended cancelled",)


def test_a_test_that_is_deleted_is_told(stage: Stage) -> None:
    session = stage.session()
    stage.clock.then = stage.dlt.scenarios.stored.clear
    with pytest.raises(WorldError, match="was deleted while we waited"):
        session.run(stage.folder)


def test_another_run_over_ours_is_neither_taken_for_ours_nor_cancelled(stage: Stage) -> None:
    session = stage.session()

    def again() -> None:
        if len(stage.clock.slept) == 2:
            body = stage.dlt.scenarios.stored[session.test_id].body
            stage.dlt.scenarios.create({**body, "testDescription": "somebody else's"})

    stage.clock.then = again
    with pytest.raises(WorldError, match="took the place of ours"):
        session.run(stage.folder)
    assert cancels(stage, session.test_id) == 0


# --- Starting ------------------------------------------------------------------------------------


def test_a_run_under_way_is_not_started_over(stage: Stage) -> None:
    stage.session().start()
    stage.dlt.clock.advance(100)
    with pytest.raises(WorldError, match=r"is under way \(running, started 2026-11-23"):
        stage.session().run(stage.folder)
    assert starts(stage) == 1


@pytest.mark.parametrize("kind", [Kind.LOST, Kind.RESET, Kind.TIMED_OUT, Kind.BROKEN])
def test_a_start_without_an_answer_is_looked_for_and_never_repeated(
    stage: Stage, kind: Kind
) -> None:
    stage.dlt.fail(kind, "POST", "/scenarios")
    if kind is Kind.LOST:
        assert stage.session().run(stage.folder).doubts == ()
    else:
        with pytest.raises(WorldError, match="was not started, as far as DLT tells"):
            stage.session().run(stage.folder)
    assert starts(stage) == 1


def test_after_a_lost_answer_the_previous_run_is_not_taken_for_ours(stage: Stage) -> None:
    stage.session().run(stage.folder)
    stage.dlt.fail(Kind.RESET, "POST", "/scenarios")
    with pytest.raises(WorldError, match="was not started"):
        stage.session().run(stage.folder)


def test_a_throttled_start_is_sent_again_because_it_was_not_carried_out(stage: Stage) -> None:
    stage.dlt.fail(Kind.THROTTLED, "POST", "/scenarios", times=2)
    assert stage.session().run(stage.folder).doubts == ()
    assert starts(stage) == 3


def test_a_scenario_that_dlt_refuses_is_a_wrong_call(stage: Stage) -> None:
    with pytest.raises(UsageError, match="refuses the scenario: testName: testName must be"):
        stage.session(replace(ORDERS, name="ab")).run(stage.folder)


def test_a_refusal_of_version_3_is_read_from_bare_text(stage_3: Stage) -> None:
    with pytest.raises(UsageError, match="refuses the scenario: testName: testName must be"):
        stage_3.session(replace(ORDERS, name="ab")).run(stage_3.folder)


def test_too_little_capacity_is_told_for_each_region(stage: Stage) -> None:
    stage.dlt.vcpu_limit = {"us-east-1": 10, "eu-west-1": 1}
    stage.dlt.vcpus_in_use["us-east-1"] = 8
    with pytest.raises(WorldError) as told:
        stage.session().run(stage.folder)
    assert "us-east-1 has room for 1 of 2 tasks: 8 of 10 vCPUs are in use, 2 more" in str(
        told.value
    )
    assert "eu-west-1 has room for 0 of 1 tasks" in str(told.value)
    assert starts(stage) == 0


def test_a_region_that_does_not_tell_its_capacity_is_named(stage: Stage) -> None:
    stage.dlt.missing = {"eu-west-1"}
    with pytest.raises(WorldError, match="eu-west-1 does not tell its capacity"):
        stage.session().run(stage.folder)


def test_a_region_that_is_not_set_up_is_a_wrong_call(stage: Stage) -> None:
    region = Region(region="ap-south-1", tasks=1, concurrency=1)
    with pytest.raises(UsageError, match="not set up in ap-south-1, only in: eu-west-1, us-east"):
        stage.session(replace(ORDERS, regions=(region,))).run(stage.folder)


def test_without_regions_the_stacks_own_carries_the_tasks(stage: Stage) -> None:
    run = stage.session(replace(ORDERS, regions=(), tasks=3)).run(stage.folder)
    assert run.facts["tasks"] == {"us-east-1": 3}


def test_a_script_is_uploaded_before_the_start_under_the_tests_id(stage: Stage) -> None:
    script = stage.folder / "Check.JMX"
    script.write_text("<jmeterTestPlan/>")
    scenario = replace(ORDERS, requests=(), script=Script(kind="jmeter", path=str(script)))
    session = stage.session(scenario)
    session.run(stage.folder)
    (key,) = stage.s3.buckets["dlt-scenarios-bucket"]
    assert key == f"public/test-scenarios/jmeter/{session.test_id}.jmx"
    stored = stage.dlt.scenarios.stored[session.test_id].scenario
    assert stored["scenarios"]["orders"] == {"script": f"{session.test_id}.jmx"}
    assert stored["execution"][0]["executor"] == "jmeter"


def test_a_k6_script_is_not_replaced_by_an_older_one_in_the_other_language(stage: Stage) -> None:
    bucket = stage.s3.buckets["dlt-scenarios-bucket"]
    for name in ("load.ts", "load.js"):
        script = stage.folder / name
        script.write_text(f"// {name}")
        scenario = replace(
            ORDERS, requests=(), ramp_up=0.0, script=Script(kind="k6", path=str(script))
        )
        assert stage.session(scenario).run(stage.folder).doubts == ()
        (key,) = bucket
        assert (key[-3:], bucket[key]) == (name[-3:], f"// {name}".encode())


# --- Reading runs of others, and earlier ones ----------------------------------------------------


def test_a_started_test_is_awaited_by_its_id_and_not_cancelled(stage: Stage) -> None:
    ours = stage.session().start()
    run = stage.session().attach(ours.test_id, stage.folder)
    assert (run.doubts, run.planned) == ((), 40.0)
    assert run.facts["started"] == ours.started


def test_attaching_to_what_is_not_there_is_a_wrong_call(stage: Stage) -> None:
    with pytest.raises(UsageError, match="--attach nothing: this test is not there"):
        stage.session().attach("nothing", stage.folder)


def test_an_earlier_run_is_read_without_running(stage: Stage, stage_3: Stage) -> None:
    first = stage.session().run(stage.folder)
    again = stage.session().earlier(str(first.facts["test_id"]), first.id, stage.folder)
    assert replace(again, results=None) == replace(first, results=None)
    assert starts(stage) == 1


def test_an_unknown_run_is_told_by_both_versions(stage: Stage) -> None:
    first = stage.session().run(stage.folder)
    with pytest.raises(WorldError, match="has no run nope"):
        stage.session().earlier(str(first.facts["test_id"]), "nope", stage.folder)


def test_dlts_history_is_told_by_start_not_by_place_in_the_list(stage: Stage) -> None:
    scenarios: Scenarios = stage.dlt.scenarios
    session = stage.session()
    session.run(stage.folder)
    stored = scenarios.stored[session.test_id]
    assert json.dumps(stored.scenario).count("orders.example") == 1
