"""The sentences that every report for people begins with: the verdict and the counts."""

from collections.abc import Iterable

from buildsteps.reporting.text import counted, printable
from buildsteps.results import Counts, Finding, RunResult, Severity

_SEVERITIES = {severity: number for number, severity in enumerate(Severity)}


def verdict_line(result: RunResult) -> str:
    """Say in one line what the gate decided, with the exit code and the reasons."""
    verdict = result.verdict
    decision = verdict.outcome.value.replace("-", " ")
    line = f"{result.title}: {decision} (exit code {verdict.exit_code:d})"
    return printable(": ".join([line, "; ".join(verdict.reasons)] if verdict.reasons else [line]))


def counts_line(counts: Counts) -> str:
    """Say in one line how many cases ended which way; what there is none of is left out."""
    outcomes = (
        (counts.failed, "failed"),
        (counts.error, "could not be judged"),
        (counts.passed, "passed"),
        (counts.skipped, "skipped"),
    )
    total = sum(number for number, _ in outcomes)
    parts = [f"{number:,} {words}" for number, words in outcomes if number]
    cases = f"{counted(total, 'case')}: {', '.join(parts)}" if parts else "no cases"
    return f"{cases}; {counted(counts.findings, 'finding')}" if counts.findings else cases


def most_severe_first(findings: Iterable[Finding]) -> list[Finding]:
    """Sort ``findings`` by severity, else as they come; old ones come later, accepted ones last."""

    def place(finding: Finding) -> tuple[bool, bool, int]:
        return bool(finding.accepted), finding.known, _SEVERITIES[finding.severity]

    return sorted(findings, key=place)
