"""Whether there is room for the tasks: how many vCPUs of Fargate each region has left."""

from collections.abc import Mapping, Sequence
from typing import Any

from msgspec import Struct

from buildsteps.errors import UsageError, WorldError
from buildsteps.results import Location
from buildsteps.steps.loadtest.dlt.api import Api
from buildsteps.steps.loadtest.dlt.errors import DltError
from buildsteps.steps.loadtest.dlt.rows import TaskConfig
from buildsteps.steps.loadtest.dlt.solution import Solution


class VCpus(Struct, frozen=True, rename={"limit": "vCPULimit", "used": "vCPUsInUse"}):
    """The vCPUs of one region, and how many a task takes."""

    limit: float
    used: float = 0.0
    vCPUsPerTask: float = 2.0  # noqa: N815 - DLT's spelling

    @property
    def tasks(self) -> int:
        """How many tasks fit beside what runs now, as DLT's console counts them."""
        return max(int((self.limit - self.used) // (self.vCPUsPerTask or 2.0)), 0)


def check_regions(
    asked: Sequence[TaskConfig], solution: Solution, place: Location | None = None
) -> None:
    """Refuse a region that this DLT is not set up for.

    Raises:
        UsageError: with the regions that there are.
    """
    strange = [one.region for one in asked if one.region not in solution.regions]
    if strange:
        known = ", ".join(solution.regions) or "none"
        raise UsageError(
            f"Distributed Load Testing is not set up in {', '.join(strange)}, only in: {known}",
            place,
        )


def regional_details(api: Api, asked: Sequence[TaskConfig]) -> dict[str, Any] | None:
    """Give ``regionalTaskDetails`` for the regions asked; None where DLT is too old to want them.

    Raises:
        WorldError: a region has too little left, or does not tell; with all that is missing.
    """
    try:
        found = api.get("/vCPUDetails", dict[str, VCpus])
    except DltError as error:
        if error.is_unknown_path:  # before 3.2
            return None
        raise
    missing = [lack for one in asked for lack in _lacks(one, found)]
    if missing:
        raise WorldError(f"there is no room for this load test: {'; '.join(missing)}")
    return {one.region: _detail(found[one.region]) for one in asked}


def _lacks(one: TaskConfig, found: Mapping[str, VCpus]) -> list[str]:
    there = found.get(one.region)
    if there is None:
        return [
            f"{one.region} does not tell its capacity (its vanished stack or a call of DLT there "
            "that failed)"
        ]
    if there.tasks >= one.task_count:
        return []
    short = (one.task_count - there.tasks) * there.vCPUsPerTask
    return [
        f"{one.region} has room for {there.tasks} of {one.task_count} tasks: {there.used:g} of "
        f"{there.limit:g} vCPUs are in use, {short:g} more are needed (quota of Fargate On-Demand)"
    ]


def _detail(there: VCpus) -> dict[str, Any]:
    return {
        "vCPULimit": _whole(there.limit),
        "vCPUsPerTask": _whole(there.vCPUsPerTask),
        "vCPUsInUse": _whole(there.used),
        "dltAvailableTasks": there.tasks,
    }


def _whole(number: float) -> float | int:
    return int(number) if number == int(number) else number
