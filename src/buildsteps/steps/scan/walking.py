"""The files below a folder: as git counts them, or all but what is installed or made."""

import os
import stat
from contextlib import suppress
from pathlib import Path

from msgspec import Struct

from buildsteps.errors import WorldError
from buildsteps.world import World, git

_NEVER_OURS = frozenset(
    [
        *(".git", ".hg", ".svn", ".bzr", "CVS", ".venv", "site-packages", ".eggs", "node_modules"),
        *("bower_components", "__pycache__", ".tox", ".nox", ".direnv", ".mypy_cache"),
        *(".pytest_cache", ".ruff_cache", ".hypothesis", ".ipynb_checkpoints", ".terraform"),
        *(".serverless", ".aws-sam", "cdk.out"),
    ]
)
"""Folders that hold what others wrote or a tool made; only git knows the rest of them."""

_ENVIRONMENT = "pyvenv.cfg"
"""What lies in a folder that is a virtual environment, whatever it is called."""


class Found(Struct, frozen=True):
    """Files below a folder, and how many symbolic links were not followed; sorted."""

    files: tuple[str, ...]
    links: int = 0
    repositories: tuple[str, ...] = ()


def below(folder: Path, world: World) -> Found:
    """The files below ``folder``, as we show paths.

    In a repository those that git tracks or would take; where it has none since the folder itself
    is ignored, and without git, all but environments, caches and installed packages.

    Raises:
        WorldError: a folder cannot be listed.
    """
    listed = git.files(world, folder)
    if listed is None or _is_ignored(listed, folder, world):
        return _walked(folder, world)
    return Found(
        tuple(world.shown(folder / name) for name in listed.files),
        len(listed.links),
        tuple(world.shown(folder / name) for name in listed.repositories),
    )


def _is_ignored(listed: git.Listed, folder: Path, world: World) -> bool:
    """Whether git has nothing here because somebody named a folder that it ignores."""
    if listed.files or listed.repositories:
        return False
    return bool(git.ignored(world, folder.parent, [folder.name]))


def _walked(folder: Path, world: World) -> Found:
    found: list[str] = []
    links = 0
    for parent, folders, names in os.walk(folder, onerror=_unlisted):
        folders[:] = sorted(name for name in folders if not _is_left_out(parent, name))
        for name in (*folders, *names):
            path = os.path.join(parent, name)  # noqa: PTH118 - thousands of them
            with suppress(FileNotFoundError):  # gone since it was listed
                mode = os.lstat(path).st_mode
                links += stat.S_ISLNK(mode)
                if stat.S_ISREG(mode):
                    found.append(world.shown(path))
    return Found(tuple(sorted(found)), links)


def _unlisted(error: OSError) -> None:
    raise WorldError(f"{error.filename} cannot be listed: {(error.strerror or '').lower()}")


def _is_left_out(parent: str, name: str) -> bool:
    return name in _NEVER_OURS or Path(parent, name, _ENVIRONMENT).is_file()
