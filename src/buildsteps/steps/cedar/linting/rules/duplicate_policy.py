"""``duplicate-policy``: two policies mean the same."""

from collections.abc import Iterator, Mapping
from typing import Any

from buildsteps.results import Severity
from buildsteps.steps.cedar.linting.places import whole_lines
from buildsteps.steps.cedar.linting.rule import Edit, Problem, Rule
from buildsteps.steps.cedar.linting.subject import Member, Subject, excerpt
from buildsteps.steps.cedar.text.syntax import Statement


def _check(subject: Subject) -> Iterator[Problem]:
    """Policies of one effect with the same constraints, and templates likewise."""
    first: dict[object, Member] = {}
    for one in subject.members:
        key = (one.effect, one.kind == "template", one.constraints)
        known = first.setdefault(key, one)
        if known is not one:
            yield _problem(one, known)


def _problem(one: Member, known: Member) -> Problem:
    edit = _removal(one, known)
    return Problem(
        message=f"{one.what} means the same as {known.what} ({known.location})",
        locations=(one.location, known.location),
        key=f"{one.id}:{known.id}",
        detail=excerpt(one),
        fix="remove one of them" + ("; --fix removes the second" if edit else ""),
        edit=edit,
    )


def _removal(one: Member, known: Member) -> Edit | None:
    """How to take the second away; None where that would lose more than a policy.

    Annotations may be read by somebody, a file that would be empty is to be deleted by its owner,
    and policies without ``@id`` are known by their position: those behind it would change names.
    """
    file = one.policy.file
    if one.kind != "policy" or known.kind != "policy" or one.policy.rendered:
        return None
    if len(file.statements) < 2 or _annotations(one.tree) != _annotations(known.tree):
        return None
    if any(later.id_annotation is None for later in _behind(one)):
        return None
    start, end = whole_lines(file.source.text, one.policy.statement)
    return Edit(file, start, end, "")


def _behind(one: Member) -> list[Statement]:
    return [
        other for other in one.policy.file.statements if other.start > one.policy.statement.start
    ]


def _annotations(tree: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in tree.get("annotations", {}).items() if name != "id"}


RULE = Rule(
    id="duplicate-policy",
    title="Two policies mean the same",
    severity=Severity.MEDIUM,
    why="who changes one of them in the belief to change a decision changes nothing",
    check=_check,
)
