"""CodeGuru Security: the files in one archive, a scan of it, and what that found."""

import datetime
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import BinaryIO

from buildsteps.errors import WorldError
from buildsteps.reporting.text import counted
from buildsteps.results import Case, Location, unjudged
from buildsteps.steps.scan.codeguru.answers import Answer, Finding
from buildsteps.steps.scan.codeguru.archive import Archive, size_text, write_archive
from buildsteps.steps.scan.codeguru.findings import ENGINE, sighting_of
from buildsteps.steps.scan.codeguru.names import scan_name
from buildsteps.steps.scan.codeguru.saved import saved_answers
from buildsteps.steps.scan.codeguru.service import CodeGuru, Run, service
from buildsteps.steps.scan.codeguru.tree import Left
from buildsteps.steps.scan.codeguru.upload import Door, ExpiredDoorError, upload
from buildsteps.steps.scan.codeguru.waiting import wait_for_end
from buildsteps.steps.scan.settings import ScanOptions
from buildsteps.steps.scan.sighting import Scanned
from buildsteps.steps.scan.subjects import Subjects
from buildsteps.world import World


def scan(subjects: Subjects, options: ScanOptions, world: World) -> tuple[Scanned, ...]:
    """Scan the files; see :class:`~buildsteps.steps.scan.engines.interface.Engine`."""
    if options.saved:
        return (_from_saved(saved_answers(options.saved, world)),)
    name = scan_name(options, world)
    if not subjects.files:
        return ()
    started = world.clock.monotonic()
    codeguru = service(world, options.region)
    door = codeguru.door(name)
    with _temporary() as file:
        archive = write_archive(subjects.files, str(world.cwd), file)
        _tell(archive, name, world)
        if not archive.names:
            return ()
        artifact = _sent(codeguru, name, door, file)
    run = codeguru.start(name, artifact)
    left = options.timeout - (world.clock.monotonic() - started)
    run = wait_for_end(codeguru, run, left)
    return (_scanned(archive, run, codeguru.findings(name), codeguru),)


def _sent(codeguru: CodeGuru, name: str, door: Door, file: BinaryIO) -> str:
    """Send the archive, where packing it took too long through a second door; give its name."""
    try:
        upload(door, file, codeguru.world.http, plain=codeguru.plain)
    except ExpiredDoorError:
        door = codeguru.door(name)
        upload(door, file, codeguru.world.http, plain=codeguru.plain)
    return door.artifact


@contextmanager
def _temporary() -> Iterator[BinaryIO]:
    """A file without a name: it is gone however this process ends, and no scan finds it.

    Raises:
        WorldError: there is no folder for it.
    """
    try:
        file = tempfile.TemporaryFile(prefix="buildsteps-codeguru-")  # noqa: SIM115 - below
    except OSError as error:
        reason = (error.strerror or str(error)).lower()
        raise WorldError(
            f"there is no folder for the archive: {reason}; TMPDIR names one"
        ) from None
    with file:
        yield file


def _tell(archive: Archive, name: str, world: World) -> None:
    sizes = f"{size_text(archive.unpacked)}, {size_text(archive.size)} packed"
    world.progress(
        f"codeguru: scan {name}: {counted(len(archive.names), 'file')} ({sizes}) to send"
    )
    for line in _left_out(archive):
        world.note(f"codeguru: {line}")


def _left_out(archive: Archive) -> list[str]:
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


def _scanned(archive: Archive, run: Run, answers: Sequence[Answer], codeguru: CodeGuru) -> Scanned:
    findings = [finding for answer in answers for finding in answer.findings]
    closed = sum(_was_closed(finding, run.created) for finding in findings)
    facts = {
        "scan_name": run.name,
        "run_id": run.id,
        "revision": run.revisions,
        "closed": closed,
        "stand_in": codeguru.stand_in,
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
        notes=(*notes, *_left_out(archive)),
        facts=facts,
    )


def _from_saved(answers: Sequence[Answer]) -> Scanned:
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
