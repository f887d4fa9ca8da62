"""What git knows about the files around us."""

import os
from collections.abc import Sequence
from pathlib import Path

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


def files(world: World, folder: Path) -> list[str] | None:
    """The files below ``folder`` that git tracks or would take, relative to it.

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
    names = {os.fsdecode(name) for name in answer.stdout.split(b"\0") if name}
    return [name for name in sorted(names) if (folder / name).is_file()]


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
