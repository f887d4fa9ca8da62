"""Do the policies decide as the tests say? Each decision judged, and explained when wrong."""

from collections.abc import Callable, Iterator, Sequence
from itertools import groupby
from pathlib import Path

from msgspec import Struct

from buildsteps.errors import BuildstepsError
from buildsteps.results import Case, Cause, Finding, Location, Outcome, Severity
from buildsteps.steps.cedar import engine
from buildsteps.steps.cedar.entities import EntityData
from buildsteps.steps.cedar.policies import Policy, PolicyIndex
from buildsteps.steps.cedar.trials import Trial

EVALUATION_ERROR = "evaluation-error"

_BATCH = 256


class Authorizer(Struct, frozen=True, kw_only=True):
    """Valid policies, ready to be asked.

    ``left_out`` are the policies that do not validate; ``entities`` loads those of a test;
    ``suggest`` gives the nearest known name for one that the engine complains of.
    """

    policies: engine.PolicySet
    index: PolicyIndex
    left_out: tuple[Policy, ...]
    entities: Callable[[tuple[Path, ...]], EntityData]
    schema: engine.Schema | None
    suggest: Callable[[str], str]


class Judged(Struct, frozen=True, kw_only=True):
    """A test with the engine's answer, None where it could not even be asked."""

    trial: Trial
    case: Case
    answer: engine.Answer | None = None


def decide(
    trials: Sequence[Trial], authorizer: Authorizer, *, batch: int = _BATCH, explain: bool = False
) -> Iterator[Judged]:
    """Judge the tests in order; ``explain`` adds the reason to those that pass, too."""
    for paths, same in groupby(trials, key=lambda trial: trial.entities):
        members = list(same)
        entities = authorizer.entities(paths)
        for start in range(0, len(members), batch):
            yield from _decide_batch(members[start : start + batch], entities, authorizer, explain)


def _decide_batch(
    trials: Sequence[Trial], entities: EntityData, authorizer: Authorizer, explain: bool
) -> Iterator[Judged]:
    asked = [t for t in trials if t.request is not None and entities.error is None]
    requests = [trial.request.arguments() for trial in asked if trial.request]
    answers = iter(
        engine.authorize(requests, authorizer.policies, entities.handle, authorizer.schema)
        if requests
        else ()
    )
    for trial in trials:
        error = trial.error or entities.error
        if error is not None:
            yield Judged(trial=trial, case=_unjudgeable(trial, error))
            continue
        answer = next(answers)
        yield Judged(trial=trial, case=_case(trial, answer, authorizer, explain), answer=answer)


def _unjudgeable(trial: Trial, error: BuildstepsError) -> Case:
    elsewhere = error.location is not None and error.location.path != trial.location.path
    return Case(
        name=trial.name,
        group=trial.group,
        outcome=Outcome.ERROR,
        cause=Cause.SUBJECT,
        kind="request",
        message=str(error) if elsewhere else error.message,
        detail=error.detail,
        locations=(trial.location if elsewhere or not error.location else error.location,),
    )


def _case(trial: Trial, answer: engine.Answer, authorizer: Authorizer, explain: bool) -> Case:
    if not answer.decision:
        return Case(
            name=trial.name,
            group=trial.group,
            outcome=Outcome.ERROR,
            cause=Cause.SUBJECT,
            kind="request",
            message=answer.message + authorizer.suggest(answer.message),
            detail=f"request   {trial.request}",
            locations=(trial.location,),
        )
    passed = answer.decision == trial.expected
    return Case(
        name=trial.name,
        group=trial.group,
        outcome=Outcome.PASSED if passed else Outcome.FAILED,
        kind="" if passed else "decision",
        message="" if passed else f"unexpected {answer.decision}",
        detail=_explanation(trial, answer, authorizer) if explain or not passed else "",
        seconds=answer.seconds,
        locations=(trial.location,),
    )


def _explanation(trial: Trial, answer: engine.Answer, authorizer: Authorizer) -> str:
    lines = [("expected", f"{trial.expected}, decided {answer.decision}")]
    if answer.decision == trial.expected:
        lines = [("decided", answer.decision)]
    lines.append(("request", str(trial.request)))
    lines += _because(answer, authorizer.index)
    lines += [
        ("error", f"{authorizer.index.describe(policy)}: {message}")
        for policy, message in answer.errors
    ]
    if answer.decision != trial.expected:
        lines += [
            (
                "left out",
                f"{policy.effect} `{policy.id}` ({policy.location}) does not validate,"
                " which may explain this",
            )
            for policy in authorizer.left_out
            if may_explain(policy, answer.decision)
        ]
    return "\n".join(f"{label:<9} {text}" for label, text in lines)


def _because(answer: engine.Answer, index: PolicyIndex) -> list[tuple[str, str]]:
    if answer.reasons:
        verb = "permitted by" if answer.decision == "ALLOW" else "forbidden by"
        return [("because", f"{verb} {index.describe(reason)}") for reason in answer.reasons]
    return [("because", "no policy permits it (default deny)")]


def may_explain(policy: Policy, decision: str) -> bool:
    """Whether the absence of ``policy`` can lead to ``decision``: a missing forbid to ALLOW."""
    effect = policy.statement.effect
    return effect is None or (effect == "forbid") == (decision == "ALLOW")


def evaluation_findings(judged: Sequence[Judged], index: PolicyIndex) -> list[Finding]:
    """Errors while evaluating that no test expects: one finding a policy and message."""
    seen: dict[tuple[str, str], list[Trial]] = {}
    for one in judged:
        for error in one.answer.errors if one.answer else ():
            seen.setdefault(error, []).append(one.trial)
    return [_evaluation_finding(policy, text, at, index) for (policy, text), at in seen.items()]


def _evaluation_finding(
    policy: str, message: str, trials: Sequence[Trial], index: PolicyIndex
) -> Finding:
    first = trials[0]
    tests = "1 test" if len(trials) == 1 else f"{len(trials):,} tests"
    place: tuple[Location, ...] = (index.location(policy), *(one.location for one in trials[:9]))
    return Finding(
        rule=EVALUATION_ERROR,
        severity=Severity.MEDIUM,
        message=f"{index.describe(policy)} cannot be evaluated in {tests}: {message}",
        detail=f"first in {first.group} > {first.name}\nrequest   {first.request}",
        locations=place,
        fingerprint=f"{EVALUATION_ERROR}:{index.name(policy)}:{message}",
    )
