"""When the generator's own figures raise a doubt."""

import json
from pathlib import Path

from buildsteps.steps.loadtest.local.generator import Generator, doubts, read_generators
from buildsteps.steps.loadtest.local.plan import Plan

PLAN = Plan(users=4, processes=1, ramp_up=0, hold_for=10, limit=60)
QUIET = (0.001,) * 100


def generator(busy: float = 0.1, lags: tuple[float, ...] = QUIET, users: int = 4) -> Generator:
    return Generator(began=1.0, ended=11.0, users=users, busy=(1.0, *(busy,) * 9), lags=lags)


def test_an_idle_generator_raises_none() -> None:
    assert doubts([generator()], PLAN, 0.1) == ()


def test_a_busy_one_does_and_its_first_second_does_not_count() -> None:
    assert doubts([generator(busy=0.89)], PLAN, 0.1) == ()
    assert "saturated (90% of a processor)" in doubts([generator(busy=0.9)], PLAN, 0.1)[0]


def test_a_lag_counts_against_the_response_time() -> None:
    late = (0.001,) * 90 + (0.04,) * 10
    assert doubts([generator(lags=late)], PLAN, 0.1) == ()
    assert (
        "40 ms late at times, against a mean response time of 50 ms"
        in (doubts([generator(lags=late)], PLAN, 0.05)[0])
    )


def test_a_lag_of_some_milliseconds_never_counts() -> None:
    assert doubts([generator(lags=(0.009,) * 100)], PLAN, 0.001) == ()


def test_missing_users_and_processes_raise_one() -> None:
    assert doubts([generator(users=3)], PLAN, 0.1) == ("only 3 of 4 users ran",)
    two = Plan(users=8, processes=2, ramp_up=0, hold_for=10, limit=60)
    first, _ = doubts([generator()], two, 0.1)
    assert first == "1 of 2 processes of Locust did not end as they should"


def test_a_process_that_wrote_nothing_sound_is_left_out(tmp_path: Path) -> None:
    sound = {"began": 1.0, "ended": 2.0, "users": 1, "busy": [], "lags": []}
    (tmp_path / "generator-1.json").write_text(json.dumps(sound))
    (tmp_path / "generator-2.json").write_text("{")
    (tmp_path / "generator-3.json").write_text(json.dumps({**sound, "began": 0.0}))
    assert len(read_generators(tmp_path)) == 1


def test_without_response_times_a_busy_generator_spoils_none() -> None:
    assert doubts([generator(busy=1.0)], PLAN, None) == ()
    assert doubts([generator(users=1)], PLAN, None) == ("only 1 of 4 users ran",)
