"""What DLT stores, in the fields that we read: a test, its runs, their figures.

Numbers come as numbers or as text; both are read. Source: recorded answers of 4.2.3.
"""

import calendar
import time
from typing import Any

from msgspec import Struct, field

TERMINAL = ("complete", "failed", "cancelled")
COSTLY = ("queued", "provisioning", "running")
"""Statuses in which tasks run or soon will; what comes after them ends by itself in a moment."""

ACTIVE = (*COSTLY, "parsing results", "cleaning up", "cancelling")


class TaskConfig(Struct, frozen=True, rename="camel"):
    """The load asked of one region."""

    region: str
    task_count: int = 1
    concurrency: int = 1


class TasksOf(Struct, frozen=True):
    """The tasks of one region now."""

    region: str
    running: int = 0
    pending: int = 0
    desired: int = 0


class Code(Struct, frozen=True):
    """How often an unexpected status code came, or an exception's text in its place."""

    code: str
    count: int


class Figures(Struct, frozen=True):
    """Times are in seconds; ``throughput`` is a count of requests."""

    throughput: int
    fail: int
    avg_rt: float
    p0_0: float
    p50_0: float
    p90_0: float
    p95_0: float
    p99_0: float
    p99_9: float
    p100_0: float
    testDuration: float = 0.0  # noqa: N815 - DLT's spelling
    bytes: float = 0.0
    rc: tuple[Code, ...] = ()
    labels: tuple["Figures", ...] = ()
    label: str = ""


class RunRow(Struct, frozen=True, rename="camel"):
    """One run; ``results`` by region and "total", empty until it is complete."""

    test_run_id: str
    start_time: str = ""
    end_time: str = ""
    status: str = ""
    error_reason: str = ""
    results: dict[str, Figures] = field(default_factory=dict)
    complete_tasks: dict[str, int] = field(default_factory=dict)
    test_task_configs: tuple[TaskConfig, ...] = ()
    test_scenario: Any = None
    test_description: str = ""
    test_type: str = ""


class TestRow(Struct, frozen=True, rename="camel"):
    """A test with the state of its newest run. Its results may be those of an older one."""

    __test__ = False  # it is no test of pytest's

    test_id: str
    status: str = ""
    start_time: str = ""
    test_name: str = ""
    test_description: str = ""
    error_reason: str = ""
    tasks_per_region: tuple[TasksOf, ...] = ()
    test_task_configs: tuple[TaskConfig, ...] = ()
    test_scenario: Any = None
    history: tuple[RunRow, ...] = ()


class RunsPage(Struct, frozen=True, rename="camel"):
    """A page of the list of runs, newest first, without their figures."""

    test_runs: tuple[RunRow, ...] = ()


def moment(text: str) -> float:
    """Seconds since 1970 of DLT's ``2026-11-23 09:35:20``, which is UTC; 0 where it is none."""
    try:
        return float(
            calendar.timegm(time.strptime(text[:19].replace("T", " "), "%Y-%m-%d %H:%M:%S"))
        )
    except ValueError:
        return 0.0
