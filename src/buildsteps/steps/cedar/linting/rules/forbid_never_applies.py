"""``forbid-never-applies``: a forbid that protects nothing."""

from collections.abc import Iterator

from buildsteps.results import Severity
from buildsteps.steps.cedar.linting.covering import contradiction
from buildsteps.steps.cedar.linting.rule import Problem, Rule
from buildsteps.steps.cedar.linting.subject import Member, Subject, excerpt
from buildsteps.steps.cedar.policies import validation


def _check(subject: Subject) -> Iterator[Problem]:
    """What contradicts itself, then what the type checker knows to be false for all requests."""
    impossible = _impossible(subject)
    for one in subject.members:
        if one.effect != "forbid":
            continue
        why = contradiction(one.consequences)
        if not why and one.kind != "link" and id(one.policy) in impossible:
            why = "its scope or conditions are false for every request that the schema allows"
        if why:
            yield _problem(one, why)


def _impossible(subject: Subject) -> set[int]:
    """The policies that validation found impossible already; it says so by their places."""
    told = (one for one in subject.validated.findings if one.rule == validation.IMPOSSIBLE)
    places = {one.locations[0] for one in told}
    return {id(one.policy) for one in subject.policies if places and one.location in places}


def _problem(one: Member, why: str) -> Problem:
    return Problem(
        message=f"{one.what} never applies: {why}",
        locations=(one.location,),
        key=one.id,
        detail=excerpt(one),
        fix="correct the condition that is never true, or remove the policy",
    )


RULE = Rule(
    id="forbid-never-applies",
    title="A forbid that never applies",
    severity=Severity.HIGH,
    why="what it should forbid is not forbidden",
    check=_check,
)
