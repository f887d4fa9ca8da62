"""The solution's scenarios and what can be done with them; the answers are those of its API."""

import json
import re
import secrets
import string
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from msgspec import Struct, field

from tests.loopback_dlt.errors import ApiError
from tests.loopback_dlt.figures import summary
from tests.loopback_dlt.moments import MovableClock, read, written
from tests.loopback_dlt.runs import ACTIVE, Plan, Run
from tests.loopback_dlt.validation import check_body

REPORTING = [
    {
        "module": "final-stats",
        "summary": True,
        "percentiles": True,
        "summary-labels": True,
        "test-duration": True,
        "dump-xml": "/tmp/artifacts/results.xml",
    }
]
_LISTED = (
    "testId", "testName", "testDescription", "status", "startTime", "nextRun",
    "scheduleRecurrence", "cronValue", "scheduleTimezone", "tags", "totalTestRuns",
)  # fmt: skip
_SHOWING_TASKS = ("provisioning", "running", "parsing results", "cleaning up", "cancelling")


class Scenario(Struct, kw_only=True):
    """A stored scenario, and its runs, the newest last."""

    body: Mapping[str, Any]
    scenario: dict[str, Any]
    status: str = ""
    next_run: str = ""
    runs: list[Run] = field(default_factory=list)
    baseline: str = ""
    complete_tasks: Mapping[str, int] | None = None


def random_id() -> str:
    """Ten letters and digits, as the solution makes them."""
    return "".join(secrets.choice(string.ascii_letters + string.digits) for _ in range(10))


class Scenarios:
    """All scenarios; ``plans`` say what becomes of the next runs, the last one for ever."""

    def __init__(self, clock: MovableClock, regions: Mapping[str, Any], *, early: bool) -> None:
        self.clock = clock
        self.regions = regions
        self.early = early
        self.stored: dict[str, Scenario] = {}
        self.plans: list[Plan] = [Plan()]
        self.new_test_id: Callable[[], str] = random_id
        self.new_run_id: Callable[[], str] = random_id

    def create(self, body: Mapping[str, Any]) -> dict[str, Any]:
        """POST /scenarios: store, and start unless it is saved or scheduled only."""
        check_body(body, self.regions)
        test_id = body.get("testId") or self.new_test_id()
        before = self.stored.get(test_id)
        now = self.clock.now()
        if before and body.get("saveOnly") and self._status(before) in ACTIVE:
            said = f"testId '{test_id}' is currently {self._status(before)}. Cancel before saving"
            raise ApiError(409, f"TEST_RUNNING: {said} edits.")
        found = Scenario(
            body={**body, "testTaskConfigs": _numbers(body["testTaskConfigs"])},
            scenario=_completed(body),
            runs=before.runs if before else [],
            baseline=before.baseline if before else "",
            complete_tasks=before.complete_tasks if before else None,
        )
        self._settle(before)
        if before:
            found.complete_tasks = before.complete_tasks
        self.stored[test_id] = found
        if body.get("scheduleStep"):
            found.scenario = dict(body["testScenario"])
            found.status, found.next_run = "scheduled", _next_run(body, now)
        elif body.get("saveOnly"):
            found.status = "created"
        else:
            found.runs = [run for run in found.runs if run.is_stored(now)]
            found.runs.append(self._new_run(test_id, found))
        row = self._row(test_id, found)
        row["testTaskConfigs"] = found.body["testTaskConfigs"]
        row["testScenario"] = json.dumps(found.scenario, separators=(",", ":"))
        if not (before and row["totalTestRuns"]):
            del row["totalTestRuns"]
        row.pop("tasksPerRegion", None)
        return row

    def _new_run(self, test_id: str, found: Scenario) -> Run:
        plan = self.plans.pop(0) if len(self.plans) > 1 else self.plans[0]
        first = found.body["testScenario"]["execution"][0]
        return Run(
            test_id=test_id,
            run_id=self.new_run_id(),
            body=found.body,
            scenario=found.scenario,
            started=float(int(self.clock.now())),
            plan=plan,
            length=_seconds(first["ramp-up"]) + _seconds(first["hold-for"]),
            early=self.early,
        )

    def listed(self, tags: Sequence[str] = ()) -> dict[str, Any]:
        """GET /scenarios; an id that contains "region" is taken for a region's set-up."""
        rows = (
            self._row(test_id, self.stored[test_id])
            for test_id in sorted(self.stored)
            if "region" not in test_id
        )
        items = [{name: row[name] for name in _LISTED} for row in rows]
        return {"Items": [one for one in items if not tags or set(tags) & set(one["tags"])]}

    def get(self, test_id: str, *, history: bool = True) -> dict[str, Any]:
        """GET /scenarios/{id}."""
        found = self.find(test_id)
        row = self._row(test_id, found)
        ended = [run for run in self._runs(found) if run.status(self.clock.now()) not in ACTIVE]
        if not self.early:  # version 3 has no other way to tell its runs
            ended = self._runs(found)
        row["history"] = (
            [run.stored(self.clock.now(), self.infrastructure()) for run in ended]
            if history
            else []
        )
        return row

    def cancel(self, test_id: str) -> str:
        """POST /scenarios/{id}: never refused, also not on a finished test, whose row it spoils."""
        found = self.find(test_id)
        if found.runs:
            found.runs[-1].cancelled = self.clock.now()
        return "test cancelling"

    def delete(self, test_id: str) -> str:
        """DELETE /scenarios/{id}."""
        status = self._status(self.find(test_id))
        if status in ACTIVE:
            said = f"testId '{test_id}' is currently {status}. Please cancel the test before"
            raise ApiError(409, f"TEST_RUNNING: {said} deleting.")
        del self.stored[test_id]
        return "success"

    def runs(self, test_id: str, query: Mapping[str, str]) -> dict[str, Any]:
        """GET /scenarios/{id}/testruns, newest first; no query at all is a mistake of the code."""
        if not query:
            raise ApiError(400, "TypeError: Cannot read properties of null (reading 'limit')")
        runs = self._runs(self.find(test_id))
        if since := query.get("start_timestamp"):
            runs = [run for run in runs if run.started >= read(since)]
        if query.get("latest") == "true":
            latest = {"limit": 1, "next_token": None, "total_count": 1}
            return {"testRuns": [self._listed_run(run) for run in runs[:1]], "pagination": latest}
        limit, start = int(query.get("limit", 20)), int(query.get("next_token", 0))
        after = str(start + limit) if start + limit < len(runs) else None
        page = {"limit": limit, "next_token": after, "total_count": len(runs)}
        shown = [self._listed_run(run) for run in runs[start : start + limit]]
        return {"testRuns": shown, "pagination": page}

    def run(self, test_id: str, run_id: str) -> dict[str, Any]:
        """GET /scenarios/{id}/testruns/{run}."""
        return self._find_run(test_id, run_id).stored(self.clock.now(), self.infrastructure())

    def delete_runs(self, test_id: str, run_ids: Sequence[str]) -> str:
        """DELETE /scenarios/{id}/testruns."""
        found = self.find(test_id)
        if found.baseline in run_ids:
            said = f"Cannot delete test run '{found.baseline}' because it is currently set as the"
            more = "baseline. Remove it as the baseline before deleting."
            raise ApiError(409, f"BASELINE_CONFLICT: {said} {more}")
        found.runs = [run for run in found.runs if run.run_id not in run_ids]
        return "success"

    def baseline(self, test_id: str, *, data: bool = True) -> dict[str, Any]:
        """GET /scenarios/{id}/baseline."""
        found = self.find(test_id)
        if not found.baseline:
            said = "No baseline set for this test"
            return {"testId": test_id, "baselineId": None, "message": said}
        said = "Baseline retrieved successfully"
        told: dict[str, Any] = {"testId": test_id, "baselineId": found.baseline, "message": said}
        if data:
            run = self.run(test_id, found.baseline)
            names = ("testRunId", "startTime", "endTime", "status", "results", "scheduleTimezone")
            told["testRunDetails"] = {name: run[name] for name in names if name in run}
        return told

    def set_baseline(self, test_id: str, run_id: str) -> dict[str, Any]:
        """PUT /scenarios/{id}/baseline."""
        self._find_run(test_id, run_id)
        self.stored[test_id].baseline = run_id
        return {
            "testId": test_id,
            "baselineId": run_id,
            "message": "Baseline set successfully",
            "details": f"Test run {run_id} is now the baseline for test {test_id}",
        }

    def clear_baseline(self, test_id: str) -> dict[str, Any]:
        """DELETE /scenarios/{id}/baseline."""
        found = self.find(test_id)
        if not found.baseline:
            said = f"No baseline is currently set for test '{test_id}'"
            raise ApiError(400, f"NO_BASELINE_SET: {said}")
        found.baseline = ""
        return {"testId": test_id, "baselineId": None, "message": "Baseline cleared successfully"}

    def find(self, test_id: str) -> Scenario:
        """Give a scenario by its id."""
        if test_id not in self.stored:
            raise ApiError(404, f"TEST_NOT_FOUND: testId '{test_id}' not found")
        return self.stored[test_id]

    def infrastructure(self) -> dict[str, Any]:
        """The set-up of each region, as the solution mixes it into task configurations."""
        return {
            name: {key: value for key, value in region.items() if key != "compatible"}
            for name, region in self.regions.items()
        }

    def tasks_running(self, region: str) -> int:
        """How many tasks of all runs are running in a region."""
        now = self.clock.now()
        runs = [run for one in self.stored.values() for run in one.runs[-1:]]
        return sum(run.tasks().get(region, 0) for run in runs if run.status(now) == "running")

    def _find_run(self, test_id: str, run_id: str) -> Run:
        for run in self._runs(self.find(test_id)):
            if run.run_id == run_id:
                return run
        said = f"testRunId '{run_id}' not found for test '{test_id}'"
        raise ApiError(404, f"TESTRUN_NOT_FOUND: {said}")

    def _runs(self, found: Scenario) -> list[Run]:
        return [run for run in reversed(found.runs) if run.is_stored(self.clock.now())]

    def _status(self, found: Scenario) -> str:
        return found.status or found.runs[-1].status(self.clock.now())

    def _settle(self, found: Scenario | None) -> None:
        """A completed run leaves its tasks in the scenario's row, where they stay."""
        if found:
            for run in found.runs:
                if run.status(self.clock.now()) == "complete":
                    found.complete_tasks = run.complete_tasks()

    def _listed_run(self, run: Run) -> dict[str, Any]:
        row = run.stored(self.clock.now(), {})
        names = ("testRunId", "startTime", "endTime", "status", "scheduleTimezone")
        told = {name: row[name] for name in names if name in row}
        return told | (summary(row["results"]["total"]) if "results" in row else {})

    def _row(self, test_id: str, found: Scenario) -> dict[str, Any]:
        self._settle(found)
        now, body, status = self.clock.now(), found.body, self._status(found)
        run = found.runs[-1] if found.runs and not found.status else None
        over = run is not None and status not in ACTIVE
        complete = run is not None and status == "complete"
        setups = self.infrastructure()
        row = {
            "testId": test_id,
            "testName": body["testName"],
            "testDescription": body["testDescription"],
            "testTaskConfigs": [
                {**one, **setups.get(one["region"], {})} for one in body["testTaskConfigs"]
            ],
            "testScenario": found.scenario,
            "status": status,
            "results": dict(run.results()) if complete and run else {},
            "startTime": written(run.started) if run else "",
            "endTime": written(_row_end(run)) if over and run else "",
            "nextRun": found.next_run,
            "scheduleRecurrence": body.get("recurrence", ""),
            "showLive": body.get("showLive", False),
            "testType": body["testType"],
            "fileType": body.get("fileType", "none"),
            "cronValue": body.get("cronValue", ""),
            "cronExpiryDate": body.get("cronExpiryDate", ""),
            "tags": [_tag(one) for one in body.get("tags", ())],
            "scheduleTimezone": body.get("scheduleTimezone", "UTC"),
            "healthyThreshold": body.get("healthyThreshold", 90),
            "desiredTaskCount": sum(one["taskCount"] for one in body["testTaskConfigs"]),
            "taskFailureCount": 0,
            "totalTestRuns": sum(one.is_stored(now) for one in found.runs),
        }
        if status in _SHOWING_TASKS and run:
            row["tasksPerRegion"] = list(_tasks(run, status))
        if found.complete_tasks is not None:
            row["completeTasks"] = found.complete_tasks
        if found.baseline:
            row["baselineId"] = found.baseline
        if status == "failed" and run:
            row["errorReason"] = run.plan.error_reason
        return row


def _tasks(run: Run, status: str) -> Iterator[dict[str, Any]]:
    for region, count in run.tasks().items():
        running = count if status == "running" else 0
        pending = count if status == "provisioning" else 0
        yield {"region": region, "running": running, "pending": pending, "desired": count}


def _row_end(run: Run) -> float:
    return run.ended() if run.cancelled is None else run.cancelled + run.plan.cancelling


def _numbers(configs: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    counts = ("taskCount", "concurrency")
    return [{**one, **{name: int(one[name]) for name in counts}} for one in configs]


def _completed(body: Mapping[str, Any]) -> dict[str, Any]:
    """What the solution makes of ``testScenario``: the first execution gets the last counts."""
    scenario: dict[str, Any] = json.loads(json.dumps(body["testScenario"]))
    last = _numbers(body["testTaskConfigs"])[-1]
    scenario["execution"][0] |= {name: last[name] for name in ("taskCount", "concurrency")}
    scenario["reporting"] = REPORTING
    return scenario


def _seconds(duration: Any) -> float:
    number = re.match(r"\d+", str(duration))
    assert number
    return float(number[0]) * (60 if str(duration).endswith("m") else 1)


def _tag(text: str) -> str:
    return re.sub(r"\s+", "-", text.strip().lower())


def _next_run(body: Mapping[str, Any], now: float) -> str:
    """For a date that date; for a cron expression of ours (every day at 3) tomorrow."""
    if body["scheduleStep"] == "start":
        return f"{body['scheduleDate']} {body['scheduleTime']}:00"
    return f"{written(now + 86400)[:10]} 03:00:00"
