"""``buildsteps loadtest`` on the loopback DLT, as a pipeline runs it."""

import json
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.command_line import Ran, buildsteps, clean_environment
from tests.loopback_dlt.kpi import kpi, kpi_name, times
from tests.loopback_dlt.runs import Plan
from tests.loopback_dlt.server import BUCKET
from tests.loopback_dlt.stage import Stage, stage_in

TEST = "E8wMTTEKHo"
URL = "https://orders.example/"
SCENARIO = """\
name: orders
requests:
  - {url: "https://orders.example/", name: GET /orders}
regions:
  us-east-1: {tasks: 2, concurrency: 5}
  eu-west-1: {tasks: 1, concurrency: 5}
ramp_up: 10s
hold_for: 30s
"""
THRESHOLDS = 'thresholds: ["avg_rt < 1s", "errors < 1"]\n'


@pytest.fixture
def stage(tmp_path: Path) -> Iterator[Stage]:
    """A DLT whose clock moves four seconds with each request."""
    with stage_in(tmp_path) as found:
        found.dlt.clock.step = 4
        yield found


def loadtest(stage: Stage, *arguments: str, scenario: str = SCENARIO + THRESHOLDS) -> Ran:
    (stage.folder / "scenario.yaml").write_text(scenario)
    environ = {"BUILDSTEPS_LOADTEST_POLL": "0.02"}
    return buildsteps("loadtest", "scenario.yaml", *arguments, cwd=stage.folder, environ=environ)


# --- The four false greens of DLT's own command line ---------------------------------------------


def test_a_run_within_its_thresholds_passes(stage: Stage) -> None:
    ran = loadtest(stage)
    assert (ran.code, "5 passed" in ran.out) == (0, True), ran.err


def test_158_failed_requests_stop_the_gate(stage: Stage) -> None:
    stage.dlt.scenarios.plans = [Plan(failed=158)]
    ran = loadtest(stage)
    assert ran.code == 1
    assert "FAILED thresholds > errors < 1\n  measured 158" in ran.out


def test_a_run_that_ends_failed_is_not_judged_by_the_previous_one(stage: Stage) -> None:
    why = "Task failure threshold breached: 1/3 tasks failed (healthy threshold: 90%)"
    stage.dlt.scenarios.plans = [Plan(), Plan(ends="failed", error_reason=why)]
    assert loadtest(stage).code == 0
    ran = loadtest(stage)
    assert ran.code == 3
    assert f"the run ended failed: {why}" in ran.out
    assert "thresholds" not in ran.out


def test_queued_is_waited_through_although_a_previous_run_passed(stage: Stage) -> None:
    stage.dlt.scenarios.plans = [Plan(), Plan(queued=200, seconds=3.0)]
    assert loadtest(stage).code == 0
    ran = loadtest(stage)
    assert ran.code == 1
    assert "measured 3 s" in ran.out


def test_parsing_results_is_waited_through(stage: Stage) -> None:
    stage.dlt.scenarios.plans = [Plan(parsing=200, failed=1)]
    assert loadtest(stage).code == 1


# --- What else may happen ------------------------------------------------------------------------


def test_a_task_that_never_delivered_makes_the_run_an_error(stage: Stage) -> None:
    stage.dlt.scenarios.plans = [Plan(undelivered={"us-east-1": 1})]
    ran = loadtest(stage)
    assert ran.code == 3
    assert "us-east-1: 1 of 2 tasks delivered results" in ran.out


def test_a_dlt_that_cannot_be_reached_is_the_worlds_failure(stage: Stage) -> None:
    ran = loadtest(stage, "--endpoint", "http://127.0.0.1:9/prod")
    assert ran.code == 3
    assert "Distributed Load Testing did not answer GET /stack-info" in ran.err


@pytest.mark.parametrize(("number", "code"), [(signal.SIGTERM, 143), (signal.SIGINT, 130)])
def test_a_build_that_is_stopped_cancels_the_test(
    stage: Stage, number: signal.Signals, code: int
) -> None:
    stage.dlt.scenarios.plans = [Plan(queued=1e6, cancelling=1)]
    (stage.folder / "scenario.yaml").write_text(SCENARIO + THRESHOLDS)
    process = subprocess.Popen(
        [
            sys.executable,
            "-m",
            "buildsteps",
            "loadtest",
            "scenario.yaml",
            "--junit",
            "loadtest.xml",
        ],
        cwd=stage.folder,
        env=clean_environment(),
        stderr=subprocess.PIPE,
        text=True,
    )
    stopping = threading.Event()

    def stop_when_it_waits() -> None:
        while not stopping.is_set():
            if TEST in stage.dlt.scenarios.stored and stage.dlt.requests("GET", TEST)[1:]:
                process.send_signal(number)
                return
            time.sleep(0.05)

    watcher = threading.Thread(target=stop_when_it_waits)
    watcher.start()
    try:
        _, said = process.communicate(timeout=60)
    finally:
        stopping.set()
        watcher.join()
        process.kill()
    assert process.returncode == code, said
    assert f"test {TEST} is cancelled" in said
    assert stage.dlt.scenarios.get(TEST)["status"] == "cancelled"
    assert "interrupted" in (stage.folder / "loadtest.xml").read_text()


# --- The sample pipeline of the post -------------------------------------------------------------

PAYLOAD = {
    "testName": "sampleScenario",
    "testDescription": "sampleTestForBlog",
    "testTaskConfigs": [{"concurrency": "1", "taskCount": "1", "region": "us-east-1"}],
    "testScenario": {
        "execution": [{"ramp-up": "0m", "hold-for": "30s", "scenario": "sampleScenario"}],
        "scenarios": {
            "sampleScenario": {
                "requests": [{"url": "$APP_END_POINT", "method": "GET", "body": {}, "headers": {}}]
            }
        },
    },
    "showLive": False,
    "testType": "simple",
    "fileType": "",
}


@pytest.mark.parametrize(("threshold", "code"), [("1", 0), (".2", 1)])
def test_the_posts_payload_and_variables_work_as_they_stand(
    stage: Stage, threshold: str, code: int
) -> None:
    stage.dlt.scenarios.plans = [Plan(seconds=0.9)]
    (stage.folder / "startTestPayload.json").write_text(json.dumps(PAYLOAD))
    environ = {
        "APP_END_POINT": "https://app.example/",
        "AVG_RT_THRESHOLD": threshold,
        "FAILURE_THRESHOLD": "1",
        "BUILDSTEPS_LOADTEST_POLL": "0.02",
    }
    ran = buildsteps("loadtest", "startTestPayload.json", cwd=stage.folder, environ=environ)
    assert ran.code == code, ran.out + ran.err
    (stored,) = stage.dlt.scenarios.stored.values()
    (request,) = stored.scenario["scenarios"]["sampleScenario"]["requests"]
    assert (request["url"], request["body"]) == ("https://app.example/", "")
    assert stored.body["fileType"] == "none"


# --- Exact figures -------------------------------------------------------------------------------


def with_samples(stage: Stage, *slow: float) -> list[int]:
    """Samples of three tasks, the last of them slower; DLT's own figures say 100 ms."""
    stage.dlt.scenarios.new_run_id = lambda: "Run0000001"
    medians = (100.0, 100.0, *slow)
    regions = ("us-east-1", "us-east-1", "eu-west-1")
    files, everything = {}, list[int]()
    for number, (median, region) in enumerate(zip(medians, regions, strict=True)):
        elapsed = times(4000, median, number)
        everything += elapsed
        files[kpi_name(number, region)] = kpi(elapsed, url=URL, seconds=40)
    stage.put_samples(TEST, "Run0000001", files)
    return sorted(everything)


def test_percentiles_are_those_of_all_samples_and_dlts_own_are_shown_beside(stage: Stage) -> None:
    everything = with_samples(stage, 900.0)
    thresholds = 'thresholds: ["p95 < 400ms", "label(\\"GET /orders\\").p50 < 1s"]\n'
    ran = loadtest(stage, "--format", "json", scenario=SCENARIO + thresholds)
    facts = ran.report["facts"]
    expected = everything[round(len(everything) * 0.95)] / 1000
    assert facts["total"]["p95"] == pytest.approx(expected, rel=0.01)
    assert facts["dlt_says"]["p95"] == 0.2
    assert "DLT says 200 ms" in facts["dlt_is_off"]
    assert facts["regions"]["eu-west-1"]["p50"] == pytest.approx(0.9, rel=0.05)
    assert list(facts["labels"]) == ["GET /orders"]
    assert ran.code == 1
    assert ran.cases("failed") == [("thresholds", "p95 < 400ms")]


def test_a_million_samples_are_read_exactly(stage: Stage) -> None:
    stage.dlt.scenarios.new_run_id = lambda: "Run0000001"
    stage.dlt.scenarios.plans = [Plan()]
    elapsed = times(400_000, 80.0, 1)
    regions = ("us-east-1", "us-east-1", "eu-west-1")
    file = kpi(elapsed, url=URL, seconds=40)
    stage.put_samples(TEST, "Run0000001", {kpi_name(n, r): file for n, r in enumerate(regions)})
    ran = loadtest(stage, "--exact", "--format", "json")
    total = ran.report["facts"]["total"]
    assert (ran.code, total["requests"]) == (0, 1_200_000), ran.err
    assert total["p99"] == pytest.approx(sorted(elapsed)[int(400_000 * 0.99)] / 1000, abs=0.002)


def test_exact_without_samples_is_an_error_of_the_world(stage: Stage) -> None:
    ran = loadtest(stage, "--exact")
    assert ran.code == 3
    assert f"--exact needs the raw samples of the run: there are none in the bucket {BUCKET}" in (
        ran.err
    )


# --- Earlier runs --------------------------------------------------------------------------------

BASELINE = SCENARIO + "baseline: {metrics: [avg_rt], tolerance: 10%}\n"


def test_a_run_slower_than_dlts_own_history_stops_the_gate(stage: Stage) -> None:
    stage.dlt.scenarios.plans = [Plan(seconds=s) for s in (0.1, 0.101, 0.1, 0.15)]
    codes = [loadtest(stage, "--allow-empty", scenario=BASELINE).code for _ in range(4)]
    assert codes == [0, 0, 0, 1]


def test_a_passing_run_is_made_the_baseline_and_compared_with_from_then_on(stage: Stage) -> None:
    stage.dlt.scenarios.plans = [Plan(seconds=s) for s in (0.2, 0.1, 0.13)]
    assert loadtest(stage, "--set-baseline", scenario=BASELINE).code == 0
    first = stage.dlt.scenarios.stored[TEST].baseline
    assert first
    assert loadtest(stage, scenario=BASELINE).code == 0
    assert loadtest(stage, scenario=BASELINE).code == 0
    assert stage.dlt.scenarios.stored[TEST].baseline == first


def test_a_run_that_is_stopped_is_not_made_the_baseline(stage: Stage) -> None:
    stage.dlt.scenarios.plans = [Plan(failed=3)]
    ran = loadtest(stage, "--set-baseline")
    assert (ran.code, stage.dlt.scenarios.stored[TEST].baseline) == (1, "")
    assert "was not made the baseline" in ran.err


def test_a_run_started_without_waiting_is_judged_later_by_both_its_ids(stage: Stage) -> None:
    started = loadtest(stage, "--no-wait")
    run = started.out.strip()
    assert (started.code, len(run)) == (0, 10)
    assert loadtest(stage, "--attach", TEST).code == 0
    assert loadtest(stage, "--run", run).code == 0
    assert loadtest(stage, "--run", "nothing000").code == 3
    assert len(stage.dlt.requests("POST", "/scenarios")) == 1


def test_a_dry_run_asks_nothing_and_prints_the_request(stage: Stage) -> None:
    ran = loadtest(stage, "--dry-run")
    body = json.loads(ran.out)
    assert (body["testId"], body["testScenario"]["execution"][0]["hold-for"]) == (TEST, "30s")
    assert stage.dlt.asked == []
    assert os.listdir(stage.folder) == ["scenario.yaml"]  # noqa: PTH208
