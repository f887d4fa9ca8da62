"""What git knows about the files around us."""

import os
import stat
from collections.abc import Sequence
from pathlib import Path

from msgspec import Struct

from buildsteps.errors import WorldError
from buildsteps.world import World

_ANSWERS = (0, 1)
"""The exit statuses of ``git check-ignore`` that are answers: some are ignored, none is."""


def repository_root(folder: Path) -> Path | None:
    """The nearest folder from ``folder`` upwards that holds ``.git``, or None."""
    for candidate in (folder, *folder.parents):
        if os.path.exists(candidate / ".git"):  # noqa: PTH110 - False where access is denied
            return candidate
    return None


def ignored(world: World, folder: Path, paths: Sequence[str]) -> frozenset[str]:
    """Those of ``paths`` that git ignores; none where there is no repository.

    ``git check-ignore`` names a tracked file never, whatever ``.gitignore`` says. Where git is
    missing or fails, nothing counts as ignored, and a note on standard error says so once.
    """
    if not paths or repository_root(folder) is None:
        return frozenset()
    names = b"\0".join(os.fsencode(path) for path in paths)
    try:
        answer = world.processes.run(
            ["git", "check-ignore", "--stdin", "-z"], cwd=folder, stdin=names
        )
    except WorldError as error:
        return _nothing(world, error.message)
    if answer.status not in _ANSWERS:
        said = answer.stderr.decode(errors="replace").strip().partition("\n")[0]
        return _nothing(world, said or f"git ended with status {answer.status}")
    return frozenset(os.fsdecode(name) for name in answer.stdout.split(b"\0") if name)


def _nothing(world: World, why: str) -> frozenset[str]:
    world.note(f"note: git cannot say which files it ignores, so none counts as ignored: {why}")
    return frozenset()


class Listed(Struct, frozen=True):
    """What git has below a folder, relative to it, sorted.

    ``files`` are regular files that are there, ``links`` symbolic links, and ``repositories`` the
    folders of submodules and of other repositories: git lists nothing below those.
    """

    files: tuple[str, ...] = ()
    links: tuple[str, ...] = ()
    repositories: tuple[str, ...] = ()


def files(world: World, folder: Path) -> Listed | None:
    """The files below ``folder`` that git tracks or would take.

    None where there is no repository, or git is missing or fails: a note says so then.
    """
    if repository_root(folder) is None:
        return None
    command = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard", "--", "."]
    try:
        answer = world.processes.run(command, cwd=folder)
    except WorldError as error:
        world.note(f"note: git cannot list its files, so all are taken: {error.message}")
        return None
    if answer.status != 0:
        said = answer.stderr.decode(errors="replace").strip().partition("\n")[0]
        world.note(f"note: git cannot list its files, so all are taken: {said}")
        return None
    names = {os.fsdecode(name).rstrip("/") for name in answer.stdout.split(b"\0") if name}
    return _by_kind(folder, sorted(names))


def _by_kind(folder: Path, names: Sequence[str]) -> Listed:
    """Tell files from links and repositories; what git tracks and is gone is none of them."""
    found: dict[int, list[str]] = {stat.S_IFREG: [], stat.S_IFLNK: [], stat.S_IFDIR: []}
    root = os.fspath(folder)
    for name in names:
        try:
            mode = os.lstat(os.path.join(root, name)).st_mode  # noqa: PTH118 - thousands of them
        except OSError:
            continue
        found.setdefault(stat.S_IFMT(mode), []).append(name)
    kinds = (stat.S_IFREG, stat.S_IFLNK, stat.S_IFDIR)
    return Listed(*(tuple(found[kind]) for kind in kinds))


def head(world: World, folder: Path) -> str:
    """The commit that is checked out; empty where there is none, or git cannot say."""
    if repository_root(folder) is None:
        return ""
    try:
        answer = world.processes.run(["git", "rev-parse", "--verify", "HEAD"], cwd=folder)
    except WorldError:
        return ""
    said = answer.stdout.decode("ascii", errors="replace").strip()
    return said if answer.status == 0 and said.isalnum() else ""
