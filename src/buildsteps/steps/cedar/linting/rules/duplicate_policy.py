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
    kept = _kept(one, known)
    return Problem(
        message=f"{one.what} means the same as {known.what} ({known.location})",
        locations=(one.location, known.location),
        key=f"{one.id}:{known.id}",
        detail=excerpt(one),
        fix=f"remove one of them; --fix {f'does not: {kept}' if kept else 'removes the second'}",
        edit=None if kept else _removal(one),
    )


def _kept(one: Member, known: Member) -> str:
    """Why the second is not taken away: that would lose more than a policy; empty where it is.

    Annotations may be read by somebody, a file that would be empty is to be deleted by its owner,
    and policies without ``@id`` are known by their position: those behind it would change names.
    """
    file = one.policy.file
    if one.kind != "policy" or known.kind != "policy":
        return "a template or a link is one of them"
    if one.policy.rendered:
        return "it stands in JSON"
    if len(file.statements) < 2:
        return "its file would be empty"
    if _annotations(one.tree) != _annotations(known.tree):
        return "their annotations differ"
    if any(later.id_annotation is None for later in _behind(one)):
        return "a policy without `@id` after it would get another name"
    return ""


def _removal(one: Member) -> Edit:
    file = one.policy.file
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
