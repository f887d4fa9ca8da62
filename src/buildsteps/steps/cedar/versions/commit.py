"""The stores of a commit: read from git's objects, without a checkout, into a folder of their own.

The folder is named as the revision is, so that places read ``origin/main:policies/a.cedar``.
"""

import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from msgspec.structs import replace

from buildsteps.reporting.text import counted
from buildsteps.steps.cedar.stores import names
from buildsteps.steps.cedar.stores.layout import Layout
from buildsteps.world import World, git, git_objects
from buildsteps.world.files import MAX_TEXT_BYTES, Files

_LONGEST_NAME, _LONGEST_PATH = 200, 1_000
_DOCUMENTS = (".json", ".yaml", ".yml")


def is_revision(reference: str, world: World) -> bool:
    """Whether git knows a commit's folder by this name.

    Raises:
        WorldError: git is missing or failed.
    """
    if git.repository_root(world.cwd) is None:
        return False
    return git_objects.tree_of(world, world.cwd, _wanted(reference, world)) is not None


@contextmanager
def commit_files(
    reference: str, layouts: Mapping[str, Layout], world: World
) -> Iterator[tuple[str, Mapping[str, Layout], World]]:
    """Write what may belong to stores into a temporary folder.

    Gives the path to look at, the configuration's layouts moved there, and the world that reads it.
    """
    root = git.repository_root(world.cwd) or world.cwd
    named = _wanted(reference, world)
    whole = bool(layouts) and ":" not in reference
    tree = git_objects.tree_of(
        world, world.cwd, f"{reference.partition(':')[0]}:" if whole else named
    )
    with TemporaryDirectory(prefix="buildsteps-commit-") as temporary:
        top = Path(os.path.realpath(temporary))
        target = top / _folder(named, tree or "")
        _write(git_objects.blobs_of(world, root, tree or ""), target, named, world)
        target.mkdir(parents=True, exist_ok=True)
        there = replace(world, cwd=top, files=Files(top))
        moved = {name: _moved(one, root, target) for name, one in layouts.items()} if whole else {}
        yield ("." if moved else str(target)), moved, there


def commit_id(reference: str, world: World) -> str:
    """The id of the commit that a revision is of; empty where it is of none, such as a tree's.

    Raises:
        WorldError: git is missing or failed.
    """
    commit = f"{reference.partition(':')[0]}^{{commit}}"
    command = ["git", "rev-parse", "--verify", "--quiet", "--end-of-options", commit]
    answer = world.processes.run(command, cwd=world.cwd)
    return answer.stdout.decode(errors="replace").strip() if answer.status == 0 else ""


def unknown(reference: str, world: World) -> str:
    """Why there is no such version, in a sentence.

    Raises:
        WorldError: git is missing or failed.
    """
    if git.repository_root(world.cwd) is None:
        return f"`{reference}` is no folder that is there, and this is no git repository"
    ref, colon, path = reference.partition(":")
    if colon and ref and commit_id(reference, world):
        return f"the commit `{ref}` has no folder `{path}`"
    said = f"`{reference}` is no folder that is there, and git knows no commit `{ref or reference}`"
    command = ["git", "rev-parse", "--is-shallow-repository"]
    if world.processes.run(command, cwd=world.cwd).stdout.strip() != b"true":
        return said
    return f"{said}; this is a shallow clone, which `git fetch --unshallow` makes a whole one"


def _folder(named: str, tree: str) -> str:
    """What the folder of a revision is called: as the revision, if a folder can be."""
    shown = f"{named}." if named.endswith(":") else named
    if os.name == "nt":
        shown = shown.replace(":", "/")
    parts = shown.split("/")
    safe = all(0 < len(os.fsencode(one)) <= _LONGEST_NAME and one != ".." for one in parts)
    return shown if safe and len(shown) < _LONGEST_PATH else tree


def _wanted(reference: str, world: World) -> str:
    """``REF`` alone means the folder that we are in; a path in it is one from the root."""
    if ":" in reference:
        return reference
    root = git.repository_root(world.cwd) or world.cwd
    below = world.cwd.relative_to(root).as_posix()
    return f"{reference}:{'' if below == '.' else below}"


def _write(blobs: list[git_objects.Blob], target: Path, named: str, world: World) -> None:
    wanted = [blob for blob in blobs if _may_belong(blob)]
    huge = sum(1 for blob in blobs if blob.size > MAX_TEXT_BYTES and names.is_policy(blob.path))
    if huge:
        world.note(f"note: {counted(huge, 'file')} of {named} too large to be read")
    for blob, data in git_objects.contents(world, world.cwd, wanted):
        path = target / blob.path
        if path.resolve().is_relative_to(target.resolve()):  # git itself takes no `..`
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(data)


def _may_belong(blob: git_objects.Blob) -> bool:
    """Whether a file may be one of a store: those of a whole repository need not be written."""
    name = blob.path.rsplit("/", 1)[-1]
    known = name.endswith((".cedar", ".cedarschema", *_DOCUMENTS)) or name == "cedarschema"
    return known and blob.size <= MAX_TEXT_BYTES


def _moved(layout: Layout, root: Path, target: Path) -> Layout:
    """The layout with its paths, absolute by now, below the folder of the commit."""

    def moved(path: str) -> str:
        place = Path(path)
        if not place.is_absolute() or not place.is_relative_to(root):
            return path
        return str(target / place.relative_to(root))

    values: dict[str, Any] = {
        name: moved(value) if isinstance(value, str) else tuple(moved(one) for one in value)
        for name in Layout.__struct_fields__
        if (value := getattr(layout, name))
    }
    return Layout(**values)
