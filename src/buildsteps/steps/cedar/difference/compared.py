"""What comparing gave so far, and the rules of its findings."""

from typing import Any

from msgspec import Struct, field

from buildsteps.results import Case, Finding, Table

ALLOWED, DENIED = "newly-allowed", "newly-denied"
REASON, POSSIBLE = "other-reason", "other-requests"
NOT_VALID, NOT_IN_IT, MISFIT = "not-valid", "left-out", "entity-misfit"
RULES = (ALLOWED, DENIED, REASON, POSSIBLE, NOT_VALID, NOT_IN_IT, MISFIT)


class Title(Struct, frozen=True):
    """What a case about a change is called, and the store that it is of."""

    store: str
    name: str


class Compared(Struct, kw_only=True):
    """What comparing gave so far; ``titles`` are those of changes, by fingerprint."""

    cases: list[Case] = field(default_factory=list)
    findings: list[Finding] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    tables: list[Table] = field(default_factory=list)
    facts: list[dict[str, Any]] = field(default_factory=list)
    titles: dict[str, Title] = field(default_factory=dict)
