"""Conventions for annotations.

The rules ``missing-annotation``, ``duplicate-annotation-id`` and ``id-differs-from-file``.
"""

import json
from collections.abc import Iterator

from buildsteps.results import Severity
from buildsteps.steps.cedar.linting.rule import Edit, Problem, Rule
from buildsteps.steps.cedar.linting.subject import Member, Subject, excerpt
from buildsteps.steps.cedar.text.syntax import is_writable, quoted


def _check_missing(subject: Subject) -> Iterator[Problem]:
    """Policies and templates without an annotation that the option ``annotations`` asks for."""
    taken = {one.policy.statement.id_annotation for one in subject.policies}
    for one in subject.policies:
        for name in subject.required:
            if not one.tree.get("annotations", {}).get(name):
                edit = _named(one) if name == "id" and one.id not in taken else None
                yield Problem(
                    message=f"{one.what} has no `@{name}`",
                    locations=(one.location,),
                    key=f"{one.id}:{name}",
                    detail=excerpt(one),
                    fix=f'write `@{name}("...")` before it'
                    + (f"; --fix writes `@id({json.dumps(one.id)})`" if edit else ""),
                    edit=edit,
                )


def _named(one: Member) -> Edit | None:
    """Write the id that the policy has already, so that nobody who knows it is surprised."""
    if one.policy.rendered or not is_writable(one.id) or "id" in one.tree.get("annotations", {}):
        return None
    start = one.policy.statement.start
    line_end = "\r\n" if "\r\n" in one.policy.file.source.text else "\n"
    return Edit(one.policy.file, start, start, f"@id({quoted(one.id)}){line_end}")


def _check_duplicates(subject: Subject) -> Iterator[Problem]:
    """Policies whose ``@id`` another policy has already."""
    first: dict[str, Member] = {}
    for one in subject.policies:
        name = one.tree.get("annotations", {}).get("id")
        known = first.setdefault(name, one) if name else one
        if known is not one:
            yield Problem(
                message=f"{one.what} has the `@id` of {known.what} ({known.location})",
                locations=(one.location, known.location),
                key=str(name),
                detail=excerpt(one),
                fix="give each an id of its own",
            )


def _check_file(subject: Subject) -> Iterator[Problem]:
    """A policy alone in its file whose ``@id`` is not the file's name."""
    for one in subject.policies:
        file = one.policy.file
        name = one.tree.get("annotations", {}).get("id")
        stem = file.name.rsplit("/", 1)[-1].removesuffix(".json").removesuffix(".cedar")
        if name and name != stem and len(file.statements) + len(file.from_json) == 1:
            yield Problem(
                message=f"{one.what} stands in a file of another name, `{file.name}`",
                locations=(one.location,),
                key=str(name),
                detail=excerpt(one),
                fix=f"call the file `{name}.cedar`, or give the policy the id `{stem}`",
            )


MISSING = Rule(
    id="missing-annotation",
    title="A policy lacks an annotation",
    severity=Severity.MEDIUM,
    why="the option `annotations` says that every policy has it, and somebody may read it",
    check=_check_missing,
)
DUPLICATE = Rule(
    id="duplicate-annotation-id",
    title="Two policies have the same @id",
    severity=Severity.MEDIUM,
    why="nobody can tell from a decision's reasons which of them it was, and some tools refuse it",
    check=_check_duplicates,
)
FILE = Rule(
    id="id-differs-from-file",
    title="A policy's @id is not the name of its file",
    severity=Severity.LOW,
    why="who looks for a policy by its id looks for a file of that name",
    check=_check_file,
    by_default=False,
)
