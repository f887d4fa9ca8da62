"""A stored run as our Run."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from msgspec.structs import replace

from buildsteps.steps.loadtest.dlt.results import doubts_of, label_names, lasted, results_of
from buildsteps.steps.loadtest.dlt.rows import RunRow, TaskConfig
from buildsteps.steps.loadtest.dlt.solution import Solution
from buildsteps.steps.loadtest.measured.model import Run
from buildsteps.steps.loadtest.scenario.model import Scenario


def run_of(
    row: RunRow,
    asked: Sequence[TaskConfig],
    scenario: Scenario,
    solution: Solution,
    test_id: str,
) -> Run:
    """Make a run of what DLT stored, with the doubts about it."""
    planned = planned_seconds(row.test_scenario)
    tasks = sum(one.task_count for one in asked)
    return Run(
        id=row.test_run_id,
        engine="dlt",
        results=results_of(row, label_names(scenario)),
        planned=scenario.ramp_up + scenario.hold_for if planned is None else planned,
        lasted=lasted(row),
        doubts=doubts_of(row, asked, tells_tasks=solution.lists_runs),
        facts={
            "dlt_version": solution.version,
            "test_id": test_id,
            "run_id": row.test_run_id,
            "status": row.status,
            "started": row.start_time,
            "ended": row.end_time,
            "tasks": {one.region: one.task_count for one in asked},
            "delivered": dict(row.complete_tasks),
            "percentiles": "means over the tasks" if tasks > 1 else "of one task",
        },
    )


def with_samples(run: Run, samples: Sequence[Path], doubts: Sequence[str]) -> Run:
    """The run with its raw samples at hand."""
    results = run.results
    if results is not None:
        results = replace(results, samples=tuple(samples))
    return replace(run, results=results, doubts=(*run.doubts, *doubts))


def planned_seconds(test: Any) -> float | None:
    """Ramp-up and hold-for together of a stored ``testScenario``; None where it does not tell."""
    try:
        execution: dict[str, Any] = test["execution"][0]
        return _seconds(execution.get("ramp-up", "0s")) + _seconds(execution["hold-for"])
    except (LookupError, TypeError, ValueError, AttributeError):
        return None


def _seconds(duration: Any) -> float:
    if duration == 0:
        return 0.0
    number, unit = float(duration[:-1]), duration[-1]
    return number * {"s": 1, "m": 60}[unit]
