"""Time, as a thing that a test can hold still."""

import datetime
import time
from typing import Protocol


class Clock(Protocol):
    """What a step may ask of time."""

    def monotonic(self) -> float:
        """Seconds from an arbitrary start; never goes backwards."""
        ...

    def now(self) -> float:
        """Seconds since 1970-01-01T00:00:00Z."""
        ...

    def sleep(self, seconds: float) -> None:
        """Let so many seconds pass; less than nothing is nothing."""
        ...


class SystemClock:
    """The machine's own clock."""

    def monotonic(self) -> float:
        """Seconds from an arbitrary start; never goes backwards."""
        return time.perf_counter()

    def now(self) -> float:
        """Seconds since 1970-01-01T00:00:00Z."""
        return time.time()

    def sleep(self, seconds: float) -> None:
        """Let so many seconds pass; less than nothing is nothing."""
        time.sleep(max(seconds, 0.0))


def iso_time(seconds: float) -> str:
    """The moment as ISO 8601 in UTC, such as ``2026-03-01T12:00:00Z``."""
    return time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(seconds))


def utc_date(seconds: float) -> datetime.date:
    """The day in UTC."""
    return datetime.datetime.fromtimestamp(seconds, datetime.UTC).date()
