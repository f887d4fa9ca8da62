"""The gate: from a report to a verdict."""

from collections.abc import Iterable

from buildsteps.exit_codes import ExitCode
from buildsteps.results import (
    Case,
    Cause,
    Counts,
    Finding,
    Outcome,
    Report,
    Verdict,
    VerdictOutcome,
)


def judge(report: Report, *, allow_empty: bool = False, report_only: bool = False) -> Verdict:
    """Decide whether the pipeline may go on.

    The order when several hold: a failed case or one that cannot be judged stops (1), then a
    world that failed us (3), then nothing judged (2).
    """
    verdict = _strict_verdict(report, allow_empty=allow_empty)
    if report_only and verdict.outcome is VerdictOutcome.STOPPED:
        reasons = (*verdict.reasons, "report only: the exit code of this stop is 0")
        return Verdict(outcome=verdict.outcome, exit_code=ExitCode.PASSED, reasons=reasons)
    return verdict


def _strict_verdict(report: Report, *, allow_empty: bool) -> Verdict:
    counts = Counts.of(report)
    subject = sum(case.cause is Cause.SUBJECT for case in report.cases)
    world = counts.error - subject
    if counts.failed or subject:
        reasons = tuple(
            reason
            for reason, number in (
                (f"{_cases(counts.failed)} failed", counts.failed),
                (f"{_cases(subject)} could not be judged", subject),
                (f"{_cases(world)} could not be judged because the world failed", world),
            )
            if number
        )
        return _verdict(VerdictOutcome.STOPPED, ExitCode.STOPPED, *reasons)
    if world:
        reason = f"{_cases(world)} could not be judged because the world failed"
        return _verdict(VerdictOutcome.WORLD_FAILED, ExitCode.WORLD_FAILED, reason)
    if not counts.passed and not allow_empty:
        why = "all cases were skipped" if counts.skipped else report.emptiness
        reason = f"nothing was judged{': ' if why else ''}{why} (--allow-empty accepts it)"
        return _verdict(VerdictOutcome.WRONG_CALL, ExitCode.WRONG_CALL, reason)
    return _verdict(VerdictOutcome.PASSED, ExitCode.PASSED)


def _verdict(outcome: VerdictOutcome, code: ExitCode, *reasons: str) -> Verdict:
    return Verdict(outcome=outcome, exit_code=code, reasons=reasons)


def _cases(number: int) -> str:
    return "1 case" if number == 1 else f"{number:,} cases"


def stopping_cases(findings: Iterable[Finding], group: str, kind: str) -> list[Case]:
    """A failed case for each finding that no acceptance covers: how findings stop a build."""
    return [
        Case(
            name=_case_name(finding),
            group=group,
            outcome=Outcome.FAILED,
            kind=kind,
            message=finding.message,
            detail=finding.detail,
            locations=finding.locations,
        )
        for finding in findings
        if not finding.accepted
    ]


def _case_name(finding: Finding) -> str:
    return f"{finding.rule} {finding.locations[0]}" if finding.locations else finding.rule
