"""``unconstrained-permit``: everybody may, whatever the circumstances."""

from collections.abc import Iterator

from buildsteps.results import Severity
from buildsteps.steps.cedar.linting.rule import Problem, Rule
from buildsteps.steps.cedar.linting.subject import Member, Subject, excerpt


def _check(subject: Subject) -> Iterator[Problem]:
    """Permits of any principal without a condition; one action on one resource is meant so."""
    everybody = _types_everybody_has(subject)
    for one in subject.policies:
        about = {known[1] for known in one.constraints if len(known) > 2}
        conditions = [known for known in one.constraints if len(known) <= 2]
        if one.effect != "permit" or conditions:
            continue
        if "principal" in about and ("is", "principal", everybody) not in one.constraints:
            continue
        if _narrowed(one, "principal"):
            continue
        yield _problem(one, {"action", "resource"} & about)


def _narrowed(one: Member, variable: str) -> bool:
    return any(
        known[0] in ("==", "in", "any") and known[1] == variable for known in one.constraints
    )


def _types_everybody_has(subject: Subject) -> str:
    """The type of all principals, where there is one only: to demand it demands nothing."""
    actions = subject.model.actions.values() if subject.model else ()
    types = {name for action in actions for name in action.principals}
    return next(iter(types)) if len(types) == 1 else ""


def _problem(one: Member, held: set[str]) -> Problem:
    actions = "its actions" if "action" in held else "every action"
    resources = "its resource" if "resource" in held else "every resource"
    severity = (Severity.HIGH, Severity.MEDIUM, Severity.LOW)[len(held)]
    return Problem(
        message=f"{one.what} lets every principal take {actions} on {resources}:"
        " it names nobody, and has no condition",
        locations=(one.location,),
        key=one.id,
        detail=excerpt(one),
        fix="name the principals, or add a condition; if it is meant so, accept it with the reason",
        severity=severity,
    )


RULE = Rule(
    id="unconstrained-permit",
    title="Everybody may, without a condition",
    severity=Severity.MEDIUM,
    why="a permit for everybody is right for what is public, and a hole everywhere else",
    check=_check,
)
