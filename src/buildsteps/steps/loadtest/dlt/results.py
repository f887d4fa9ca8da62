"""What DLT stored of a run as our results, and the reasons not to believe them.

Every time is in seconds, as text. Percentiles, means and maxima of several tasks are their
unweighted means, so these results are never exact.
"""

from collections.abc import Iterator, Mapping, Sequence

from msgspec import Struct

from buildsteps.steps.loadtest.dlt.rows import Figures, RunRow, TaskConfig, moment
from buildsteps.steps.loadtest.measured.model import Measured, Results
from buildsteps.steps.loadtest.scenario.model import Scenario

TOTAL = "total"


class KnownPercentiles(Struct, frozen=True):
    """The percentiles that DLT tells; it has no others."""

    known: Mapping[float, float]

    def percentile(self, share: float) -> float | None:
        """See :class:`Distribution`."""
        return self.known.get(float(share))


def measured(figures: Figures, duration: float = 0.0) -> Measured:
    """Figures as ours; ``duration`` for those that have none, such as a label's."""
    percentiles = {
        0.0: figures.p0_0,
        50.0: figures.p50_0,
        90.0: figures.p90_0,
        95.0: figures.p95_0,
        99.0: figures.p99_0,
        99.9: figures.p99_9,
        100.0: figures.p100_0,
    }
    return Measured(
        count=figures.throughput,
        errors=figures.fail,
        mean=figures.avg_rt,
        minimum=figures.p0_0,
        maximum=figures.p100_0,
        duration=figures.testDuration or duration,
        times=KnownPercentiles(percentiles),
        bytes=int(figures.bytes),
        codes={one.code: one.count for one in figures.rc},
    )


def results_of(run: RunRow, names: Mapping[str, str] | None = None) -> Results | None:
    """The results of a run; None where DLT has none. ``names`` are labels by address."""
    total = run.results.get(TOTAL)
    if total is None:
        return None
    duration = total.testDuration or max(moment(run.end_time) - moment(run.start_time), 0.0)
    known = names or {}
    return Results(
        names=dict(known),
        started=moment(run.start_time),
        total=measured(total, duration),
        labels={known.get(one.label, one.label): measured(one, duration) for one in total.labels},
        regions={
            region: measured(one, duration)
            for region, one in run.results.items()
            if region != TOTAL
        },
    )


def label_names(scenario: Scenario) -> dict[str, str]:
    """The names of requests by address, which is what DLT calls them; only where it is clear."""
    addresses = [one.url for one in scenario.requests]
    return {
        one.url: one.name for one in scenario.requests if one.name and addresses.count(one.url) == 1
    }


def lasted(run: RunRow) -> float:
    """The seconds of load; where the figures do not tell, from start to end."""
    total = run.results.get(TOTAL)
    if total is not None and total.testDuration:
        return total.testDuration
    return max(moment(run.end_time) - moment(run.start_time), 0.0)


def doubts_of(
    run: RunRow, asked: Sequence[TaskConfig], *, tells_tasks: bool = True
) -> tuple[str, ...]:
    """Reasons not to believe a run, in sentences.

    ``complete`` is reached also when only some tasks delivered. ``tells_tasks`` is False for
    version 3, which may not say how many did.
    """
    if run.status != "complete":
        why = f": {run.error_reason}" if run.error_reason else ""
        return (f"the run ended {run.status or 'unknown'}{why}",)
    if not run.test_run_id:
        return ("DLT is complete, but stored no run of this start",)
    if TOTAL not in run.results:
        return ("the run is complete, but DLT has no results of it",)
    return tuple(_doubts(run, asked, tells_tasks=tells_tasks))


def _doubts(run: RunRow, asked: Sequence[TaskConfig], *, tells_tasks: bool) -> Iterator[str]:
    for one in asked:
        delivered = run.complete_tasks.get(one.region, 0)
        if one.region not in run.results:
            yield f"there are no results from {one.region}"
        elif (tells_tasks or run.complete_tasks) and delivered < one.task_count:
            yield f"{one.region}: {delivered} of {one.task_count} tasks delivered results"
    parts = sum(one.throughput for name, one in run.results.items() if name != TOTAL)
    total = run.results[TOTAL].throughput
    if parts != total:
        yield f"the regions counted {parts:,} requests, their total says {total:,}"
