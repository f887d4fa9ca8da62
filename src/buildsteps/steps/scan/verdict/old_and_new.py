"""How many findings are new, old, accepted and fixed, in numbers and tables."""

from collections.abc import Iterable, Sequence

from buildsteps.baseline import Entry
from buildsteps.results import Finding, Severity, Table

STATES = ("new", "known", "accepted")
_MOST_FIXED = 20
"""Rows of the table of what was fixed."""


def state(finding: Finding) -> str:
    """One of :data:`STATES`; an old finding that is accepted is accepted."""
    if finding.accepted:
        return "accepted"
    return "known" if finding.known else "new"


def total(entries: Iterable[Entry]) -> int:
    """How many findings the entries stand for."""
    return sum(one.count for one in entries)


def counts(findings: Iterable[Finding]) -> dict[str, int]:
    """How many findings are in which state."""
    number = dict.fromkeys(STATES, 0)
    for one in findings:
        number[state(one)] += 1
    return number


def tables(findings: Sequence[Finding], fixed: Sequence[Entry]) -> tuple[Table, ...]:
    """The states by severity, and what was fixed, by file and rule."""
    return tuple(table for table in (_by_severity(findings), _of_fixed(fixed)) if table.rows)


def _by_severity(findings: Sequence[Finding]) -> Table:
    rows = []
    for level in Severity:
        number = counts(one for one in findings if one.severity is level)
        if any(number.values()):
            rows.append((level.value, *(f"{number[name]:,}" for name in STATES)))
    return Table(title="Old and new findings", columns=("severity", *STATES), rows=tuple(rows))


def _of_fixed(fixed: Iterable[Entry]) -> Table:
    often: dict[tuple[str, str], int] = {}
    for one in fixed:
        place = one.trace.path or "in no file", one.trace.rule
        often[place] = often.get(place, 0) + one.count
    rows = [(path, rule, f"{count:,}") for (path, rule), count in often.items()]
    if len(rows) > _MOST_FIXED:
        more = sum(list(often.values())[_MOST_FIXED:])
        rows = [*rows[:_MOST_FIXED], ("elsewhere", "", f"{more:,}")]
    return Table(title="Fixed", columns=("path", "rule", "findings"), rows=tuple(rows))
