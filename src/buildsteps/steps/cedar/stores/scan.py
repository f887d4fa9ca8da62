"""The Cedar files below a folder: no symbolic link followed out, nothing that git ignores."""

import os
from pathlib import Path

from msgspec import Struct

from buildsteps.errors import UnreadableError
from buildsteps.results import Location
from buildsteps.steps.cedar.stores import names
from buildsteps.world import World, git

_NEVER_ENTERED = frozenset({".git", ".hg", ".svn", "__pycache__", "node_modules", ".venv"})

_IN_TESTS = f"{os.sep}{names.TESTS_FOLDER}{os.sep}"


class Scan(Struct, frozen=True):
    """What lies below ``root``, in order of paths.

    ``files`` have conventional names; ``documents`` are other JSON files, and YAML files in
    ``tests`` folders, which may be tests; ``outside_links`` were left out.
    """

    root: Path
    files: tuple[Path, ...]
    documents: tuple[Path, ...] = ()
    outside_links: tuple[Path, ...] = ()


def scan(root: Path, world: World) -> Scan:
    """Walk ``root`` and keep the files with a conventional name, and others that may be tests.

    Symbolic links to folders are never entered; one to a file is read where the file lies below
    ``root``.

    Raises:
        UnreadableError: a folder that cannot be listed.
    """
    found: list[str] = []
    documents: list[str] = []
    outside: list[Path] = []
    folders = [os.fspath(root)]
    while folders:
        for entry in _entries(folders.pop(), world):
            if entry.is_dir(follow_symlinks=False):
                if entry.name not in _NEVER_ENTERED:
                    folders.append(entry.path)
            elif names.is_any(entry.name):
                if entry.is_symlink() and not _leads_inside(entry, root):
                    outside.append(Path(entry.path))
                elif entry.is_file():
                    found.append(entry.path)
            elif _may_be_tests(entry) and entry.is_file(follow_symlinks=False):
                documents.append(entry.path)
    ignored = git.ignored(world, root, [*found, *documents])
    files, others = (
        tuple(Path(path) for path in sorted(paths, key=_parts) if path not in ignored)
        for paths in (found, documents)
    )
    return Scan(root, files, others, tuple(sorted(outside)))


def _may_be_tests(entry: os.DirEntry[str]) -> bool:
    """Whether a name that means nothing is worth a look into the file."""
    is_yaml = entry.name.endswith((".yaml", ".yml"))
    return entry.name.endswith(".json") or (is_yaml and _IN_TESTS in entry.path)


def _parts(path: str) -> list[str]:
    """What paths are sorted by, a folder before a name that begins alike; faster than pathlib."""
    return path.split(os.sep)  # noqa: PTH206


def _entries(folder: str, world: World) -> list[os.DirEntry[str]]:
    try:
        with os.scandir(folder) as entries:
            return list(entries)
    except OSError as error:
        reason = (error.strerror or str(error)).lower()
        place = Location(path=world.shown(folder))
        raise UnreadableError(f"this folder cannot be listed: {reason}", place) from None


def _leads_inside(entry: os.DirEntry[str], root: Path) -> bool:
    try:
        return Path(entry.path).resolve(strict=True).is_relative_to(root.resolve())
    except (OSError, RuntimeError):
        return False
