"""One run: its plan, its status at any moment, and what the solution stores of it."""

import math
from collections.abc import Mapping
from typing import Any

from msgspec import Struct, field

from tests.loopback_dlt.figures import figures, without_empty_labels
from tests.loopback_dlt.moments import written

ACTIVE = ("queued", "provisioning", "running", "parsing results", "cleaning up", "cancelling")


class Plan(Struct, kw_only=True):
    """What will become of a run: seconds in each status, and how it ends.

    ``running`` None is ramp-up and hold-for. ``undelivered`` says how many tasks a region loses.
    ``results`` None are made up; an empty mapping is a run without any.
    """

    queued: float = 5.0
    provisioning: float = 60.0
    running: float | None = None
    parsing: float = 20.0
    cleaning: float = 10.0
    cancelling: float = 30.0
    ends: str = "complete"
    error_reason: str = ""
    undelivered: Mapping[str, int] = field(default_factory=dict)
    results: Mapping[str, Any] | None = None
    failed: int = 0
    seconds: float = 0.1
    vanished: tuple[str, ...] = ()


class Run(Struct, kw_only=True):
    """A run as it was asked for; ``started`` and ``cancelled`` are moments."""

    test_id: str
    run_id: str
    body: Mapping[str, Any]
    scenario: Mapping[str, Any]
    started: float
    plan: Plan
    length: float
    early: bool = True
    cancelled: float | None = None

    def status(self, now: float) -> str:
        """The status at a moment; ``early`` is False before 4.1, which begins at ``running``."""
        if self.cancelled is not None:
            return "cancelled" if now >= self.cancelled + self.plan.cancelling else "cancelling"
        passed = now - self.started
        for status, seconds in self._phases():
            if passed < seconds:
                return status
            passed -= seconds
        return self.plan.ends

    def is_stored(self, now: float) -> bool:
        """Whether the run has a row of its own yet."""
        return self.cancelled is not None or self.status(now) != "queued"

    def ended(self) -> float:
        """The moment when it ends as planned."""
        return self.started + sum(seconds for _, seconds in self._phases())

    def _phases(self) -> list[tuple[str, float]]:
        plan = self.plan
        running = self.length if plan.running is None else plan.running
        early = [("queued", plan.queued), ("provisioning", plan.provisioning)]
        if plan.ends == "failed" and plan.running is None:
            return [*(early if self.early else []), ("running", running / 2)]
        return [
            *(early if self.early else []),
            ("running", running),
            ("parsing results", plan.parsing),
            ("cleaning up", plan.cleaning),
        ]

    def tasks(self) -> dict[str, int]:
        """The tasks asked for, by region."""
        return {one["region"]: int(one["taskCount"]) for one in self.body["testTaskConfigs"]}

    def complete_tasks(self) -> dict[str, int]:
        """The tasks that delivered, by region."""
        left = {r: n - self.plan.undelivered.get(r, 0) for r, n in self.tasks().items()}
        return {region: n for region, n in left.items() if region not in self.plan.vanished}

    def results(self) -> Mapping[str, Any]:
        """The figures by region, and their total."""
        if self.plan.results is not None:
            return self.plan.results
        duration = math.ceil(self.length)
        labels = _labels(self.scenario)
        tasks = self.complete_tasks()
        each = {
            region: without_empty_labels(
                figures(
                    100 * duration * count,
                    failed=self.plan.failed if region == next(iter(tasks)) else 0,
                    seconds=self.plan.seconds,
                    duration=duration,
                    labels=labels,
                )
            )
            for region, count in tasks.items()
        }
        count = sum(one["throughput"] for one in each.values())
        total = figures(
            count,
            failed=self.plan.failed,
            seconds=self.plan.seconds,
            duration=duration,
            labels=labels,
        )
        return {**each, "total": without_empty_labels(total)}

    def stored(self, now: float, infrastructure: Mapping[str, Any]) -> dict[str, Any]:
        """The whole row of the run, as ``/testruns/{run}`` and the history give it."""
        status = self.status(now)
        status = "cancelled" if self.cancelled is not None else status
        plain = [{**one} for one in self.body["testTaskConfigs"]]
        row: dict[str, Any] = {
            "testId": self.test_id,
            "testRunId": self.run_id,
            "testScenario": self.scenario,
            "testDescription": self.body["testDescription"],
            "testType": self.body["testType"],
            "testTaskConfigs": plain,
            "scheduleTimezone": "UTC",
            "startTime": written(self.started),
            "status": status,
        }
        if status == "complete":
            results = self.results()
            row["completeTasks"] = self.complete_tasks()
            row["endTime"] = written(self.ended())
            if results:
                total = results["total"]
                row["results"] = results
                row["succPercent"] = f"{total['succ'] / total['throughput'] * 100:.2f}"
        elif status == "failed":
            row["endTime"] = written(self.ended())
            row["errorReason"] = self.plan.error_reason
        elif self.cancelled is not None:
            row["endTime"] = written(self.cancelled)
            row["testTaskConfigs"] = [
                {**one, **infrastructure.get(one["region"], {})} for one in plain
            ]
        return row


def _labels(scenario: Mapping[str, Any]) -> list[str]:
    (first, *_) = scenario["scenarios"].values()
    return list(dict.fromkeys(one["url"] for one in first.get("requests", ()))) or ["script"]
