"""Figures of a run that goes on, from its files of samples as they grow."""

import csv
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path

from buildsteps.expressions import Expression
from buildsteps.steps.loadtest.measured.histogram import TENTHS, Histogram
from buildsteps.steps.loadtest.measured.model import SAMPLE_COLUMNS, Measured
from buildsteps.steps.loadtest.verdict.thresholds import NoDataError, value_of

FEWEST = 30
"""Requests that an expression needs before it can end a run; fewer may be chance."""

_MOMENT, _ELAPSED, _LABEL, _SUCCESS = map(
    SAMPLE_COLUMNS.index, ("timeStamp", "elapsed", "label", "success")
)


class Tail:
    """The rows of the files in a folder, each told once."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._read: dict[Path, int] = {}

    def rows(self) -> Iterator[list[str]]:
        """The rows that are new; one that is not written whole yet comes with the next call."""
        for path in sorted(self.folder.glob("samples-*.jtl")):
            with path.open("rb") as stream:
                stream.seek(self._read.get(path, 0))
                block = stream.read()
            whole = block.rfind(b"\n") + 1
            text = block[:whole].decode("utf-8", errors="replace")
            rows = csv.reader(text.split("\n")[:-1])
            if path not in self._read and whole:
                next(rows)  # the names of the columns
            if whole:
                self._read[path] = self._read.get(path, 0) + whole
            yield from rows


class Tally:
    """The requests that one expression speaks of. Memory is bounded by their distinct times."""

    def __init__(self, expression: Expression) -> None:
        self.expression = expression
        self.count = 0
        self._label = expression.selectors.get("label")
        self._start = expression.window.start if expression.window else 0.0
        self._end = expression.window.end if expression.window else None
        self._errors = 0
        self._times: Counter[int] = Counter()

    def add(self, began: float, elapsed: float, label: str, *, success: bool) -> None:
        """Count a request; ``began`` is in seconds from the run's start, ``elapsed`` in ms."""
        if self._label is not None and label != self._label:
            return
        if began < self._start or (self._end is not None and began >= self._end):
            return
        self.count += 1
        self._errors += not success
        self._times[round(elapsed * 10)] += 1

    def value(self, lasted: float) -> float | None:
        """The value ``lasted`` seconds after the start; None where too little is known."""
        if self.count < FEWEST:
            return None
        try:
            return value_of(
                self.expression.metric, self.expression.percentile, self._measured(lasted)
            )
        except NoDataError:
            return None

    def _measured(self, lasted: float) -> Measured:
        times = Histogram.of(sorted(self._times.items()))
        upto = lasted if self._end is None else min(lasted, self._end)
        total = sum(tenths * number for tenths, number in self._times.items())
        return Measured(
            count=self.count,
            errors=self._errors,
            mean=total / self.count / TENTHS,
            minimum=times.tenths[0] / TENTHS,
            maximum=times.tenths[-1] / TENTHS,
            duration=max(upto - self._start, 1 / TENTHS),
            times=times,
        )


class Live:
    """What expressions come to so far; the run starts with its first request that ended."""

    def __init__(self, folder: Path, expressions: Sequence[Expression]) -> None:
        self.tallies = tuple(Tally(expression) for expression in expressions)
        self._tail = Tail(folder)
        self._origin: float | None = None
        self._last = 0.0

    def read(self) -> None:
        """Take what is new; a row that is none is left to the reading after the run."""
        for row in self._tail.rows():
            try:
                began, elapsed = int(row[_MOMENT]) / 1000, float(row[_ELAPSED])
                label, success = row[_LABEL], row[_SUCCESS] == "true"
            except (ValueError, IndexError):
                continue
            if self._origin is None:
                self._origin = began
            self._last = max(self._last, began + elapsed / 1000)
            for tally in self.tallies:
                tally.add(began - self._origin, elapsed, label, success=success)

    def broken(self) -> tuple[Tally, float] | None:
        """The first expression that does not hold, and its value."""
        lasted = self._last - self._origin if self._origin is not None else 0.0
        for tally in self.tallies:
            value = tally.value(lasted)
            if value is not None and not tally.expression.holds(value):
                return tally, value
        return None
