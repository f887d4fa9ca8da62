"""Ends a hopeless run early: looks at it every second, and asks Locust to end."""

import csv
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path

from buildsteps.expressions import Expression
from buildsteps.steps.loadtest.local.live import Live
from buildsteps.steps.loadtest.verdict.thresholds import outcome_words

EVERY_SECONDS = 1.0
ABORT_FILE = "abort"
"""A file of this name in the run's folder asks Locust to end with all its processes."""


class Watcher:
    """Judges a run that goes on; ``said`` is why it was ended, empty where it was not."""

    def __init__(self, folder: Path, expressions: Sequence[Expression]) -> None:
        self.folder = folder
        self.live = Live(folder, expressions)
        self.said = ""

    def look(self) -> bool:
        """Judge what there is, and ask for the end where an expression does not hold."""
        with suppress(OSError, csv.Error):  # the reading after the run tells
            self.live.read()
        broken = self.live.broken()
        if broken is None:
            return False
        tally, value = broken
        words = outcome_words(tally.expression, value)
        self.said = f"{tally.expression.text}: {words}, after {tally.count:,} requests"
        (self.folder / ABORT_FILE).touch()
        return True

    def unjudged(self) -> tuple[str, ...]:
        """The expressions that never had enough requests to be judged, such as by a wrong label."""
        return tuple(
            tally.expression.text for tally in self.live.tallies if tally.value(1.0) is None
        )


@contextmanager
def watching(folder: Path, expressions: Sequence[Expression]) -> Iterator[Watcher]:
    """Judge the run in ``folder`` every second until the block ends."""
    watcher = Watcher(folder, expressions)
    over = threading.Event()

    def watch() -> None:
        while not over.wait(EVERY_SECONDS):
            if watcher.look():
                return

    if not expressions:
        yield watcher
        return
    thread = threading.Thread(target=watch, name="buildsteps-abort", daemon=True)
    thread.start()
    try:
        yield watcher
    finally:
        over.set()
        thread.join()
