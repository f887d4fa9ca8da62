"""Earlier runs of the same test: DLT's history, and the run that it calls the baseline."""

import json
from collections.abc import Iterator
from typing import Any

from msgspec import Struct

from buildsteps.errors import UsageError
from buildsteps.steps.loadtest.dlt.api import Api, scenario_path
from buildsteps.steps.loadtest.dlt.finding_run import get_run
from buildsteps.steps.loadtest.dlt.ours import row_of
from buildsteps.steps.loadtest.dlt.reading import run_of
from buildsteps.steps.loadtest.dlt.rows import RunRow
from buildsteps.steps.loadtest.dlt.solution import Solution
from buildsteps.steps.loadtest.measured.model import Run
from buildsteps.steps.loadtest.scenario.model import Scenario

PAGE = 20
LOOKED_AT = 100
"""Earlier runs that are looked at: beyond them nothing is comparable any more."""


class _Pagination(Struct, frozen=True):
    next_token: str | int | None = None


class _Page(Struct, frozen=True, rename={"runs": "testRuns"}):
    runs: tuple[RunRow, ...] = ()
    pagination: _Pagination = _Pagination()


class _Baseline(Struct, frozen=True, rename={"run": "baselineId"}):
    run: str | None = None


def configuration(row: RunRow) -> str:
    """What makes two runs comparable: load, regions, durations and requests, as one text.

    What DLT adds by itself (``reporting``) and the description do not count.
    """
    test = row.test_scenario if isinstance(row.test_scenario, dict) else {}
    kept = {key: test[key] for key in ("execution", "scenarios") if key in test}
    tasks = sorted((one.region, one.task_count, one.concurrency) for one in row.test_task_configs)
    return json.dumps([row.test_type, tasks, kept], sort_keys=True)


def earlier_runs(
    api: Api, run: RunRow, scenario: Scenario, test_id: str, solution: Solution, count: int
) -> tuple[Run, ...]:
    """The last ``count`` believable runs before ``run`` of the same configuration, newest first.

    Raises:
        DltError: as with :meth:`Api.get`.
    """
    found: list[Run] = []
    wanted = configuration(run)
    for row in _history(api, test_id, solution):
        if len(found) == count:
            break
        if row.start_time >= run.start_time or row.status != "complete":
            continue  # the form of the moments sorts as time does
        whole = row
        if solution.lists_runs:
            whole = get_run(api, test_id, row.test_run_id, solution)
        if configuration(whole) != wanted:
            continue
        earlier = run_of(whole, whole.test_task_configs, scenario, solution, test_id)
        if not earlier.doubts:
            found.append(earlier)
    return tuple(found)


def _history(api: Api, test_id: str, solution: Solution) -> Iterator[RunRow]:
    """Runs, newest first: page by page where there are pages."""
    if not solution.lists_runs:
        row = row_of(api, test_id, history=True)
        history = row.history if row else ()
        yield from sorted(history, key=lambda one: one.start_time, reverse=True)[:LOOKED_AT]
        return
    query, seen = {"limit": str(PAGE)}, 0
    while seen < LOOKED_AT:
        page = api.get(scenario_path(test_id, "testruns"), _Page, **query)
        yield from page.runs
        seen += len(page.runs)
        token = page.pagination.next_token
        if not page.runs or token in (None, "", query.get("next_token")):
            return
        query = {"limit": str(PAGE), "next_token": str(token)}


def baseline_run(api: Api, scenario: Scenario, test_id: str, solution: Solution) -> Run | None:
    """The run that DLT calls the baseline of the test; None where there is none.

    Raises:
        DltError: as with :meth:`Api.get`.
    """
    if not solution.lists_runs:
        return None
    set_to = api.get(scenario_path(test_id, "baseline"), _Baseline, data="false").run
    if not set_to:
        return None
    row = get_run(api, test_id, set_to, solution)
    return run_of(row, row.test_task_configs, scenario, solution, test_id)


def set_baseline(api: Api, test_id: str, run_id: str, solution: Solution) -> None:
    """Make a run the baseline, which DLT's console then shows beside others.

    Raises:
        UsageError: this DLT has no baselines.
        DltError: it was refused.
    """
    if not solution.lists_runs:
        raise UsageError(
            f"--set-baseline needs Distributed Load Testing 4; this is {solution.version}"
        )
    api.put(scenario_path(test_id, "baseline"), {"testRunId": run_id}, Any)
