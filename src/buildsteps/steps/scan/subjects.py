"""What is to be scanned: the files below the paths of a call, as git and we count them."""

import os
from collections.abc import Iterable
from fnmatch import fnmatchcase
from pathlib import Path

from msgspec import Struct

from buildsteps.errors import UsageError
from buildsteps.steps.scan.settings import ScanOptions
from buildsteps.world import World, git


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

    Raises:
        UsageError: a path is not there.
    """
    found: set[str] = set()
    for text in options.paths or (".",):
        path = world.path(text)
        if not path.exists():
            raise UsageError(f"{text} is not there")
        found.update([world.shown(path)] if path.is_file() else _below(path, world))
    kept = (path for path in found if not excluded(path, options.exclude))
    return Subjects(files=tuple(sorted(kept)), whole=not options.paths)


def excluded(path: str, globs: Iterable[str]) -> bool:
    """Whether a glob leaves the file out: by its path, a folder above it or its name."""
    parts = path.split("/")
    places = ["/".join(parts[:number]) for number in range(1, len(parts) + 1)]
    return any(
        fnmatchcase(place, glob.rstrip("/")) or fnmatchcase(place, f"*/{glob.rstrip('/')}")
        for glob in globs
        for place in places
    )


def _below(folder: Path, world: World) -> list[str]:
    listed = git.files(world, folder)
    if listed is not None:
        return [world.shown(folder / name) for name in listed]
    found = []
    for parent, folders, names in os.walk(folder):
        folders[:] = sorted(name for name in folders if not name.startswith("."))
        found += [world.shown(Path(parent) / name) for name in names]
    return found
