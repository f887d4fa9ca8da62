"""How Locust is called, and what it is told."""

import json
from pathlib import Path

import pytest

from buildsteps.errors import UsageError
from buildsteps.steps.loadtest.local.arguments import (
    RECORDING,
    REQUESTS,
    RUN_FILE,
    arguments,
    environment,
    run_file,
)
from buildsteps.steps.loadtest.local.plan import Plan
from buildsteps.steps.loadtest.scenario.model import Request, Scenario, Script

PLAN = Plan(users=4, processes=1, ramp_up=2, hold_for=10, limit=60)
ASKED = Scenario(name="orders", requests=(Request(url="http://localhost/a?b", body='"""\n'),))
OURS = Scenario(name="users", script=Script(kind="locust", path="/load/users.py"))


def test_the_shipped_locustfiles_lie_alone_in_their_folders() -> None:
    for path in (RECORDING, REQUESTS):
        beside = [one.name for one in path.parent.iterdir() if one.name != "__pycache__"]
        assert beside == [path.name]


def test_recording_comes_first_and_then_the_requests_or_the_users_own() -> None:
    call = arguments(ASKED, PLAN, 0)
    assert call[call.index("-f") + 1] == f"{RECORDING},{REQUESTS}"
    assert call[call.index("--spawn-rate") + 1] == "2.0000"
    assert "--processes" not in call
    own = arguments(OURS, PLAN, 0)
    assert own[own.index("-f") + 1] == f"{RECORDING},/load/users.py"


def test_several_processes_meet_on_the_loopback_only() -> None:
    two = Plan(users=4, processes=2, ramp_up=0, hold_for=10, limit=60)
    call = " ".join(arguments(ASKED, two, 4711))
    assert "--processes 2 --master-bind-host 127.0.0.1 --master-bind-port 4711" in call


@pytest.mark.parametrize("path", ["/load/a,b.py", "/load/users.py "])
def test_a_path_that_locust_would_take_apart_is_refused(path: str) -> None:
    with pytest.raises(UsageError, match="a comma, or a space at its end"):
        arguments(Scenario(name="users", script=Script(kind="locust", path=path)), PLAN, 0)


def test_the_scenario_is_handed_on_as_data(tmp_path: Path) -> None:
    told = json.loads(run_file(ASKED, PLAN, tmp_path, allow_remote=False))
    assert told["requests"] == [
        {
            "name": "GET /a",
            "method": "GET",
            "url": "http://localhost/a?b",
            "headers": {},
            "body": '"""\n',
            "status": [],
            "body_contains": "",
        }
    ]
    assert (told["seconds"], told["allow_remote"]) == (12, False)


def test_settings_of_locust_count_for_the_users_own_file_only(tmp_path: Path) -> None:
    environ = {"LOCUST_TAGS": "a", "HOME": "/home/me", "PATH": "/bin"}
    asked = environment(environ, ASKED, tmp_path, tmp_path / "run.json")
    own = environment(environ, OURS, tmp_path, tmp_path / "run.json")
    assert "LOCUST_TAGS" not in asked
    assert asked["HOME"] == str(tmp_path)
    assert (own["LOCUST_TAGS"], own["HOME"]) == ("a", "/home/me")
    assert asked[RUN_FILE] == own[RUN_FILE] == str(tmp_path / "run.json")
