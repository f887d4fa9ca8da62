"""``shadowed-policy``: another policy applies wherever this one does."""

from collections.abc import Iterator, Sequence

from buildsteps.results import Severity
from buildsteps.steps.cedar.linting.covering import Index, holds
from buildsteps.steps.cedar.linting.rule import Problem, Rule
from buildsteps.steps.cedar.linting.subject import Member, Subject, excerpt

_FEW = 3
"""If a policy covers more than so many, it is the one to look at, and told once."""


def _check(subject: Subject) -> Iterator[Problem]:
    """What is covered by a policy of its effect, or a permit by a forbid; duplicates left out."""
    covered: dict[int, list[Member]] = {}
    by_number = dict(enumerate(subject.deciding))
    for one, by in _covered(subject.deciding):
        covered.setdefault(by, []).append(one)
    for number, members in covered.items():
        by_one = by_number[number]
        own = [one for one in members if one.effect == by_one.effect]
        for some in (own, [one for one in members if one.effect != by_one.effect]):
            if len(some) > _FEW:
                yield _many(some, by_one)
            else:
                yield from (_problem(one, by_one) for one in some)


def _covered(members: Sequence[Member]) -> Iterator[tuple[Member, int]]:
    """Each policy that another covers, with the number of the first that does."""
    by_effect = {
        effect: [(number, one) for number, one in enumerate(members) if one.effect == effect]
        for effect in ("permit", "forbid")
    }
    indexes = {
        effect: Index([one.constraints for _, one in found]) for effect, found in by_effect.items()
    }
    for number, one in enumerate(members):
        for effect in ("forbid", "permit") if one.effect == "permit" else ("forbid",):
            found = (by_effect[effect][n] for n in indexes[effect].covering(one.consequences))
            by = next(
                (n for n, other in found if n != number and _tells(one, number, other, n)), -1
            )
            if by >= 0:
                yield one, by
                break


def _tells(one: Member, number: int, other: Member, other_number: int) -> bool:
    """Whether this is no duplicate; of two that cover each other only the later one is told."""
    if other.effect != one.effect:
        return True
    if other.constraints == one.constraints:
        return False
    mutual = all(holds(known, other.consequences) for known in one.constraints)
    return not mutual or other_number < number


def _problem(one: Member, by: Member) -> Problem:
    if by.effect != one.effect:
        said = f"{one.what} can never allow anything: {by.what} ({by.location}) forbids all of it"
        fix = "remove the permit, or narrow the forbid"
    else:
        said = f"{one.what} decides nothing: {by.what} ({by.location}) applies wherever it does"
        fix = f"remove it, or narrow `{by.id}` if that is too wide"
    return Problem(
        message=said,
        locations=(one.location, by.location),
        key=f"{one.id}:{by.id}",
        detail=excerpt(one),
        fix=fix,
    )


def _many(covered: Sequence[Member], by: Member) -> Problem:
    names = ", ".join(f"`{one.id}`" for one in covered[:_FEW])
    more = f"{names} and {len(covered) - _FEW:,} more"
    if by.effect == "forbid" and covered[0].effect == "permit":
        said = f"{by.what} forbids all that these permits allow: {more}"
        fix = "remove the permits, or narrow the forbid"
    else:
        said = f"{by.what} applies wherever these do, so they decide nothing: {more}"
        fix = "narrow it, or remove the others"
    return Problem(
        message=said,
        locations=(by.location, *(one.location for one in covered)),
        key=f"{by.id}:{covered[0].effect}",
        detail=excerpt(by),
        fix=fix,
    )


RULE = Rule(
    id="shadowed-policy",
    title="Another policy always covers this one",
    severity=Severity.MEDIUM,
    why="who changes it in the belief to change a decision changes nothing, and often the wider one"
    " is the mistake",
    check=_check,
)
