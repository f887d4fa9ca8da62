"""The cases of ``cedar-lint``: one for each file that was looked at."""

from collections.abc import Iterator, Sequence

from buildsteps.results import Case, Finding, Location, Outcome, Severity
from buildsteps.steps.cedar.linting.settings import Level
from buildsteps.steps.cedar.linting.subject import Subject

GROUP = KIND = "lint"

_ORDER = [one.value for one in Severity]


def stops(finding: Finding, fail_on: Level) -> bool:
    """Whether a finding stops the build: severe enough, and not accepted."""
    if finding.accepted or fail_on == "never":
        return False
    return _ORDER.index(finding.severity.value) <= _ORDER.index(fail_on)


def of_store(subject: Subject, findings: Sequence[Finding], fail_on: Level) -> Iterator[Case]:
    """A case for each file of the store: passed, or failed for all that stops in it."""
    stopping: dict[str, list[Finding]] = {}
    for finding in findings:
        if stops(finding, fail_on):
            stopping.setdefault(finding.locations[0].path, []).append(finding)
    too_deep = {one.file.source.path: one for one in subject.too_deep}
    for path, name in _files(subject).items():
        mine = stopping.pop(path, [])
        if mine:
            yield _failed(name, path, mine)
        elif path in too_deep:
            yield _skipped(name, too_deep[path].location)
        else:
            yield Case(
                name=f"{KIND} {name}",
                group=GROUP,
                outcome=Outcome.PASSED,
                locations=(Location(path=path),),
            )
    for path, mine in stopping.items():
        yield _failed(path.rsplit("/", 1)[-1], path, mine)


def _files(subject: Subject) -> dict[str, str]:
    """The files that were looked at, by the path that people know, with their names.

    An invalid policy file was not, and the schema is only where a policy is there to use it.
    """
    inputs = subject.inputs
    held = {id(one.policy.file) for one in subject.policies}
    held |= {id(one.file) for one in subject.too_deep}
    files = {one.source.path: one.name for one in inputs.files if id(one) in held}
    if inputs.schema_path and inputs.model and files:
        files[inputs.schema_path] = inputs.schema_path.rsplit("/", 1)[-1]
    for one in subject.members:
        if one.kind == "link":
            files.setdefault(one.location.path, one.location.path.rsplit("/", 1)[-1])
    return files


def _failed(name: str, path: str, found: Sequence[Finding]) -> Case:
    more = f" (and {len(found) - 1} more)" if len(found) > 1 else ""
    return Case(
        name=f"{KIND} {name}",
        group=GROUP,
        outcome=Outcome.FAILED,
        kind=found[0].rule,
        message=found[0].message + more,
        detail="\n".join(f"{one.locations[0]}: {one.message} [{one.rule}]" for one in found),
        locations=tuple(one.locations[0] for one in found) or (Location(path=path),),
        findings=tuple(one.fingerprint for one in found),
    )


def _skipped(name: str, place: Location) -> Case:
    return Case(
        name=f"{KIND} {name}",
        group=GROUP,
        outcome=Outcome.SKIPPED,
        message="its conditions are nested too deeply to be looked at",
        locations=(place,),
    )
