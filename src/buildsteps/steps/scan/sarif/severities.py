"""How severe a result is on our scale, from what each tool says of it.

In this order: our table of rules for bandit and ruff, as where we run them; what the tool says of
the result in words; ``security-severity``; the rank that this table gives a tool whose levels say
nothing; and at last SARIF's level (3.27.10).
"""

import math
from typing import Any

from buildsteps.results import Severity
from buildsteps.steps.scan.python_rules import bandit_severity, ruff_severity
from buildsteps.steps.scan.sarif.log import Properties, Result
from buildsteps.steps.scan.sarif.messages import text_of
from buildsteps.steps.scan.sarif.rules import Applied

LEVELS = {
    "error": Severity.HIGH,
    "warning": Severity.MEDIUM,
    "note": Severity.LOW,
    "none": Severity.INFO,
}

DEFAULT_LEVEL = "warning"

WORTHLESS = {"checkov": Severity.MEDIUM, "ty": Severity.MEDIUM}
"""Tools that write level error for everything, or nearly so, and what it is taken for instead."""

WORDS = {
    "critical": Severity.CRITICAL,
    "high": Severity.HIGH,
    "error": Severity.HIGH,
    "medium": Severity.MEDIUM,
    "moderate": Severity.MEDIUM,
    "warning": Severity.MEDIUM,
    "low": Severity.LOW,
    "minor": Severity.LOW,
    "note": Severity.LOW,
    "info": Severity.INFO,
    "informational": Severity.INFO,
    "unknown": Severity.INFO,
}

SCORES = ((9.0, Severity.CRITICAL), (7.0, Severity.HIGH), (4.0, Severity.MEDIUM))

NOT_FAILED = frozenset({"open", "review", "informational"})
"""Kinds that are worth saying and no failure (3.27.9)."""

_NOTHING = Properties()


def severity_of(result: Result, applied: Applied, tool: str, *, secret: bool) -> Severity:
    """How severe a result is; ``tool`` is the tool's name as findings carry it.

    A secret of which the tool says nothing more is high: gitleaks gives no level anywhere, and
    SARIF's default would let a leaked key pass.
    """
    if result.kind in NOT_FAILED:
        return Severity.INFO
    own = result.properties or _NOTHING
    if tool in _TABLES:
        return _TABLES[tool](result, applied, own)
    said = _in_words(own) or _score(own.security_severity)
    if said is None:
        said = _score((applied.rule.properties or _NOTHING).security_severity)
    if said is not None:
        return said
    level = result.level or applied.level or ("error" if secret else DEFAULT_LEVEL)
    if level == "error" and tool in WORTHLESS:
        return WORTHLESS[tool]
    return LEVELS.get(level, Severity.MEDIUM)


def _of_ruff(result: Result, applied: Applied, _own: Properties) -> Severity:
    return ruff_severity(applied.id, text_of(result.message, applied.texts))


def _of_bandit(result: Result, applied: Applied, own: Properties) -> Severity:
    said, sure = (str(one).upper() for one in (own.issue_severity, own.issue_confidence))
    return bandit_severity(applied.id, said, sure, text_of(result.message, applied.texts))


_TABLES = {"ruff": _of_ruff, "bandit": _of_bandit}
"""Tools whose rules have a severity of ours, the same from a file as from the engine."""


def _in_words(properties: Properties) -> Severity | None:
    """By ``issue_severity``, ``zizmor/severity``, or ``severity`` (skylos)."""
    if properties is _NOTHING:
        return None
    for value in (properties.issue_severity, properties.zizmor_severity, properties.severity):
        if isinstance(value, str):
            found = WORDS.get(value.strip().lower())
            if found is not None:
                return found
    return None


def _score(value: Any) -> Severity | None:
    """A score of the CVSS, from 0 to 10; GitHub wants it as text, some write a number."""
    if value is None or isinstance(value, bool):
        return None
    try:
        score = float(value)
    except (TypeError, ValueError, OverflowError):
        return None
    if not math.isfinite(score) or not 0 <= score <= 10:
        return None
    for least, severity in SCORES:
        if score >= least:
            return severity
    return Severity.LOW if score > 0 else Severity.INFO
