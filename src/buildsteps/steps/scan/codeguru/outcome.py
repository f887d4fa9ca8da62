"""What came of a scan: what was found, what was closed, and what nobody looked at."""

import datetime
from collections.abc import Sequence

from buildsteps.reporting.text import counted
from buildsteps.results import Case, Location, unjudged
from buildsteps.steps.scan.codeguru.answers import Answer, Finding
from buildsteps.steps.scan.codeguru.archive import Archive
from buildsteps.steps.scan.codeguru.findings import ENGINE, sighting_of
from buildsteps.steps.scan.codeguru.service import Run
from buildsteps.steps.scan.codeguru.tree import Left
from buildsteps.steps.scan.sighting import Scanned
from buildsteps.world.http import without_query


def left_out(archive: Archive) -> list[str]:
    """A sentence for each reason for which files are not in the archive."""
    lines = []
    for why in (Left.LINK, Left.SPECIAL, Left.GONE):
        paths = archive.left_for(why)
        if paths:
            more = f" and {len(paths) - 1:,} more" if len(paths) > 1 else ""
            lines.append(f"{counted(len(paths), why.value)} not sent: {paths[0]}{more}")
    return lines


def _unreadable(archive: Archive) -> tuple[Case, ...]:
    """What nobody has scanned, because it could not be read, is no success."""
    return tuple(
        unjudged(
            path,
            ENGINE,
            f"was not sent to CodeGuru Security: {archive.left[path].said}",
            kind="unreadable",
            locations=(Location(path=path),),
        )
        for path in archive.left_for(Left.UNREADABLE)
    )


def unsent(archive: Archive) -> tuple[Scanned, ...]:
    """There was nothing to send; what could not be read is told, all else is nothing to judge."""
    cases = _unreadable(archive)
    return (Scanned(engine=ENGINE, subject="nothing", cases=cases, partial=True),) if cases else ()


def scanned(archive: Archive, run: Run, answers: Sequence[Answer], endpoint: str) -> Scanned:
    """What came of a scan: its open findings, and how many this revision closed."""
    findings = [finding for answer in answers for finding in answer.findings]
    closed = sum(_was_closed(finding, run.created) for finding in findings)
    facts = {
        "scan_name": run.name,
        "run_id": run.id,
        "revision": run.revisions,
        "closed": closed,
        "endpoint": without_query(endpoint),
        "archive": {
            "files": len(archive.names),
            "bytes": archive.size,
            "unpacked": archive.unpacked,
            "sha256": archive.sha256,
        },
    }
    notes = (f"{counted(closed, 'finding')} closed since the last revision",) if closed else ()
    return Scanned(
        engine=ENGINE,
        subject=counted(len(archive.names), "file"),
        sightings=[sighting_of(one, archive.names) for one in findings if one.status != "Closed"],
        cases=_unreadable(archive),
        notes=(*notes, *left_out(archive)),
        facts=facts,
    )


def from_saved(answers: Sequence[Answer]) -> Scanned:
    """What saved answers hold; when their findings were closed, they may not say."""
    findings = [finding for answer in answers for finding in answer.findings]
    closed = sum(finding.status == "Closed" for finding in findings)
    return Scanned(
        engine=ENGINE,
        subject=counted(len(answers), "saved answer"),
        sightings=[sighting_of(one) for one in findings if one.status != "Closed"],
        notes=(f"{counted(closed, 'finding')} closed",) if closed else (),
        facts={"closed": closed},
    )


def _was_closed(finding: Finding, since: float) -> bool:
    """Whether this revision closed it; the others were closed by earlier ones."""
    updated = finding.updated_at
    moment = updated.timestamp() if isinstance(updated, datetime.datetime) else 0.0
    return finding.status == "Closed" and moment >= since
