"""CodeGuru Security: the files in one archive, a scan of it, and what that found."""

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from typing import BinaryIO

from buildsteps.errors import WorldError
from buildsteps.reporting.text import counted
from buildsteps.steps.scan.codeguru.archive import Archive, write_archive
from buildsteps.steps.scan.codeguru.names import scan_name
from buildsteps.steps.scan.codeguru.outcome import from_saved, left_out, scanned, unsent
from buildsteps.steps.scan.codeguru.saved import saved_answers
from buildsteps.steps.scan.codeguru.service import CodeGuru, service
from buildsteps.steps.scan.codeguru.sizes import size_text
from buildsteps.steps.scan.codeguru.upload import Door, ExpiredDoorError, upload
from buildsteps.steps.scan.codeguru.waiting import wait_for_end
from buildsteps.steps.scan.settings import ScanOptions
from buildsteps.steps.scan.sighting import Scanned
from buildsteps.steps.scan.subjects import Subjects
from buildsteps.world import World


def scan(subjects: Subjects, options: ScanOptions, world: World) -> tuple[Scanned, ...]:
    """Scan the files; see :class:`~buildsteps.steps.scan.engines.interface.Engine`."""
    if options.saved:
        return (from_saved(saved_answers(options.saved, world)),)
    name = scan_name(options, world)
    if not subjects.files:
        return ()
    started = world.clock.monotonic()
    codeguru = service(world, options.region)
    door = codeguru.door(name)
    with _temporary() as file:
        archive = write_archive(subjects.files, world, file)
        _tell(archive, name, world)
        if not archive.names:
            return unsent(archive)
        artifact = _sent(codeguru, name, door, file)
    run = codeguru.start(name, artifact)
    left = options.timeout - (world.clock.monotonic() - started)
    run = wait_for_end(codeguru, run, left)
    return (scanned(archive, run, codeguru.findings(name), codeguru.endpoint),)


def _sent(codeguru: CodeGuru, name: str, door: Door, file: BinaryIO) -> str:
    """Send the archive, where packing it took too long through a second door; give its name."""
    try:
        upload(door, file, codeguru.world, plain=codeguru.is_plain)
    except ExpiredDoorError:
        door = codeguru.door(name)
        upload(door, file, codeguru.world, plain=codeguru.is_plain)
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
    for line in left_out(archive):
        world.note(f"codeguru: {line}")
