"""A finding that stops unless somebody accepted it: a case that waits for the acceptances."""

from collections.abc import Iterable, Sequence

from msgspec import Struct
from msgspec.structs import replace

from buildsteps.results import Case, Finding, Location, Outcome, Severity


class Held(Struct, frozen=True):
    """A failed case, and the finding whose acceptance lets it pass."""

    case: Case
    finding: Finding


def held(
    rule: str,
    group: str,
    name: str,
    message: str,
    locations: tuple[Location, ...],
    *,
    detail: str = "",
    fix: str = "",
) -> Held:
    """Something that is wrong."""
    finding = Finding(
        rule=rule,
        severity=Severity.HIGH,
        message=message,
        locations=locations,
        detail=detail,
        fix=fix,
        fingerprint=f"{rule}:{locations[0].path}:{name}",
    )
    case = Case(
        name=name,
        group=group,
        outcome=Outcome.FAILED,
        kind=rule,
        message=message,
        detail="\n".join(part for part in (detail, f"fix  {fix}" if fix else "") if part),
        locations=locations,
        findings=(finding.fingerprint,),
    )
    return Held(case, finding)


def released(waiting: Sequence[Held], settled: Iterable[Finding]) -> list[Case]:
    """The cases, those passed whose finding was accepted."""
    accepted = {one.fingerprint: one.accepted for one in settled if one.accepted}
    return [_released(one.case, accepted.get(one.finding.fingerprint, "")) for one in waiting]


def _released(case: Case, reason: str) -> Case:
    if not reason:
        return case
    return replace(
        case,
        outcome=Outcome.PASSED,
        kind="",
        message=f"accepted: {reason}",
        detail="",
        findings=(),
    )
