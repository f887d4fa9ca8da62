"""Why requests failed, over all processes of Locust; and whether the target was there at all."""

from collections import Counter
from collections.abc import Sequence

from buildsteps.reporting.text import printable
from buildsteps.steps.loadtest.local.generator import Generator
from buildsteps.steps.loadtest.measured.model import Failure, Results


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
    if results is None or not failures or results.total.errors < results.total.count:
        return ""
    if any(code.isdigit() or "timeout" in code.lower() for code in results.total.codes):
        return ""
    return f"nobody answered: all {results.total.count:,} requests failed ({failures[0].reason})"
