from pathlib import Path
from typing import Any

import pytest
from msgspec.structs import replace

from buildsteps.steps.loadtest.scenario.model import Local, Region, Request, Scenario, Script
from buildsteps.steps.loadtest.verdict.stored import fingerprint

REQUEST = Request(url="http://localhost/orders", headers={"Authorization": "Bearer one"})
SCENARIO = Scenario(name="orders", requests=(REQUEST,), concurrency=10)


@pytest.mark.parametrize(
    "changes",
    [
        {"description": "other"},
        {"tags": ("nightly",)},
        {"thresholds": ("p95 < 1s",)},
        {"local": Local(users=5)},
        {"requests": (replace(REQUEST, headers={"Authorization": "Bearer two"}),)},
    ],
)
def test_what_changes_no_load_keeps_the_fingerprint(changes: dict[str, Any]) -> None:
    assert fingerprint(replace(SCENARIO, **changes), "dlt") == fingerprint(SCENARIO, "dlt")


@pytest.mark.parametrize(
    "changes",
    [
        {"name": "other"},
        {"concurrency": 11},
        {"tasks": 2},
        {"ramp_up": 1.0},
        {"hold_for": 61.0},
        {"regions": (Region(region="eu-west-1", tasks=1, concurrency=10),)},
        {"requests": (replace(REQUEST, url="http://localhost/other"),)},
        {"requests": (replace(REQUEST, body="{}"),)},
        {"requests": (REQUEST, REQUEST)},
        {"requests": (replace(REQUEST, headers={}),)},
    ],
)
def test_what_changes_the_load_changes_the_fingerprint(changes: dict[str, Any]) -> None:
    assert fingerprint(replace(SCENARIO, **changes), "dlt") != fingerprint(SCENARIO, "dlt")


def test_engines_are_not_compared_with_each_other() -> None:
    assert fingerprint(SCENARIO, "local") != fingerprint(SCENARIO, "dlt")
    few = replace(SCENARIO, local=Local(users=5))
    assert fingerprint(few, "local") != fingerprint(SCENARIO, "local")


def test_users_that_a_flag_asked_for_are_another_load() -> None:
    assert fingerprint(SCENARIO, "local", 5) != fingerprint(SCENARIO, "local")
    assert fingerprint(SCENARIO, "local", 5) != fingerprint(SCENARIO, "local", 6)


def test_a_script_counts_by_what_it_says(tmp_path: Path) -> None:
    path = tmp_path / "test.jmx"
    path.write_text("one")
    scripted = replace(SCENARIO, requests=(), script=Script(kind="jmeter", path=str(path)))
    first = fingerprint(scripted, "dlt")
    path.write_text("two")
    assert fingerprint(scripted, "dlt") != first
