"""The words of a run: cases, findings, the report that holds them, the verdict on it."""

import math
from collections.abc import Mapping, Sequence
from enum import StrEnum
from typing import Any

from msgspec import Struct, field


class Outcome(StrEnum):
    """How one judgement ended. *failed*: looked at and wrong; *error*: could not be judged."""

    PASSED = "passed"
    FAILED = "failed"
    ERROR = "error"
    SKIPPED = "skipped"


class Cause(StrEnum):
    """Why a case could not be judged.

    *subject*: what was given cannot be judged; *world*: a tool, service or machine was not there.
    """

    SUBJECT = "subject"
    WORLD = "world"


class Severity(StrEnum):
    """How much a finding matters, the most severe first."""

    CRITICAL = "critical"
    HIGH = "high"
    MEDIUM = "medium"
    LOW = "low"
    INFO = "info"


class Location(Struct, frozen=True, omit_defaults=True, gc=False):
    """A place in a file.

    ``path`` has forward slashes and is relative to the working folder where it lies below it.
    Lines and columns count from 1; columns count Unicode code points, and ``end_column`` is the
    first column after the place.
    """

    path: str
    line: int | None = None
    column: int | None = None
    end_line: int | None = None
    end_column: int | None = None

    def __str__(self) -> str:
        parts = [self.path]
        if self.line is not None:
            parts.append(str(self.line))
            if self.column is not None:
                parts.append(str(self.column))
        return ":".join(parts)


class Case(Struct, frozen=True, kw_only=True, gc=False):
    """One thing that was judged.

    ``group`` becomes the JUnit suite, ``kind`` the JUnit ``type`` of a failure or error.
    ``message`` is one line; ``detail`` may be many. ``seconds`` is what judging it took.
    ``findings`` holds the fingerprints of those that it failed for, where it gathers several.
    """

    name: str
    group: str
    outcome: Outcome
    cause: Cause | None = None
    kind: str = ""
    message: str = ""
    detail: str = ""
    seconds: float = 0.0
    locations: tuple[Location, ...] = ()
    findings: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        if (self.outcome is Outcome.ERROR) != (self.cause is not None):
            raise ValueError("an error case, and only an error case, names its cause")
        if not self.seconds >= 0:  # also false for NaN, which JSON cannot hold
            raise ValueError("seconds must not be negative")


def unjudged(
    name: str,
    group: str,
    message: str,
    *,
    kind: str,
    locations: tuple[Location, ...] = (),
    detail: str = "",
    cause: Cause = Cause.SUBJECT,
) -> Case:
    """An error case: something that could not be judged, by default for what was given."""
    return Case(
        name=name,
        group=group,
        outcome=Outcome.ERROR,
        cause=cause,
        kind=kind,
        message=message,
        detail=detail,
        locations=locations,
    )


class Finding(Struct, frozen=True, kw_only=True, gc=False):
    """Something worth saying at a place.

    A finding stops the build only through a case. ``fingerprint`` stays the same when lines move.
    ``accepted`` holds the reason of the acceptance that covers it, if one does.

    Scanners say more: ``title`` is the rule's name in words, ``aliases`` are other ids of the same
    rule, ``engines`` those that saw it, ``cwes`` numbers of the Common Weakness Enumeration.
    ``snippet`` is the source at the place, secrets masked. ``known`` tells that the baseline has
    it: it is an old one.
    """

    rule: str
    severity: Severity
    message: str
    locations: tuple[Location, ...] = ()
    detail: str = ""
    help: str = ""
    fix: str = ""
    fingerprint: str = ""
    accepted: str = ""
    title: str = ""
    aliases: tuple[str, ...] = ()
    engines: tuple[str, ...] = ()
    cwes: tuple[int, ...] = ()
    snippet: str = ""
    known: bool = False


class Table(Struct, frozen=True, kw_only=True):
    """Rows worth showing to people, such as a coverage table; every cell is text."""

    title: str
    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


class Series(Struct, frozen=True, kw_only=True):
    """One line of a chart: a value for each ``x``, ascending; None where there is none."""

    name: str
    x: tuple[float, ...]
    y: tuple[float | None, ...]

    def __post_init__(self) -> None:
        if len(self.x) != len(self.y):
            raise ValueError("a series has as many values as places")
        if not all(math.isfinite(value) for value in (*self.x, *self.y) if value is not None):
            raise ValueError("a series has finite numbers only")


class Level(Struct, frozen=True, kw_only=True):
    """A value that a chart's series are to be compared with, such as that of earlier runs."""

    name: str
    value: float

    def __post_init__(self) -> None:
        if not math.isfinite(self.value):
            raise ValueError("a level is a finite number")


class Chart(Struct, frozen=True, kw_only=True):
    """Numbers worth drawing for people; ``unit`` is that of the values, ``along`` of the places.

    Formats that cannot draw leave it out: what must be read stands in a table too.
    """

    title: str
    unit: str
    along: str
    series: tuple[Series, ...]
    levels: tuple[Level, ...] = ()


class Report(Struct, frozen=True, kw_only=True):
    """What a step returns.

    ``facts`` are for machines: the engine, inputs and settings that the cases rest on.
    ``notes`` say in sentences what was found to judge; ``emptiness`` why there was nothing.
    ``stdout`` is a document for whoever reads standard output: the report for people then goes to
    standard error. It is handed on only with exit code 0, and empty where the step holds it back.
    """

    cases: Sequence[Case] = ()
    findings: Sequence[Finding] = ()
    facts: Mapping[str, Any] = field(default_factory=dict)
    notes: tuple[str, ...] = ()
    tables: tuple[Table, ...] = ()
    charts: tuple[Chart, ...] = ()
    emptiness: str = ""
    stdout: bytes | None = None


class Counts(Struct, frozen=True, kw_only=True):
    """How many cases ended which way, and how many findings there are."""

    passed: int = 0
    failed: int = 0
    error: int = 0
    skipped: int = 0
    findings: int = 0

    @classmethod
    def of(cls, report: Report) -> "Counts":
        """Count the cases and findings of ``report``."""
        by_outcome = dict.fromkeys(Outcome, 0)
        for case in report.cases:
            by_outcome[case.outcome] += 1
        return cls(
            **{outcome.value: number for outcome, number in by_outcome.items()},
            findings=len(report.findings),
        )


class VerdictOutcome(StrEnum):
    """What the gate said: see :mod:`buildsteps.errors` for the exit code of each."""

    PASSED = "passed"
    STOPPED = "stopped"
    WRONG_CALL = "wrong-call"
    WORLD_FAILED = "world-failed"
    INTERRUPTED = "interrupted"


class Verdict(Struct, frozen=True, kw_only=True):
    """May the pipeline go on? ``reasons`` are sentences a person can act on."""

    outcome: VerdictOutcome
    exit_code: int
    reasons: tuple[str, ...] = ()


class RunResult(Struct, frozen=True, kw_only=True):
    """All that a reporter needs: which command ran, what it found, and the verdict.

    ``name`` is the one that ``--name`` gave this run, or empty.
    """

    command: str
    report: Report
    verdict: Verdict
    name: str = ""

    @property
    def title(self) -> str:
        """The command, with the name of the run where it has one."""
        return f"{self.command} ({self.name})" if self.name else self.command
