"""The report of a run that came to no report: which sentence, which exit code."""

from msgspec.structs import replace

from buildsteps.errors import BuildstepsError, Interrupted, UsageError, WorldError
from buildsteps.exit_codes import ExitCode
from buildsteps.results import (
    Cause,
    Location,
    Outcome,
    Report,
    RunResult,
    Verdict,
    VerdictOutcome,
    unjudged,
)


def failed_run(command: str, error: BaseException, name: str = "") -> RunResult:
    """The report of a run that came to no report: one error case that says why."""
    outcome, code, kind = _meaning(error)
    case = unjudged(
        command,
        command,
        _sentence(error),
        kind=kind,
        locations=_locations(error),
        detail=error.detail if isinstance(error, BuildstepsError) else "",
        cause=Cause.SUBJECT if code is ExitCode.WRONG_CALL else Cause.WORLD,
    )
    verdict = Verdict(outcome=outcome, exit_code=code, reasons=(_sentence(error),))
    return RunResult(command=command, report=Report(cases=(case,)), verdict=verdict, name=name)


def emptiness_told(result: RunResult) -> RunResult:
    """The result with an error case where nothing was judged: a page of cases shows only cases."""
    errors = any(case.outcome is Outcome.ERROR for case in result.report.cases)
    if result.verdict.outcome is not VerdictOutcome.WRONG_CALL or errors:
        return result
    why = result.verdict.reasons[0]
    case = unjudged(result.command, result.command, why, kind="nothing-judged")
    report = replace(result.report, cases=(*result.report.cases, case))
    return replace(result, report=report)


def _locations(error: BaseException) -> tuple[Location, ...]:
    if isinstance(error, BuildstepsError) and error.location:
        return (error.location,)
    return ()


def _meaning(error: BaseException) -> tuple[VerdictOutcome, ExitCode, str]:
    if isinstance(error, KeyboardInterrupt):
        return VerdictOutcome.INTERRUPTED, ExitCode.INTERRUPTED, "interrupted"
    if isinstance(error, Interrupted):
        return VerdictOutcome.INTERRUPTED, ExitCode.TERMINATED, "interrupted"
    if isinstance(error, UsageError):
        return VerdictOutcome.WRONG_CALL, ExitCode.WRONG_CALL, "usage"
    kind = "world" if isinstance(error, WorldError) else "internal"
    return VerdictOutcome.WORLD_FAILED, ExitCode.WORLD_FAILED, kind


def _sentence(error: BaseException) -> str:
    if isinstance(error, BuildstepsError):
        return str(error)
    if isinstance(error, KeyboardInterrupt):
        return "interrupted"
    if isinstance(error, Interrupted):
        return "terminated"
    if isinstance(error, MemoryError):
        return "out of memory"
    what = str(error).splitlines()[0] if str(error) else "no message"
    return f"internal error, please report it (--debug shows more): {type(error).__name__}: {what}"
