"""Runs and results for tests of the verdict, made of plain numbers."""

from collections import Counter
from collections.abc import Mapping, Sequence

from buildsteps.steps.loadtest.measured.histogram import Histogram
from buildsteps.steps.loadtest.measured.model import Measured, Results, Run
from buildsteps.steps.loadtest.measured.steps import Step, Steps, table_of


def measured(times: Sequence[float], errors: int = 0, duration: float = 10.0) -> Measured:
    """Requests that took ``times`` seconds."""
    counts = Counter(round(time * 10_000) for time in times)
    return Measured(
        count=len(times),
        errors=errors,
        mean=sum(times) / len(times) if times else 0.0,
        minimum=min(times, default=0.0),
        maximum=max(times, default=0.0),
        duration=duration,
        times=Histogram.of(sorted(counts.items())),
    )


def results(
    times: Sequence[float],
    errors: int = 0,
    *,
    labels: Mapping[str, Measured] | None = None,
    regions: Mapping[str, Measured] | None = None,
    steps: Steps | None = None,
    exact: bool = True,
) -> Results:
    """Results of requests that took ``times`` seconds, over ten seconds."""
    return Results(
        started=1_772_366_400.0,
        total=measured(times, errors),
        labels=labels or {},
        regions=regions or {},
        steps=steps,
        exact=exact,
    )


def run(
    found: Results | None,
    *,
    planned: float = 60.0,
    lasted: float = 60.0,
    doubts: tuple[str, ...] = (),
    name: str = "this",
) -> Run:
    """A run that ended as planned, unless said otherwise."""
    return Run(
        id=name, engine="local", results=found, planned=planned, lasted=lasted, doubts=doubts
    )


def steps_of(seconds: Sequence[Sequence[float]]) -> Steps:
    """Steps of a second each, from the times in seconds of the requests in each."""
    return table_of(
        [
            Step(
                at=float(at),
                errors=0,
                users=0,
                times=sorted(Counter(round(time * 10_000) for time in times).items()),
            )
            for at, times in enumerate(seconds)
        ]
    )
