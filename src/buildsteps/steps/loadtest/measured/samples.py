"""Raw samples of a run, as both engines keep them, into exact results.

Percentiles are exact to a tenth of a millisecond (JTL has whole ones); memory is bounded by the
distinct times, codes and labels, not by the number of requests.
"""

from collections.abc import Callable, Sequence
from pathlib import Path

from msgspec import Struct

from buildsteps.errors import UnreadableError
from buildsteps.expressions import Window
from buildsteps.steps.loadtest.measured.duck import Duck
from buildsteps.steps.loadtest.measured.grouped import (
    ALL,
    MOST_LABELS,
    NOTHING,
    measured_by,
    steps_of,
)
from buildsteps.steps.loadtest.measured.model import Results
from buildsteps.steps.loadtest.measured.sample_file import (
    LAST_MOMENT,
    SampleFile,
    broken_row,
    read_header,
    span_of,
)
from buildsteps.steps.loadtest.measured.steps import (
    series_of,
    table_of,
    width_for,
)

MILLISECONDS = 1000
SHORTEST = 0.001
"""Seconds that a run took at least, so that one request has a throughput."""


class _Span(Struct, frozen=True):
    """What is read: requests that began from ``start`` to before ``stop``, in steps of ``width``.

    All in milliseconds, since 1970; steps count from ``origin``.
    """

    start: int
    stop: int
    origin: int
    width: int


class Samples:
    """Files of samples, read when asked; each answer is kept.

    ``started`` (seconds since 1970) is when the run began, by default with its first request;
    windows and the series count from there. ``shown`` writes a path for messages.
    """

    def __init__(
        self,
        files: Sequence[SampleFile],
        *,
        shown: Callable[[Path], str] = str,
        started: float | None = None,
    ) -> None:
        self._files, self._shown, self._started = tuple(files), shown, started
        self._headers = [read_header(file.path, shown) for file in self._files]
        self._whole: Results | None = None
        self._windows: dict[Window, Results] = {}

    @classmethod
    def of(cls, results: Results, shown: Callable[[Path], str] = str) -> "Samples":
        """The samples that ``results`` come from, to ask for parts of the run.

        Raises:
            UnreadableError: a file is not there any more.
        """
        regions = results.sample_regions or ("",) * len(results.samples)
        files = [
            SampleFile(path, region) for path, region in zip(results.samples, regions, strict=True)
        ]
        samples = cls(files, shown=shown, started=results.started)
        samples._whole = results if results.ended else None
        return samples

    def results(self) -> Results:
        """All of the run.

        Raises:
            UnreadableError: a file holds no samples, or a row that is none; with its line.
            UsageError: DuckDB is not installed.
        """
        if self._whole is None:
            self._whole = self._read(None)
        return self._whole

    def window(self, window: Window) -> Results:
        """The requests that began within a part of the run; errors as with :meth:`results`."""
        if window not in self._windows:
            self._windows[window] = self._read(window)
        return self._windows[window]

    def _read(self, window: Window | None) -> Results:
        span = self._span(window)
        duck = Duck()
        try:
            for number, (file, header) in enumerate(zip(self._files, self._headers, strict=True)):
                if not duck.read(
                    file.path,
                    header,
                    file=number,
                    region=file.region,
                    origin=span.origin,
                    width=span.width,
                    start=span.start,
                    stop=span.stop,
                ):
                    raise broken_row(file.path, header, self._shown) or duck.unreadable(
                        self._shown(file.path)
                    )
            return self._results(duck, span, window)
        finally:
            duck.close()

    def _span(self, window: Window | None) -> _Span:
        if window is not None:
            whole = self.results()
            first = round(whole.started * MILLISECONDS)
            start = first + round(window.start * MILLISECONDS)
            end = round(whole.ended * MILLISECONDS)
            stop = LAST_MOMENT
            if window.end is not None:
                stop = first + round(window.end * MILLISECONDS)
            width = width_for((min(stop, end) - start) / MILLISECONDS)
            return _Span(start, stop, start, width * MILLISECONDS)
        guesses = [span_of(f.path, h) for f, h in zip(self._files, self._headers, strict=True)]
        spans = [span for span in guesses if span is not None] or [(0, 0)]
        first, last = min(span[0] for span in spans), max(span[1] for span in spans)
        if self._started is not None:
            first = round(self._started * MILLISECONDS)
        width = width_for(max(last - first, 0) / MILLISECONDS)
        return _Span(0, LAST_MOMENT, first, width * MILLISECONDS)

    def _results(self, duck: Duck, span: _Span, window: Window | None) -> Results:
        first = duck.number("SELECT min(first) FROM groups WHERE by_step = 0")
        last = duck.number("SELECT max(last) FROM groups WHERE by_step = 0")
        if first is None and window is None:
            names = ", ".join(self._shown(file.path) for file in self._files)
            raise UnreadableError(f"there is no sample in {names or 'no file'}")
        if first is None:
            return Results(started=span.start / MILLISECONDS, total=NOTHING, exact=True)
        started = first / MILLISECONDS if self._started is None else self._started
        if window is not None:
            first = span.start
            last = min(round(self.results().ended * MILLISECONDS), span.stop)
            started = span.start / MILLISECONDS
        duration = max((last - first) / MILLISECONDS, SHORTEST)
        steps, width = steps_of(duck, span.width)
        labels = measured_by(duck, "label", duration, MOST_LABELS)
        number = duck.number("SELECT count(DISTINCT label) FROM groups WHERE by_step = 0")
        return Results(
            started=started,
            total=measured_by(duck, ALL, duration)[""],
            labels=labels,
            regions=measured_by(duck, "region", duration) if self._has_regions() else {},
            series=series_of(steps, width),
            exact=True,
            ended=last / MILLISECONDS,
            sample_regions=tuple(file.region for file in self._files),
            samples=tuple(file.path for file in self._files),
            steps=table_of(steps),
            unlisted=number - len(labels),
        )

    def _has_regions(self) -> bool:
        return any(file.region for file in self._files)
