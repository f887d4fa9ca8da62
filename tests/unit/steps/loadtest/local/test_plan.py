"""How many users and processes the local engine takes, and for how long."""

import pytest

from buildsteps.errors import UsageError
from buildsteps.steps.loadtest.local.plan import plan
from buildsteps.steps.loadtest.scenario.model import Local, Scenario
from buildsteps.steps.loadtest.settings import LoadtestOptions


def test_users_are_those_of_one_task() -> None:
    scenario = Scenario(name="orders", concurrency=50, tasks=20, ramp_up=10, hold_for=60)
    found = plan(scenario, LoadtestOptions(), lambda: 4)
    assert (found.users, found.processes, found.planned, found.spawn_rate) == (50, 1, 70, 5)


def test_flags_count_before_local_settings_and_those_before_the_scenario() -> None:
    scenario = Scenario(name="orders", concurrency=50, local=Local(users=5, ramp_up=0, hold_for=3))
    assert plan(scenario, LoadtestOptions(), lambda: 1).users == 5
    found = plan(scenario, LoadtestOptions(users=7), lambda: 1)
    assert (found.users, found.planned, found.spawn_rate) == (7, 3, 7)


@pytest.mark.parametrize(
    ("users", "cores", "asked", "processes"),
    [(100, 8, 0, 1), (101, 8, 0, 2), (5000, 8, 0, 8), (5000, None, 0, 1), (2, 8, 6, 2)],
)
def test_processes_come_from_the_users_and_the_cores(
    users: int, cores: int | None, asked: int, processes: int
) -> None:
    options = LoadtestOptions(users=users, processes=asked)
    assert plan(Scenario(name="orders"), options, lambda: cores).processes == processes


@pytest.mark.parametrize(
    "options",
    [
        LoadtestOptions(users=0),
        LoadtestOptions(users=25_001),
        LoadtestOptions(processes=-1),
        LoadtestOptions(processes=257),
        LoadtestOptions(timeout=0.0),
        LoadtestOptions(timeout=-1.0),
    ],
)
def test_numbers_out_of_bounds_are_refused(options: LoadtestOptions) -> None:
    with pytest.raises(UsageError):
        plan(Scenario(name="orders"), options, lambda: 1)


def test_locust_gets_time_to_start_and_end_unless_a_limit_is_given() -> None:
    scenario = Scenario(name="orders", hold_for=10)
    assert plan(scenario, LoadtestOptions(), lambda: 1).limit > 10
    assert plan(scenario, LoadtestOptions(timeout=5.0), lambda: 1).limit == 5
