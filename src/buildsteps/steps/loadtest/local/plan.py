"""What the local engine is to do: how many users, in how many processes, for how long."""

import math
from collections.abc import Callable

from msgspec import Struct

from buildsteps.errors import UsageError
from buildsteps.steps.loadtest.scenario.limits import MAX_CONCURRENCY
from buildsteps.steps.loadtest.scenario.model import Scenario
from buildsteps.steps.loadtest.settings import LoadtestOptions

USERS_A_PROCESS = 100
"""With so many users one process is still far from busy, unless the target answers at once."""

STARTING = 60.0
ENDING = 30.0
"""Seconds that Locust gets beyond the run itself, to start its processes and to end them."""


class Plan(Struct, frozen=True, kw_only=True):
    """Times are in seconds; ``limit`` is when Locust is ended, whatever it does."""

    users: int
    processes: int
    ramp_up: float
    hold_for: float
    limit: float

    @property
    def planned(self) -> float:
        """Ramp-up and hold-for together."""
        return self.ramp_up + self.hold_for

    @property
    def spawn_rate(self) -> float:
        """New users a second; without ramp-up all at once."""
        return max(self.users / self.ramp_up if self.ramp_up else float(self.users), 0.01)


def plan(scenario: Scenario, options: LoadtestOptions, cores: Callable[[], int | None]) -> Plan:
    """Decide; flags count before the scenario's ``local:``, and that before the scenario.

    Users are those of one task of the scenario: a laptop plays one.

    Raises:
        UsageError: a number is out of bounds.
    """
    local = scenario.local
    users = next(
        one for one in (options.users, local.users, scenario.concurrency) if one is not None
    )
    if not 1 <= users <= MAX_CONCURRENCY:
        raise UsageError(f"--users must be 1 to {MAX_CONCURRENCY:,}, not {users:,}")
    if not 0 <= options.processes <= 256:
        raise UsageError(f"--processes must be 0 to 256, not {options.processes:,}")
    wanted = options.processes or min(cores() or 1, math.ceil(users / USERS_A_PROCESS))
    ramp_up = scenario.ramp_up if local.ramp_up is None else local.ramp_up
    hold_for = scenario.hold_for if local.hold_for is None else local.hold_for
    if options.timeout is not None and options.timeout <= 0:
        raise UsageError("--timeout must be more than 0 seconds")
    return Plan(
        users=users,
        processes=min(wanted, users),
        ramp_up=ramp_up,
        hold_for=hold_for,
        limit=options.timeout or ramp_up + hold_for + STARTING + ENDING,
    )
