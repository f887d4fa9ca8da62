"""Why requests failed, over all processes of Locust; and whether the target was there at all."""

import re
from collections import Counter
from collections.abc import Sequence

from buildsteps.reporting.text import printable
from buildsteps.steps.loadtest.local.generator import Generator
from buildsteps.steps.loadtest.measured.model import Failure, Results

_CONNECTION = re.compile(r"OSError|gaierror|(?!.*Timeout).*(Connect|SSL|Pipe|Disconnected).*")
"""An error such as ``ConnectionRefusedError``; one of waiting was a server that hangs."""


def failures_of(generators: Sequence[Generator]) -> tuple[Failure, ...]:
    """The reasons, the most frequent first; control characters are shown, not printed."""
    counted: Counter[tuple[str, str]] = Counter()
    for one in generators:
        for label, reason, count in one.failures:
            counted[printable(label), printable(reason)] += count
    return tuple(Failure(*what, count) for what, count in counted.most_common())


def nobody_there(results: Results | None, failures: Sequence[Failure]) -> str:
    """Say that no request reached a server, or nothing.

    An answer has a status, and a server that hangs was reached: what remains are connections that
    were never made or broke off. Locust spins on those, so its own load would look like the cause.
    """
    if results is None or not failures or _lost(results) < results.total.count:
        return ""
    return f"nobody answered: all {results.total.count:,} requests failed ({failures[0].reason})"


def mostly_lost(results: Results | None) -> bool:
    """Whether most requests ended without a server, as when it dies in the middle of a run.

    The generator is busy then because refusals come at once: that is no reason to doubt the run.
    """
    return results is not None and _lost(results) > results.total.count / 2


def _lost(results: Results) -> int:
    """How many requests failed on a connection: by the names of Python's and Locust's errors."""
    codes = results.total.codes.items()
    lost = sum(count for code, count in codes if _CONNECTION.fullmatch(code))
    return min(lost, results.total.errors)
