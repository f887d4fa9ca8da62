"""buildspecs/loadtest.yml, run as CodeBuild runs it, on the loopback DLT with the post's files."""

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest

from tests.acceptance.test_loadtest_dlt import PAYLOAD
from tests.buildspec_runner import BuildResult, run_buildspec
from tests.loopback_dlt.kpi import kpi, kpi_name, times
from tests.loopback_dlt.runs import Plan
from tests.loopback_dlt.stage import Stage, stage_in

BUILDSPEC = Path(__file__).parents[2] / "buildspecs" / "loadtest.yml"
APP = "https://app.example/"


@pytest.fixture
def stage(tmp_path: Path) -> Iterator[Stage]:
    with stage_in(tmp_path) as found:
        found.dlt.clock.step = 4
        found.dlt.scenarios.new_run_id = lambda: "Run0000001"
        (tmp_path / "startTestPayload.json").write_text(json.dumps(PAYLOAD))
        yield found


def build(stage: Stage, environment: Mapping[str, str], **variables: str) -> BuildResult:
    """Build with the variables of the post; everything else is as the buildspec has it."""
    environ = {
        **environment,
        **stage.dlt.environment(),
        "BUILDSTEPS_PIP_SPEC": f"{environment['BUILDSTEPS_PIP_SPEC']}[loadtest]",
        "AWS_ENDPOINT_URL_S3": stage.aws.url,
        "APP_END_POINT": APP,
        "AVG_RT_THRESHOLD": "1",
        "FAILURE_THRESHOLD": "1",
        "BUILDSTEPS_LOADTEST_POLL": "0.02",
        **variables,
    }
    return run_buildspec(BUILDSPEC, stage.folder, environ)


def cases(build: BuildResult) -> dict[str, str]:
    """How each case of the report group ended, by name."""
    return {
        case.get("name", ""): next((problem.tag for problem in case), "passed")
        for file in build.reports["loadtest"]
        for case in ET.parse(file.path).iter("testcase")
    }


def samples(stage: Stage, median: float) -> None:
    """Samples of the only task of the run, under the id that comes of the scenario's name."""
    from buildsteps.steps.loadtest.scenario.identity import stable_id

    elapsed = times(3000, median, 7)
    file = kpi(elapsed, url=APP, seconds=30)
    stage.put_samples(stable_id("sampleScenario"), "Run0000001", {kpi_name(0): file})


def test_the_post_passes_with_a_second_and_stops_with_a_fifth_of_it(
    stage: Stage, build_environment: Mapping[str, str]
) -> None:
    samples(stage, 400.0)
    done = build(stage, build_environment)
    assert done.succeeded, done.log
    assert set(cases(done).values()) == {"passed"}
    stopped = build(stage, build_environment, AVG_RT_THRESHOLD=".2")
    assert not stopped.succeeded
    assert cases(stopped)["avg_rt < 0.2s"] == "failure"
    assert cases(stopped)["errors < 1"] == "passed"


def test_the_page_with_charts_is_an_artifact_of_a_build_that_stops(
    stage: Stage, build_environment: Mapping[str, str]
) -> None:
    samples(stage, 400.0)
    stopped = build(stage, build_environment, AVG_RT_THRESHOLD=".2")
    assert not stopped.succeeded
    (page,) = stopped.artifacts
    assert page.name == "loadtest.html"
    text = page.path.read_text()
    assert text.count("<svg ") == 3
    assert "avg_rt &lt; 0.2s" in text


def test_a_run_that_ends_failed_fails_the_build_and_says_why_in_the_report(
    stage: Stage, build_environment: Mapping[str, str]
) -> None:
    stage.dlt.scenarios.plans = [Plan(ends="failed", error_reason="all tasks failed")]
    done = build(stage, build_environment)
    assert not done.succeeded
    assert "error" in cases(done).values()
    assert "the run ended failed: all tasks failed" in done.phase("build").output


def test_a_scenario_of_ones_own_brings_its_thresholds(
    stage: Stage, build_environment: Mapping[str, str]
) -> None:
    (stage.folder / "load.yaml").write_text(
        "name: own\nrequests: [{url: 'https://app.example/'}]\nregions: {us-east-1: {}}\n"
        "hold_for: 30s\nthresholds: ['p99 < 1ms']\n"
    )
    variables = {"AVG_RT_THRESHOLD": "", "FAILURE_THRESHOLD": "", "LOADTEST_SCENARIO": "load.yaml"}
    done = build(stage, build_environment, **variables)
    assert not done.succeeded
    assert cases(done)["p99 < 1ms"] == "failure", done.log
