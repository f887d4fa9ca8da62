"""Failed requests that nothing in the rules speaks of.

A server that is down refuses at once, and so fast that every threshold on response times holds.
Such a run must not pass; and a few failures that nobody judges are at least said.
"""

from collections.abc import Sequence

from buildsteps.results import Case, Cause, Finding, Severity, unjudged
from buildsteps.steps.loadtest.measured.model import Measured
from buildsteps.steps.loadtest.verdict.validity import GROUP
from buildsteps.units import Dimension, shown

RULE = "failures-not-judged"
METRICS = frozenset({"errors", "error_rate"})

MOST = 0.5
"""The share of failed requests from which on response times are those of failures."""


def mostly_failed(total: Measured, judged: Sequence[str]) -> tuple[Case, ...]:
    """A case that stops where most requests failed and none of the ``judged`` metrics tells so."""
    if total.error_rate <= MOST or METRICS & set(judged):
        return ()
    message = f"{_said(total)}, so the response times are mostly those of failures; {_ADVICE}"
    return (unjudged("answered", GROUP, message, kind="invalid-run", cause=Cause.SUBJECT),)


def unnoticed(total: Measured, judged: Sequence[str]) -> tuple[Finding, ...]:
    """A warning where requests failed, and none of the ``judged`` metrics speaks of that."""
    if not total.errors or total.error_rate > MOST or METRICS & set(judged):
        return ()
    message = f"{_said(total)}; {_ADVICE}"
    return (Finding(rule=RULE, severity=Severity.MEDIUM, message=message),)


_ADVICE = "no threshold says how many may: add one, such as `error_rate < 1%`"


def _said(total: Measured) -> str:
    share = shown(total.error_rate, Dimension.SHARE)
    return f"{total.errors:,} of {total.count:,} requests failed ({share})"
