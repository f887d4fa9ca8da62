"""What is to be scanned: the files below the paths of a call, as git and we count them."""

import stat
from collections.abc import Iterable
from fnmatch import fnmatchcase

from msgspec import Struct

from buildsteps.errors import UsageError
from buildsteps.reporting.text import counted
from buildsteps.steps.scan.settings import ScanOptions
from buildsteps.steps.scan.walking import Found, below
from buildsteps.world import World


class Subjects(Struct, frozen=True, kw_only=True):
    """The files of a scan, as we show paths, sorted.

    ``whole`` tells that they are all of the project: only then is what nobody saw again fixed.
    """

    files: tuple[str, ...]
    whole: bool = True

    def of_kind(self, *suffixes: str) -> tuple[str, ...]:
        """The files with one of these endings, such as ``.py``."""
        return tuple(path for path in self.files if path.endswith(suffixes))


def subjects_of(options: ScanOptions, world: World) -> Subjects:
    """Find the files that git tracks or would take, or all where there is no repository.

    A file that is named is taken, ignored or not, unless ``exclude`` leaves it out. Symbolic links
    are not followed: what they lead to is scanned where it stands, if it belongs to the folder.
    One that is named is followed where it leads to a file of the working folder.

    Raises:
        UsageError: a path is not there, or is neither file nor folder.
    """
    found: set[str] = set()
    for text in options.paths or (".",):
        found.update(_named(text, world))
    kept = (path for path in found if not excluded(path, options.exclude))
    return Subjects(files=tuple(sorted(kept)), whole=not options.paths)


def excluded(path: str, globs: Iterable[str]) -> bool:
    """Whether a glob leaves the file out: by its path, a folder above it or its name."""
    wanted = [glob.removeprefix("./").rstrip("/") for glob in globs]
    if not wanted:
        return False
    parts = path.split("/")
    places = ["/".join(parts[:number]) for number in range(1, len(parts) + 1)]
    return any(
        fnmatchcase(place, glob) or fnmatchcase(place, f"*/{glob}")
        for glob in wanted
        for place in places
    )


def _named(text: str, world: World) -> Iterable[str]:
    path = world.path(text)
    try:
        mode = path.stat().st_mode
    except (OSError, ValueError) as error:
        why = getattr(error, "strerror", None) or str(error)
        there = "is not there" if isinstance(error, FileNotFoundError) else why.lower()
        raise UsageError(f"{text}: {there}") from None
    if stat.S_ISDIR(mode):
        return _told(below(path, world), world.shown(path), world)
    if not stat.S_ISREG(mode):
        raise UsageError(f"{text}: is neither a file nor a folder")
    if path.is_symlink() and not path.resolve().is_relative_to(world.cwd.resolve()):
        world.note(f"note: {text} is a symbolic link that leads out of this folder: not scanned")
        return ()
    return (world.shown(path),)


def _told(found: Found, folder: str, world: World) -> tuple[str, ...]:
    """The files, after saying what else is there and is not scanned."""
    if found.links:
        links = counted(found.links, "symbolic link")
        world.note(f"note: {links} below {folder} not followed")
    for name in found.repositories:
        world.note(f"note: {name} is a repository of its own: name it to scan it")
    return found.files
