"""Of what a SARIF file tells, that which a call asks about: its PATHs, without its --exclude."""

from msgspec.structs import replace

from buildsteps.reporting.text import counted
from buildsteps.steps.scan.settings import ScanOptions
from buildsteps.steps.scan.sighting import Scanned, Sighting
from buildsteps.steps.scan.subjects import Subjects, excluded


def selected(scan: Scanned, subjects: Subjects, options: ScanOptions) -> Scanned:
    """Keep the sightings in files that were asked for, and those that are in no file.

    Without a PATH all files count, also those that git does not track: a scanner may have unpacked
    an image or built something.
    """
    if subjects.whole and not options.exclude:
        return scan
    files = None if subjects.whole else frozenset(subjects.files)
    kept = [one for one in scan.sightings if _is_asked_for(one, files, options.exclude)]
    number = len(scan.sightings) - len(kept)
    notes = scan.notes
    if number:
        notes += (f"{counted(number, 'finding')} in other files left out",)
    read = scan.read if scan.read is None or files is None else scan.read & files
    return replace(
        scan, sightings=kept, notes=notes, read=read, partial=scan.partial or not subjects.whole
    )


def _is_asked_for(sighting: Sighting, files: frozenset[str] | None, globs: tuple[str, ...]) -> bool:
    if not sighting.locations:
        return True
    path = sighting.locations[0].path
    return (files is None or path in files) and not excluded(path, globs)
