"""``buildsteps loadtest`` on this machine, as a user types it: the example, its gate, its end."""

import json
import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.command_line import ROOT, buildsteps, clean_environment
from tests.timed_service import timed_service

EXAMPLE = ROOT / "examples" / "loadtest"
SCENARIO = """
name: orders
requests: [{{url: '{service}/wait/200'}}]
concurrency: 2
hold_for: 2s
thresholds: [avg_rt < 2s, errors < 1]
"""


@pytest.fixture(scope="module")
def service() -> Iterator[str]:
    with timed_service() as address:
        yield address


@pytest.fixture
def folder(tmp_path: Path, service: str) -> Path:
    """A folder with a scenario that takes two seconds and passes."""
    (tmp_path / "orders.yaml").write_text(SCENARIO.format(service=service).lstrip())
    return tmp_path


def few(*arguments: str) -> tuple[str, ...]:
    """A run with enough requests: more users, who take the same time."""
    return ("loadtest", "orders.yaml", "--users", "8", *arguments)


def test_a_service_that_holds_passes(folder: Path) -> None:
    ran = buildsteps(*few("--format", "json"), cwd=folder)
    assert ran.code == 0, ran.out + ran.err
    assert ran.cases("passed")[-2:] == [("thresholds", "avg_rt < 2s"), ("thresholds", "errors < 1")]
    facts = ran.report["facts"]
    assert (facts["engine"], facts["users"], facts["scenario"]) == ("local", 8, "orders")
    assert 0.2 <= facts["total"]["avg_rt"] < 2
    assert facts["labels"]["GET /wait/200"]["requests"] == facts["total"]["requests"] >= 30


def test_a_limit_of_a_fifth_of_what_is_measured_stops_the_gate_as_in_the_post(folder: Path) -> None:
    ran = buildsteps(*few(), cwd=folder, environ={"AVG_RT_THRESHOLD": ".04"})
    assert ran.code == 1
    assert "FAILED thresholds > avg_rt < 0.04s" in ran.out
    assert re.search(r"measured 2\d\d ms, \d+ % above the limit of 40 ms", ran.out)


def test_junit_has_a_case_a_threshold_with_its_measured_value(folder: Path) -> None:
    buildsteps(*few("--junit", "loadtest.xml"), cwd=folder)
    text = (folder / "loadtest.xml").read_text()
    assert 'name="avg_rt &lt; 2s"' in text
    assert 'name="ended as planned"' in text


def test_a_run_with_too_few_requests_says_nothing(folder: Path) -> None:
    ran = buildsteps("loadtest", "orders.yaml", "--users", "1", cwd=folder)
    assert ran.code == 1
    assert "requests were made, fewer than the 30 needed" in ran.out


def test_the_samples_payload_and_variables_work_as_they_stand(tmp_path: Path, service: str) -> None:
    payload = {
        "testName": "sampleScenario",
        "testDescription": "sampleTestForBlog",
        "testTaskConfigs": [{"concurrency": "8", "taskCount": "1", "region": "us-east-1"}],
        "testScenario": {
            "execution": [{"ramp-up": "0m", "hold-for": "2s", "scenario": "sampleScenario"}],
            "scenarios": {
                "sampleScenario": {"requests": [{"url": "", "method": "GET", "body": {}}]}
            },
        },
        "showLive": False,
        "testType": "simple",
        "fileType": "",
    }
    (tmp_path / "startTestPayload.json").write_text(json.dumps(payload))
    environ = {
        "APP_END_POINT": f"{service}/wait/200",
        "AVG_RT_THRESHOLD": "1",
        "FAILURE_THRESHOLD": "1",
    }
    ran = buildsteps("loadtest", "--format", "json", cwd=tmp_path, environ=environ)
    assert ran.code == 0, ran.out + ran.err
    assert set(ran.rules()) == {"scenario-mended"}
    assert ran.cases("passed")[-2:] == [("thresholds", "avg_rt < 1s"), ("thresholds", "errors < 1")]


def test_results_are_kept_and_the_next_run_is_compared_with_them(folder: Path) -> None:
    with (folder / "orders.yaml").open("a") as stream:
        stream.write("baseline: {metrics: [p50], tolerance: 400%}\n")
    first = buildsteps(*few("--store", "runs.jsonl", "--format", "json"), cwd=folder)
    second = buildsteps(*few("--store", "runs.jsonl", "--format", "json"), cwd=folder)
    assert (first.code, second.code) == (0, 0), first.out + second.out
    assert first.cases("skipped") == [("baseline", "p50")]
    assert first.report["notes"][-1] == (
        "compared with no earlier run: there is no earlier good run of the same requests, load and"
        " engine"
    )
    assert ("baseline", "p50") in second.cases("passed")


def test_a_dry_run_prints_what_would_be_asked_and_asks_nothing(folder: Path) -> None:
    ran = buildsteps("loadtest", "orders.yaml", "--dry-run", cwd=folder)
    asked = json.loads(ran.out)
    assert ran.code == 0
    assert (asked["users"], asked["hold_for"]) == (2, 2.0)
    assert asked["requests"][0]["name"] == "GET /wait/200"


@pytest.mark.parametrize(
    ("scenario", "arguments", "said"),
    [
        ("", (), "no scenario is given"),
        (None, ("gone.yaml",), "gone.yaml: cannot be read: no such file or directory"),
        ("name: [", ("load.yaml",), "load.yaml:2:1: not valid YAML"),
        ("{}", ("load.yaml",), "neither requests nor a script"),
        ("thresholds: []", ("load.yaml",), "nothing would be judged"),
        ("thresholds: [p95 < 800]", ("load.yaml",), "load.yaml:4:14: the number of `p95` needs a"),
        ("thresholds: [speed > 3]", ("load.yaml",), "there is no metric `speed`"),
        ("hold_for: 1h", ("load.yaml",), "load.yaml:4:11: `1h` is no hold_for"),
        ("baseline: {}", ("load.yaml",), "give --store"),
        ("", ("load.yaml", "--threshold", "p95 <"), "expected a number"),
        ("", ("load.yaml", "--threshold", "errors < 1", "--users", "0"), "--users must be 1 to"),
        (
            "",
            ("load.yaml", "--threshold", "errors < 1", "--processes", "-1"),
            "--processes must be",
        ),
        (
            "",
            ("load.yaml", "--threshold", "errors < 1", "--timeout", "0"),
            "--timeout must be more",
        ),
        ("", ("load.yaml", "--no-wait"), "--no-wait is for --engine dlt"),
        (
            "",
            ("load.yaml", "--threshold", "errors < 1"),
            "to load it from here, give --allow-remote",
        ),
        ("", ("load.yaml", "--engine", "cloud"), "'cloud' is not one of"),
        ("", ("load.yaml", "--output", "pdf=x.pdf"), "unknown format `pdf`. Known are `github`, "),
        (
            "thresholds: [p95 < 1s]",
            ("load.yaml", "--attach", "abc"),
            "nobody says where Distributed",
        ),
        ("thresholds: [p95 < 1s]", ("load.yaml", "--run", "abc"), "nobody says where Distributed"),
        ("", ("load.yaml", "--engine", "local", "--run", "abc"), "--run is for --engine dlt"),
    ],
)
def test_a_wrong_call_is_one_sentence_and_exit_code_2(
    tmp_path: Path, scenario: str | None, arguments: tuple[str, ...], said: str
) -> None:
    text = f"name: orders\nrequests:\n  - url: http://192.0.2.1/\n{scenario or ''}\n"
    if scenario in ("name: [", "{}"):
        text = f"{scenario}\n"
    if arguments:
        (tmp_path / "load.yaml").write_text(text)
    ran = buildsteps("loadtest", *arguments, cwd=tmp_path)
    assert ran.code == 2, ran.out + ran.err
    assert said in ran.err


@pytest.mark.parametrize("name", ["locustfile.py", "plan.jmx", "script.ts"])
def test_a_script_instead_of_a_scenario_is_told_how_it_is_run(tmp_path: Path, name: str) -> None:
    (tmp_path / name).write_text("from locust import HttpUser")
    ran = buildsteps("loadtest", name, "--threshold", "p95 < 1s", cwd=tmp_path)
    assert ran.code == 2
    assert ran.err == (
        f"buildsteps loadtest: {name}: is a script, no scenario: write a scenario that names it,"
        f" with `script: {name}`\n"
    )


def test_a_variable_that_is_not_set_is_one_mistake(tmp_path: Path) -> None:
    text = "name: orders\nrequests: [{url: '${SHOP_ADDRESS}/orders'}]\nthresholds: [p95 < 1s]\n"
    (tmp_path / "load.yaml").write_text(text)
    ran = buildsteps("loadtest", "load.yaml", cwd=tmp_path)
    assert ran.code == 2
    place = "buildsteps loadtest: load.yaml:2:18: "
    assert ran.err == f"{place}the environment variable SHOP_ADDRESS is not set\n"


def test_a_missing_part_is_told_with_what_installs_it(folder: Path) -> None:
    (folder / "sitecustomize.py").write_text(
        "import importlib.util\n"
        "find = importlib.util.find_spec\n"
        "importlib.util.find_spec = lambda name, *more: None if name == 'locust' else"
        " find(name, *more)\n"
    )
    ran = buildsteps(*few(), cwd=folder, environ={"PYTHONPATH": str(folder)})
    assert ran.code == 3
    assert "the local engine needs Locust: pip install 'buildsteps[loadtest]'" in ran.err


@pytest.mark.parametrize("processes", ["1", "2"])
@pytest.mark.parametrize(("sent", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_an_interruption_ends_locust_and_all_its_workers(
    folder: Path, processes: str, sent: signal.Signals, code: int
) -> None:
    text = (folder / "orders.yaml").read_text().replace("hold_for: 2s", "hold_for: 5m")
    (folder / "orders.yaml").write_text(text)
    temporary = folder / "tmp"
    temporary.mkdir()
    running = subprocess.Popen(
        [sys.executable, "-m", "buildsteps", *few("--processes", processes)],
        cwd=folder,
        env=clean_environment({"TMPDIR": str(temporary)}),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    workers = wait_for_samples(temporary, int(processes))
    running.send_signal(sent)
    out, err = running.communicate(timeout=30)
    assert running.returncode == code, out + err
    assert "Traceback" not in err
    assert not [pid for pid in workers if is_running(pid)]
    assert list(temporary.iterdir()) == []


def wait_for_samples(folder: Path, number: int) -> list[int]:
    """The processes that write samples, once there are so many and each asked something."""
    for _ in range(600):
        files = list(folder.glob("*/samples-*.jtl"))
        if len(files) == number and all(len(f.read_bytes().splitlines()) > 1 for f in files):
            return [int(file.stem.partition("-")[2]) for file in files]
        time.sleep(0.1)
    raise AssertionError("Locust did not begin")


def is_running(pid: int) -> bool:
    """Whether there is such a process that is no zombie."""
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    state = Path(f"/proc/{pid}/stat")
    return not state.exists() or state.read_text().rpartition(")")[2].split()[0] != "Z"


def test_the_example_is_what_its_page_says(tmp_path: Path) -> None:
    ran = buildsteps(
        "loadtest",
        str(EXAMPLE / "orders.yaml"),
        "--dry-run",
        cwd=tmp_path,
        environ={"SERVICE": "http://127.0.0.1:8080"},
    )
    asked = json.loads(ran.out)
    assert (asked["users"], asked["hold_for"]) == (10, 10.0)
    assert [one["name"] for one in asked["requests"]] == ["GET /orders", "POST /orders"]


def test_a_run_that_fails_from_the_start_is_aborted_and_stops_the_gate(
    tmp_path: Path, service: str
) -> None:
    text = SCENARIO.format(service=service).replace("/wait/200", "/status/500")
    (tmp_path / "orders.yaml").write_text(text.replace("hold_for: 2s", "hold_for: 10m").lstrip())
    ran = buildsteps("loadtest", "orders.yaml", "--abort-unless", "errors < 1", cwd=tmp_path)
    assert ran.code == 1, ran.out + ran.err
    assert "FAILED run > ended as planned" in ran.out
    assert re.search(
        r"aborted after \d+ s of 10 min 0 s by errors < 1: measured [\d,]+, .*, after [\d,]+ req",
        ran.out,
    )
    assert "thresholds" not in ran.out


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("--engine", "dlt"), "--abort-unless is for --engine local"),
        (("--dry-run", "--abort-unless", "requests > 5"), "cannot hold from the start"),
    ],
)
def test_an_abort_that_cannot_be_judged_is_a_wrong_call(
    folder: Path, arguments: tuple[str, ...], said: str
) -> None:
    ran = buildsteps(*few("--abort-unless", "error_rate < 20%", *arguments), cwd=folder)
    assert ran.code == 2, ran.out + ran.err
    assert said in ran.err
