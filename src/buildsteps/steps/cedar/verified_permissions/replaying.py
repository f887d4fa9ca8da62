"""Does the service decide as the engine here does? The tests asked again, of BatchIsAuthorized."""

from collections.abc import Callable, Iterator, Mapping, Sequence

from msgspec import Struct, field

from buildsteps.reporting.text import counted
from buildsteps.results import Case, Cause, Finding, Location, Outcome, Severity, unjudged
from buildsteps.steps.cedar.policies.policy import PolicyIndex
from buildsteps.steps.cedar.text.entity_uids import uids_in
from buildsteps.steps.cedar.trials.decisions import Judged
from buildsteps.steps.cedar.trials.trial import EntitySource
from buildsteps.steps.cedar.verified_permissions.answers import Decided
from buildsteps.steps.cedar.verified_permissions.api import THREADS, Api
from buildsteps.steps.cedar.verified_permissions.batches import (
    Batch,
    Question,
    Unaskable,
    api_request,
    batches,
)
from buildsteps.steps.cedar.verified_permissions.entity_slices import EntityPool
from buildsteps.steps.cedar.verified_permissions.rule_names import OTHER_REASON
from buildsteps.world import World
from buildsteps.world.aws import AwsError
from buildsteps.world.concurrency import threaded_map
from buildsteps.world.heartbeat import watched

GROUP = "BatchIsAuthorized"
_REFUSED = "ValidationException"

Answer = Decided | AwsError


class Replay(Struct):
    """What the replay gave."""

    cases: list[Case] = field(default_factory=list)
    findings: list[Finding] = field(default_factory=list)
    asked: int = 0
    batches: int = 0


def replay(
    judged: Sequence[Judged],
    entities: Callable[[EntitySource], str],
    mentions: str,
    index: PolicyIndex,
    names: Mapping[str, str],
    api: Api,
    world: World,
) -> Replay:
    """Ask the service what the engine here was asked, and compare.

    ``entities`` gives those of a test as Cedar's JSON, ``mentions`` the text in which policies may
    name more, ``names`` our ids of policies by the service's. A test that the engine here could not
    decide is not asked. Where AWS fails, that is one error case, and what was judged stays.
    """
    planned = list(_planned(judged, entities, mentions))
    unaskable = {one.question.number: one.why for one in planned if isinstance(one, Unaskable)}
    asked = [one for one in planned if isinstance(one, Batch)]
    found = Replay(batches=len(asked))
    answers: dict[int, Answer] = {}
    failure: AwsError | None = None
    try:
        told_by_batch = threaded_map(lambda one: _ask(one, api), asked, THREADS)
        watch = watched(told_by_batch, len(asked), f"batches of {GROUP}", world)
        for batch, told in zip(asked, watch, strict=True):
            numbers = (one.number for one in batch.questions)
            answers |= dict(zip(numbers, told, strict=True))
    except AwsError as error:
        failure = error
    for number, one in enumerate(judged):
        if number in unaskable:
            found.cases.append(_case(one, Outcome.SKIPPED, f"not replayed: {unaskable[number]}"))
        elif number in answers:
            found.asked += 1
            _judge(one, answers[number], index, names, found)
    if failure is not None:
        left = sum(len(one.questions) for one in asked) - found.asked
        message = f"{failure.message}; {counted(left, 'test')} not replayed"
        found.cases.append(unjudged(GROUP, GROUP, message, kind="aws", cause=Cause.WORLD))
    return found


def _planned(
    judged: Sequence[Judged], entities: Callable[[EntitySource], str], mentions: str
) -> Iterator[Batch | Unaskable]:
    by_source: dict[EntitySource, list[Question]] = {}
    for number, one in enumerate(judged):
        if one.answer and one.answer.decision and one.trial.request:
            question = Question(number, one.trial.request)
            by_source.setdefault(one.trial.entities, []).append(question)
    named = uids_in(mentions)
    for source, questions in by_source.items():
        yield from batches(questions, EntityPool(entities(source)), named)


def _ask(batch: Batch, api: Api) -> list[Answer]:
    """The answers of a batch; where the service refuses it, its requests are asked one by one."""
    requests = [api_request(one.request) for one in batch.questions]
    try:
        return list(api.decisions(requests, batch.entities))
    except AwsError as error:
        if error.code != _REFUSED:
            raise
        if len(requests) == 1:
            return [error]
    return [
        answer for one in batch.questions for answer in _ask(Batch((one,), batch.entities), api)
    ]


def _judge(
    one: Judged, told: Answer, index: PolicyIndex, names: Mapping[str, str], found: Replay
) -> None:
    if one.answer is None:
        raise AssertionError("only what was decided here is asked there")
    if isinstance(told, AwsError):
        message = f"{one.answer.decision} here, but the service refuses the request: {told.said}"
        found.cases.append(_case(one, Outcome.FAILED, message, kind="refused"))
        return
    ours = sorted(index.name(policy) for policy in one.answer.reasons)
    theirs = sorted(names.get(p.policy_id, p.policy_id) for p in told.determining_policies)
    if told.decision != one.answer.decision:
        message = f"the service says {told.decision}, and the engine here {one.answer.decision}"
        detail = _detail(one, ours, theirs, [error.error_description for error in told.errors])
        found.cases.append(_case(one, Outcome.FAILED, message, kind="decision", detail=detail))
        return
    found.cases.append(_case(one, Outcome.PASSED, ""))
    if ours != theirs:
        found.findings.append(_other_reason(one, ours, theirs))


def _detail(one: Judged, ours: Sequence[str], theirs: Sequence[str], errors: Sequence[str]) -> str:
    lines = [
        f"request   {one.trial.request}",
        f"here      decided by {_listed(ours)}",
        f"service   decided by {_listed(theirs)}",
    ]
    return "\n".join([*lines, *(f"error     {text}" for text in errors)])


def _listed(names: Sequence[str]) -> str:
    return ", ".join(f"`{name}`" for name in names) or "no policy"


def _other_reason(one: Judged, ours: Sequence[str], theirs: Sequence[str]) -> Finding:
    name = f"{one.trial.group} > {one.trial.name}"
    return Finding(
        rule=OTHER_REASON,
        severity=Severity.LOW,
        message=f"{name}: the same decision, but by {_listed(theirs)} in the service"
        f" and by {_listed(ours)} here",
        locations=(one.trial.location,),
        fingerprint=f"{OTHER_REASON}:{name}",
    )


def _case(one: Judged, outcome: Outcome, message: str, *, kind: str = "", detail: str = "") -> Case:
    places: tuple[Location, ...] = (one.trial.location,)
    return Case(
        name=f"{one.trial.group} > {one.trial.name}",
        group=GROUP,
        outcome=outcome,
        kind=kind,
        message=message,
        detail=detail,
        locations=places,
    )
