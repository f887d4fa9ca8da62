"""What a run measured. Times are in seconds, moments in seconds since 1970."""

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from msgspec import Struct, field

if TYPE_CHECKING:
    from buildsteps.steps.loadtest.measured.steps import Steps

SAMPLE_COLUMNS = (
    "timeStamp",
    "elapsed",
    "label",
    "responseCode",
    "success",
    "bytes",
    "Latency",
    "Connect",
    "allThreads",
)
"""The header of a samples file: JMeter's JTL in CSV, as both engines write it (``timeStamp``,
``elapsed``, ``Latency`` and ``Connect`` in milliseconds)."""


class Distribution(Protocol):
    """Response times of many requests."""

    def percentile(self, share: float) -> float | None:
        """The time in seconds that ``share`` (0 to 100) of the requests took at most.

        None where the engine does not tell this one.
        """
        ...


class Measured(Struct, frozen=True, kw_only=True):
    """The requests of a label, a region, or all. ``duration`` is what ``throughput`` is over."""

    count: int
    errors: int
    mean: float
    minimum: float
    maximum: float
    duration: float
    times: Distribution
    bytes: int = 0
    codes: Mapping[str, int] = field(default_factory=dict)

    @property
    def error_rate(self) -> float:
        """The share of requests that failed, 0 to 1."""
        return self.errors / self.count if self.count else 0.0

    @property
    def throughput(self) -> float:
        """Requests a second."""
        return self.count / self.duration if self.duration else 0.0


class Second(Struct, frozen=True, kw_only=True):
    """One step of the series; ``at`` is in seconds from the run's start, ``width`` how long."""

    at: float
    width: float
    count: int
    errors: int
    p50: float
    p95: float
    users: int = 0


class Results(Struct, frozen=True, kw_only=True):
    """All that a run measured.

    ``exact`` tells whether it comes from raw samples; engines that merge tasks average percentiles.
    ``ended`` is when the last request did, where that is known. ``samples`` are the files of raw
    samples, where they are at hand, ``sample_regions`` the region of each; ``steps`` what they tell
    about the spread of a percentile. ``labels`` holds the most frequent labels only where there
    are too many, and ``unlisted`` the number of the others; ``names`` is what labels in the files
    are called here, where that differs.
    """

    started: float
    total: Measured
    labels: Mapping[str, Measured] = field(default_factory=dict)
    regions: Mapping[str, Measured] = field(default_factory=dict)
    series: tuple[Second, ...] = ()
    exact: bool = False
    ended: float = 0.0
    samples: tuple[Path, ...] = ()
    sample_regions: tuple[str, ...] = ()
    steps: "Steps | None" = None
    unlisted: int = 0
    names: dict[str, str] = field(default_factory=dict)


class Failure(Struct, frozen=True):
    """Why ``count`` requests of a label failed."""

    label: str
    reason: str
    count: int


class Run(Struct, frozen=True, kw_only=True):
    """A run that ended, however it did. ``doubts`` are reasons not to believe its numbers.

    ``aborted`` says why we ended it before its time, empty where we did not. ``failures`` are the
    reasons of failed requests, the most frequent first, where the engine tells them.

    ``planned`` is ramp-up and hold-for together, ``lasted`` what it really took; both in seconds.
    """

    id: str
    engine: str
    results: Results | None
    planned: float
    lasted: float
    doubts: tuple[str, ...] = ()
    aborted: str = ""
    failures: tuple[Failure, ...] = ()
    facts: Mapping[str, object] = field(default_factory=dict)
