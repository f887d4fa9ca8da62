"""Is the run valid? What an invalid one measured says nothing, however good it looks."""

from msgspec import Struct

from buildsteps.results import Case, Cause, Outcome, unjudged
from buildsteps.steps.loadtest.measured.model import Run

GROUP = "run"


class ValidityRules(Struct, frozen=True, kw_only=True):
    """When a run counts.

    ``least_requests`` is how many there must be; ``shorter`` the share of the planned time that
    may be missing, and ``slack`` the seconds that may be missing of any run.
    """

    least_requests: int = 30
    shorter: float = 0.05
    slack: float = 2.0


def judge_run(run: Run, rules: ValidityRules | None = None) -> tuple[Case, ...]:
    """Judge whether the run may be believed: it ended as planned, with enough requests."""
    rules = rules or ValidityRules()
    cases = [_ended(run, rules), _measured(run, rules)]
    cases += [_unjudged("trustworthy", doubt, Cause.WORLD) for doubt in run.doubts]
    if not run.doubts:
        cases.append(_passed("trustworthy", ""))
    return tuple(cases)


def is_valid(cases: tuple[Case, ...]) -> bool:
    """Whether all of :func:`judge_run` passed."""
    return all(case.outcome is Outcome.PASSED for case in cases)


def _ended(run: Run, rules: ValidityRules) -> Case:
    name = "ended as planned"
    if run.aborted:
        after = f"aborted after {_minutes(run.lasted)} of {_minutes(run.planned)}"
        return Case(
            name=name,
            group=GROUP,
            outcome=Outcome.FAILED,
            kind="aborted",
            message=f"{after} by {run.aborted}",
        )
    missing = run.planned - run.lasted
    took = f"ran {_minutes(run.lasted)} of {_minutes(run.planned)} planned"
    if missing > max(run.planned * rules.shorter, rules.slack):
        message = f"{took}: the load was not what the scenario asks for"
        return _unjudged(name, message, Cause.WORLD)
    return _passed(name, took)


def _measured(run: Run, rules: ValidityRules) -> Case:
    name = "enough requests"
    if run.results is None:
        return _unjudged(name, "the run has no results", Cause.WORLD)
    count = run.results.total.count
    if count < rules.least_requests:
        message = f"{count:,} requests were made, fewer than the {rules.least_requests:,} needed"
        return _unjudged(name, message, Cause.SUBJECT)
    return _passed(name, f"{count:,} requests")


def _passed(name: str, message: str) -> Case:
    return Case(name=name, group=GROUP, outcome=Outcome.PASSED, message=message)


def _unjudged(name: str, message: str, cause: Cause) -> Case:
    return unjudged(name, GROUP, message, kind="invalid-run", cause=cause)


def _minutes(seconds: float) -> str:
    if seconds < 120:
        return f"{seconds:.0f} s"
    return f"{int(seconds) // 60} min {int(seconds) % 60} s"
