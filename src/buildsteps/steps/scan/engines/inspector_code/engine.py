"""``inspector-code``: scan the connected repository, wait, and take its findings."""

from collections.abc import Mapping, Sequence
from typing import Any

from buildsteps.errors import UsageError
from buildsteps.reporting.text import printable
from buildsteps.results import Location
from buildsteps.steps.scan.engines.inspector_code.findings import Finding, page_of, sightings_of
from buildsteps.steps.scan.engines.inspector_code.paths import Placing
from buildsteps.steps.scan.engines.inspector_code.project import Project, project_of
from buildsteps.steps.scan.engines.inspector_code.scanning import CodeScan, Scanning
from buildsteps.steps.scan.engines.saved import Saved, saved_for, told_of
from buildsteps.steps.scan.settings import ScanOptions
from buildsteps.steps.scan.sighting import Scanned
from buildsteps.steps.scan.subjects import Subjects
from buildsteps.world import World, git
from buildsteps.world.aws import Aws

PAGE = 100
SHOWN_COMMIT = 12


def scan(_subjects: Subjects, options: ScanOptions, world: World) -> tuple[Scanned, ...]:
    """Scan the project; see :class:`~buildsteps.steps.scan.engines.interface.Engine`."""
    if options.saved:
        saved = saved_for("inspector-code", options, world)
        return tuple(_of_saved(one, options.project, world) for one in saved)
    if not options.project:
        raise UsageError("the engine inspector-code needs --project: the id of a connected project")
    project = project_of(options.project, world.aws, options.region)
    scanning = Scanning(project.id, world.aws, world.clock, options.region, world.note)
    done = scanning.done(options.timeout)
    findings = findings_of(project, world.aws, options.region)
    return (_scanned(project, done, findings, world),)


def findings_of(project: Project, aws: Aws, region: str) -> list[Finding]:
    """All findings of the project that are open or suppressed.

    The API filters by the project's name. What the id of a finding's resource looks like is not
    documented, so it decides only between projects of the same name.
    """
    request = {"filterCriteria": criteria(project), "maxResults": PAGE}
    return [
        finding
        for answer in aws.pages("inspector2", "ListFindings", request, region=region)
        for finding in page_of(answer).findings
        if project.only or finding.is_of(project.id)
    ]


def criteria(project: Project) -> Mapping[str, Any]:
    """The filter of ``ListFindings`` for this project."""

    def equals(*values: str) -> list[dict[str, str]]:
        return [{"comparison": "EQUALS", "value": value} for value in values]

    return {
        "resourceType": equals("CODE_REPOSITORY"),
        "findingStatus": equals("ACTIVE", "SUPPRESSED"),
        "codeRepositoryProjectName": equals(project.name),
    }


def _of_saved(one: Saved, project: str, world: World) -> Scanned:
    """What the service answered once, of the project if one is named."""
    with told_of(one.path):
        findings = page_of(one.answer).findings
    meant = [one for one in findings if one.of_code and (not project or one.is_called(project))]
    if findings and not meant:
        of = f"the project {project}" if project else "a code repository"
        raise UsageError(f"holds findings, but none of {printable(of)}", Location(one.path))
    return Scanned(
        engine="inspector-code",
        subject=printable(project or one.path),
        sightings=sightings_of(meant, Placing(world)),
        facts={"saved": one.path},
    )


def _scanned(
    project: Project, done: CodeScan, findings: Sequence[Finding], world: World
) -> Scanned:
    head = git.head(world, world.cwd)
    return Scanned(
        engine="inspector-code",
        subject=printable(project.name or project.id),
        sightings=sightings_of(findings, Placing(world)),
        notes=tuple(_notes(done, head)),
        facts={
            "project": project.id,
            "project_name": project.name,
            "scan": done.scan_id,
            "status": done.status,
            "commit": done.last_commit_id,
            "head": head,
        },
    )


def _notes(done: CodeScan, head: str) -> list[str]:
    commit = done.last_commit_id
    notes = []
    if done.status == "SKIPPED":
        why = done.status_reason or "the commit had been scanned before"
        notes.append(f"Amazon Inspector skipped the scan: {printable(why)}")
    if commit and head and commit != head:
        notes.append(
            f"Amazon Inspector scanned commit {printable(commit[:SHOWN_COMMIT])}, "
            f"and HEAD is {head[:SHOWN_COMMIT]}: what changed since then is not judged"
        )
    return notes
