"""The local engine with the real Locust against a real server; every load lasts seconds."""

import json
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from msgspec.structs import replace

from buildsteps.errors import UsageError, WorldError
from buildsteps.steps.loadtest.local.engine import LocalEngine
from buildsteps.steps.loadtest.measured.model import SAMPLE_COLUMNS, Run
from buildsteps.steps.loadtest.scenario.model import Check, Local, Request, Scenario, Script
from buildsteps.steps.loadtest.settings import LoadtestOptions
from buildsteps.world import World, system_world


def run(
    folder: Path,
    *requests: Request,
    environ: Mapping[str, str] | None = None,
    users: int = 2,
    seconds: float = 2.0,
    script: str = "",
    **options: Any,
) -> Run:
    """Run requests, or a locustfile of this text, for some seconds."""
    found = None
    if script:
        (folder / "users.py").write_text(script)
        found = Script(kind="locust", path=str(folder / "users.py"))
    scenario = Scenario(
        name="tried", requests=requests, script=found, concurrency=users, hold_for=seconds
    )
    (folder / "run").mkdir()
    world = the_world(folder, environ or {})
    return LocalEngine(folder / "run").run(scenario, LoadtestOptions(**options), world)


def the_world(folder: Path, environ: Mapping[str, str]) -> World:
    """The real one, in a folder of its own."""
    world = system_world()
    return replace(world, cwd=folder, environ={**world.environ, **environ}, progress=lambda _: None)


def test_what_is_measured_is_what_the_server_took(tmp_path: Path, service: str) -> None:
    found = run(tmp_path, Request(url=f"{service}/wait/200"), users=4, seconds=4)
    assert found.results is not None
    total = found.results.total
    median = total.times.percentile(50)
    assert median is not None
    assert 0.2 <= total.minimum <= median < 0.3
    assert 40 <= total.count <= 80  # four users, each at most five times a second
    assert (total.errors, dict(total.codes)) == (0, {"200": total.count})
    assert found.planned <= found.lasted < found.planned + 2
    assert found.results.exact
    assert found.results.series


def test_samples_have_the_columns_that_both_engines_share(tmp_path: Path, service: str) -> None:
    found = run(tmp_path, Request(url=f"{service}/wait/200", name='a "b", c'))
    assert found.results is not None
    header, first, *_ = found.results.samples[0].read_text().splitlines()
    assert header == ",".join(SAMPLE_COLUMNS)
    assert ',"a ""b"", c",200,true,5,' in first
    assert list(found.results.labels) == ['a "b", c']


def test_requests_are_asked_in_order_with_their_headers_and_body(
    tmp_path: Path, service: str
) -> None:
    body = json.dumps({"item": "tée {x}; __import__('os')"}, ensure_ascii=False)
    wanted = Check(status=(200,), body_contains="X-TRACE-SEEN".lower())
    found = run(
        tmp_path,
        Request(
            url=f"{service}/echo?a=b",
            method="POST",
            body=body,
            headers={"X-Trace": "x-trace-seen"},
            checks=wanted,
        ),
        Request(url=f"{service}/wait/100"),
    )
    assert found.results is not None
    assert found.results.total.errors == 0
    counts = [measured.count for measured in found.results.labels.values()]
    assert sorted(found.results.labels) == ["GET /wait/100", "POST /echo"]
    assert max(counts) - min(counts) <= 2


CHECKED = {
    "a 500": ("/status/500", Check(), True),
    "a 404 that is expected": ("/status/404", Check(status=(404,)), False),
    "one of two statuses": ("/status/500", Check(status=(500, 503)), False),
    "another status": ("/wait/50", Check(status=(201,)), True),
    "a text that is there": ("/wait/50", Check(body_contains="hello"), False),
    "a text that is not there": ("/wait/50", Check(body_contains="goodbye"), True),
    "the text of a 500": ("/status/500", Check(body_contains="as asked"), True),
}


def test_checks_say_what_a_success_is(tmp_path: Path, service: str) -> None:
    requests = [
        Request(url=service + path, name=name, checks=checks)
        for name, (path, checks, _) in CHECKED.items()
    ]
    nobody = Request(url="http://127.0.0.1:9/", name="nobody listens")
    found = run(tmp_path, *requests, nobody)
    assert found.results is not None
    labels = found.results.labels
    assert {name: one.errors == one.count for name, one in labels.items() if one.errors} == {
        **{name: True for name, (_, _, fails) in CHECKED.items() if fails},
        "nobody listens": True,
    }
    assert list(labels["nobody listens"].codes) == ["ConnectionRefusedError"]


def test_a_request_that_is_never_answered_does_not_look_fast(tmp_path: Path, service: str) -> None:
    found = run(tmp_path, Request(url=f"{service}/hang"), seconds=3)
    assert found.results is not None
    total = found.results.total
    assert (total.count, total.errors, dict(total.codes)) == (2, 2, {"TimeoutError": 2})
    assert total.minimum > 2


def test_several_processes_share_the_users_and_each_writes_its_samples(
    tmp_path: Path, service: str
) -> None:
    found = run(tmp_path, Request(url=f"{service}/wait/200"), users=4, processes=2)
    assert found.results is not None
    assert len(found.results.samples) == 2
    assert found.facts["processes"] == 2
    assert not [doubt for doubt in found.doubts if "users ran" in doubt or "processes" in doubt]


def test_a_saturated_generator_raises_a_doubt(tmp_path: Path, service: str) -> None:
    found = run(tmp_path, Request(url=f"{service}/"), users=20, seconds=4)
    assert any("generator" in doubt for doubt in found.doubts)


def test_a_redirect_to_another_machine_is_not_followed(tmp_path: Path, service: str) -> None:
    with pytest.raises(UsageError, match=r"a redirect leads to 192\.0\.2\.1:80, which is not this"):
        run(tmp_path, Request(url=f"{service}/redirect?to=http://192.0.2.1/"))


def test_a_redirect_on_this_machine_is_followed(tmp_path: Path, service: str) -> None:
    found = run(tmp_path, Request(url=f"{service}/redirect?to={service}/wait/100"), seconds=2)
    assert found.results is not None
    assert found.results.total.errors == 0
    assert found.results.total.minimum >= 0.1


LOCUSTFILE = """
from locust import HttpUser, constant, task
import {module}

class Shopper(HttpUser):
    host = "{host}"
    wait_time = constant(0.1)

    @task
    def look(self):
        self.client.get("/wait/50", name="look")
"""


def test_a_locustfile_of_the_users_own_runs_as_it_is(tmp_path: Path, service: str) -> None:
    (tmp_path / "ours.py").write_text("")
    found = run(tmp_path, script=LOCUSTFILE.format(host=service, module="ours"))
    assert found.results is not None
    assert list(found.results.labels) == ["look"]
    assert found.results.total.errors == 0


@pytest.mark.parametrize(
    ("script", "said"),
    [
        (LOCUSTFILE.format(host="http://127.0.0.1", module="no_such"), "No module named 'no_such'"),
        ("x = 1\n", "No User class found!"),
        ("def (\n", "SyntaxError"),
        (
            LOCUSTFILE.format(host="", module="json").replace("host =", "no_host ="),
            "its users have no host: give them one, or set the variable LOCUST_HOST",
        ),
    ],
)
def test_a_locustfile_that_cannot_run_is_told_in_locusts_words(
    tmp_path: Path, script: str, said: str
) -> None:
    with pytest.raises(UsageError, match=r"Locust cannot run users\.py: ") as error:
        run(tmp_path, script=script)
    assert said in f"{error.value}\n{error.value.detail}"
    assert "site-packages" not in error.value.detail


def test_a_locustfile_that_loads_another_machine_is_stopped(tmp_path: Path) -> None:
    script = LOCUSTFILE.format(host="http://192.0.2.1", module="json")
    with pytest.raises(
        UsageError, match=r"the script asks 192\.0\.2\.1:80, which is not this machine"
    ):
        run(tmp_path, script=script, seconds=20)


def test_a_locustfile_that_ends_with_a_code_of_its_own_raises_a_doubt(
    tmp_path: Path, service: str
) -> None:
    script = LOCUSTFILE.format(host=service, module="locust") + (
        "@locust.events.quitting.add_listener\n"
        "def end(environment, **_):\n    environment.process_exit_code = 7\n"
    )
    found = run(tmp_path, script=script, seconds=2)
    assert "Locust ended with exit code 7" in found.doubts


def test_settings_of_locust_on_this_machine_do_not_count_for_requests(
    tmp_path: Path, service: str
) -> None:
    (tmp_path / "locust.conf").write_text("users = 50\ntags = nothing\n")
    environ = {"LOCUST_TAGS": "nothing", "LOCUST_CSV": "csv", "HOME": str(tmp_path)}
    (tmp_path / ".locust.conf").write_text("tags = nothing\n")
    found = run(tmp_path, Request(url=f"{service}/wait/200"), environ=environ, seconds=2)
    assert found.results is not None
    assert found.results.total.errors == 0


def test_a_module_beside_the_user_does_not_stand_in_for_pythons_own(
    tmp_path: Path, service: str
) -> None:
    (tmp_path / "statistics.py").write_text("raise SystemExit('not this one')\n")
    found = run(tmp_path, Request(url=f"{service}/wait/200"), seconds=2)
    assert found.results is not None


def test_a_run_that_takes_too_long_is_ended(tmp_path: Path, service: str) -> None:
    with pytest.raises(
        WorldError, match="did not end within 4 s, of which the load was to take 60 s"
    ):
        run(tmp_path, Request(url=f"{service}/wait/200"), seconds=60, timeout=4.0)


def test_local_settings_count_before_those_of_the_scenario(tmp_path: Path, service: str) -> None:
    scenario = Scenario(
        name="tried",
        requests=(Request(url=f"{service}/wait/200"),),
        concurrency=5000,
        hold_for=3600,
        ramp_up=600,
        local=Local(users=2, ramp_up=0, hold_for=2),
    )
    found = LocalEngine(tmp_path).run(scenario, LoadtestOptions(), the_world(tmp_path, {}))
    assert (found.planned, found.facts["users"]) == (2, 2)


@pytest.mark.parametrize("processes", [1, 2])
def test_a_hopeless_run_is_ended_early(tmp_path: Path, service: str, processes: int) -> None:
    found = run(
        tmp_path,
        Request(url=f"{service}/status/500"),
        Request(url=f"{service}/wait/20"),
        users=4,
        seconds=60,
        processes=processes,
        abort_unless=("p95 < 30s", "error_rate < 20%"),
    )
    assert found.results is not None
    assert found.lasted < found.planned
    assert found.facts["processes"] == processes
    assert re.match(r"error_rate < 20%: measured [45]\d(\.\d)? %, \d+ % above", found.aborted)
    assert len(found.results.samples) == processes  # each process ended as it should
    assert not [doubt for doubt in found.doubts if "processes" in doubt or "exit code" in doubt]


def test_a_run_within_its_limits_is_not_ended_early(tmp_path: Path, service: str) -> None:
    found = run(
        tmp_path,
        Request(url=f"{service}/wait/20"),
        users=4,
        abort_unless=("error_rate < 20%",),
    )
    assert found.aborted == ""
    assert found.planned <= found.lasted


def test_why_requests_failed_is_told(tmp_path: Path, service: str) -> None:
    checks = Check(status=(201, 204)), Check(body_contains="coffee")
    found = run(
        tmp_path,
        Request(url=f"{service}/status/503"),
        Request(url=f"{service}/wait/5", checks=checks[0]),
        Request(url=f"{service}/wait/6", checks=checks[1]),
    )
    assert {(one.label, one.reason) for one in found.failures} == {
        ("GET /status/503", "status 503"),
        ("GET /wait/5", "status 200 instead of 201 or 204"),
        ("GET /wait/6", "the body does not hold `coffee`"),
    }
    assert found.results is not None
    assert sum(one.count for one in found.failures) == found.results.total.errors


@pytest.mark.parametrize("user", ["HttpUser", "FastHttpUser"])
def test_a_target_that_is_not_there_is_not_taken_for_a_busy_generator(
    tmp_path: Path, user: str
) -> None:
    script = (
        f"from locust import {user}, constant, task\n"
        f"class One({user}):\n"
        "    host = 'http://127.0.0.1:9'\n"
        "    wait_time = constant(0)\n"
        "    @task\n"
        "    def ask(self):\n"
        "        self.client.get('/')\n"
    )
    found = run(tmp_path, script=script)
    (doubt,) = found.doubts
    assert re.fullmatch(
        r"nobody answered: all [\d,]+ requests failed \(connection refused\)", doubt
    )
    assert len(found.failures) == 1
