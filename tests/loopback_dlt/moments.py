"""The solution's clock, which stands still until a test moves it, and its way to write moments."""

import datetime

FORM = "%Y-%m-%d %H:%M:%S"


class MovableClock:
    """Seconds since 1970; ``step`` is what passes by itself with each request."""

    def __init__(self, now: float, step: float = 0.0) -> None:
        self.moment = now
        self.step = step

    def now(self) -> float:
        """Give the moment, without moving it."""
        return self.moment

    def advance(self, seconds: float) -> None:
        """Let time pass."""
        self.moment += seconds


def written(moment: float) -> str:
    """Write a moment as DLT does, in UTC, to the second."""
    return datetime.datetime.fromtimestamp(moment, datetime.UTC).strftime(FORM)


def read(text: str) -> float:
    """Read DLT's form, or ISO 8601."""
    moment = datetime.datetime.fromisoformat(text.replace("Z", ""))
    return moment.replace(tzinfo=datetime.UTC).timestamp()
