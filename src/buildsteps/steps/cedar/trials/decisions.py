"""Do the policies decide as the tests say? Each decision judged, and explained when wrong."""

from collections.abc import Callable, Iterator, Sequence
from itertools import groupby
from typing import TYPE_CHECKING

from msgspec import Struct

from buildsteps.errors import BuildstepsError
from buildsteps.reporting.text import printable
from buildsteps.results import Case, Finding, Location, Outcome, Severity, unjudged
from buildsteps.steps.cedar import engine
from buildsteps.steps.cedar.policies.checks import VALIDATE
from buildsteps.steps.cedar.policies.policy import LeftOut, PolicyIndex
from buildsteps.steps.cedar.trials.entities import EntityData
from buildsteps.steps.cedar.trials.expectations import complaint
from buildsteps.steps.cedar.trials.request import Request
from buildsteps.steps.cedar.trials.trial import EntitySource, Trial

EVALUATION_ERROR = "evaluation-error"

if TYPE_CHECKING:
    from buildsteps.steps.cedar.answers.near_miss import Probes

_BATCH = 256


class Authorizer(Struct, frozen=True, kw_only=True):
    """Valid policies, ready to be asked; ``probes`` gives their parts, by effect.

    ``folder`` is that of the store, as messages show it. ``left_out`` says of each policy that
    does not validate what it is; ``entities`` loads those of a test; ``suggest`` gives what may
    be meant, for the end of what the engine complains of about a request.
    """

    folder: str
    policies: engine.PolicySet
    index: PolicyIndex
    left_out: tuple[LeftOut, ...]
    entities: Callable[[EntitySource], EntityData]
    schema: engine.Schema | None
    suggest: Callable[[str, Request], str]
    probes: "Callable[[str], Probes]"


class Judged(Struct, frozen=True, kw_only=True):
    """A test with the engine's answer, None where it could not or should not be asked.

    The case of entities that cannot be judged stands with the first test that sees them.
    """

    trial: Trial
    case: Case
    answer: engine.Answer | None = None


def decide(
    trials: Sequence[Trial], authorizer: Authorizer, *, batch: int = _BATCH, explain: bool = False
) -> Iterator[Judged]:
    """Judge the tests in order; ``explain`` adds the reason to those that pass, too."""
    told: dict[object, str] = {}
    for source, same in groupby(trials, key=lambda trial: trial.entities):
        members = list(same)
        entities = authorizer.entities(source)
        if entities.error is not None:
            yield from _without_entities(members, entities.error, authorizer.folder, told)
            continue
        for start in range(0, len(members), batch):
            yield from _decide_batch(members[start : start + batch], entities, authorizer, explain)


def _decide_batch(
    trials: Sequence[Trial], entities: EntityData, authorizer: Authorizer, explain: bool
) -> Iterator[Judged]:
    requests = [trial.request.arguments() for trial in trials if trial.request and not trial.skip]
    answers = iter(
        engine.authorize(requests, authorizer.policies, entities.handle, authorizer.schema)
        if requests
        else ()
    )
    for trial in trials:
        if trial.skip:
            yield Judged(trial=trial, case=_skipped(trial, trial.skip))
        elif trial.request is None:
            yield Judged(trial=trial, case=_unjudgeable(trial, trial.error))
        else:
            answer = next(answers)
            case = _case(trial, answer, entities, authorizer, explain=explain)
            yield Judged(trial=trial, case=case, answer=answer)


def _without_entities(
    trials: Sequence[Trial], error: BuildstepsError, folder: str, told: dict[object, str]
) -> Iterator[Judged]:
    """Say what is wrong with the entities once; the tests that see them are skipped.

    A mistake in a file is a case of that file, one in a test itself of the first such test.
    ``told`` keeps, by mistake, why the tests are skipped.
    """
    mistake = (error.location, error.message)
    for trial in trials:
        if trial.skip:
            yield Judged(trial=trial, case=_skipped(trial, trial.skip))
        elif trial.request is None:
            yield Judged(trial=trial, case=_unjudgeable(trial, trial.error))
        elif error.location is None and mistake not in told:
            told[mistake] = f"it sees the entities of `{trial.name}`, which are not valid"
            yield Judged(trial=trial, case=_unjudgeable(trial, error))
        else:
            if error.location is not None and mistake not in told:
                told[mistake] = f"{error.location.path} is not valid"
                yield Judged(trial=trial, case=_entities_case(error, error.location, folder))
            yield Judged(trial=trial, case=_skipped(trial, told[mistake]))


def _entities_case(error: BuildstepsError, place: Location, folder: str) -> Case:
    name = f"{VALIDATE} {place.path.removeprefix(f'{folder}/')}"
    places = (place,)
    return unjudged(
        name, VALIDATE, error.message, kind="entities", locations=places, detail=error.detail
    )


def _skipped(trial: Trial, why: str) -> Case:
    return Case(
        name=trial.name,
        group=trial.group,
        outcome=Outcome.SKIPPED,
        message=why,
        locations=(trial.location,),
    )


def _unjudgeable(trial: Trial, error: BuildstepsError | None) -> Case:
    if error is None:
        return _request_error(trial, "the test has no request")
    return _request_error(trial, error.message, error.detail, error.location)


def _request_error(
    trial: Trial, message: str, detail: str = "", place: Location | None = None
) -> Case:
    places = (place or trial.location,)
    return unjudged(
        trial.name, trial.group, message, kind="request", locations=places, detail=detail
    )


def _case(
    trial: Trial,
    answer: engine.Answer,
    entities: EntityData,
    authorizer: Authorizer,
    *,
    explain: bool,
) -> Case:
    if not answer.decision and trial.request:
        from buildsteps.steps.cedar.trials.request_mistakes import no_uid

        hint = authorizer.suggest(answer.message, trial.request)
        message = no_uid(answer.message, trial.request) or answer.message + hint
        return _request_error(trial, message, f"request   {trial.request}")
    wrong = complaint(trial.expected, answer, authorizer.index.called)
    detail = ""
    if wrong or explain:
        from buildsteps.steps.cedar.answers.explanation import explanation

        detail = explanation(trial, answer, entities, authorizer)
    return Case(
        name=trial.name,
        group=trial.group,
        outcome=Outcome.FAILED if wrong else Outcome.PASSED,
        kind=wrong.kind if wrong else "",
        message=wrong.message if wrong else "",
        detail=detail,
        seconds=answer.seconds,
        locations=(trial.location,),
    )


def evaluation_findings(judged: Sequence[Judged], index: PolicyIndex) -> list[Finding]:
    """Errors while evaluating that no test expects: one finding a policy and message."""
    seen: dict[tuple[str, str], list[Trial]] = {}
    for one in judged:
        if one.trial.expected.errors is not None:
            continue
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
        detail="\n".join(
            printable(line)
            for line in (f"first in {first.group} > {first.name}", f"request   {first.request}")
        ),
        locations=place,
        fingerprint=f"{EVALUATION_ERROR}:{index.name(policy)}:{message}",
    )
