"""Files of a commit, read from git's objects: no checkout, and the work tree is untouched."""

import os
from collections.abc import Iterator, Sequence
from pathlib import Path

from msgspec import Struct

from buildsteps.errors import WorldError
from buildsteps.world import World

_PORTION_BYTES = 32 * 1024 * 1024


class Blob(Struct, frozen=True):
    """A file of a commit: its path below the folder asked for, its object and its size in bytes."""

    path: str
    object: str
    size: int


def tree_of(world: World, folder: Path, revision: str) -> str | None:
    """The object of what ``REF`` or ``REF:path`` names, if that is a folder or a commit's root.

    None where git knows no such thing. ``folder`` is any of the repository.

    Raises:
        WorldError: git is missing or failed.
    """
    wanted = revision if ":" in revision else f"{revision}^{{tree}}"
    command = ["git", "rev-parse", "--verify", "--quiet", "--end-of-options", wanted]
    answer = world.processes.run(command, cwd=folder)
    found = answer.stdout.decode(errors="replace").strip()
    if answer.status != 0 or not found:
        return None
    kind = world.processes.run(["git", "cat-file", "-t", found], cwd=folder)
    return found if kind.stdout.strip() == b"tree" else None


def blobs_of(world: World, folder: Path, tree: str) -> list[Blob]:
    """The regular files below a tree; links and submodules are left out.

    Raises:
        WorldError: git is missing or failed.
    """
    answer = world.processes.run(["git", "ls-tree", "-r", "-l", "-z", tree], cwd=folder)
    if answer.status != 0:
        raise WorldError(f"git cannot list {tree}: {_said(answer.stderr)}")
    found = []
    for line in answer.stdout.split(b"\0"):
        head, _, name = line.partition(b"\t")
        fields = head.split()
        if len(fields) == 4 and fields[0] in (b"100644", b"100755"):
            found.append(Blob(os.fsdecode(name), fields[2].decode(), int(fields[3])))
    return found


def contents(world: World, folder: Path, blobs: Sequence[Blob]) -> Iterator[tuple[Blob, bytes]]:
    """What files of a commit hold, read from git's objects in portions of bounded size.

    Raises:
        WorldError: git is missing or failed, or an object is not there (a partial clone).
    """
    portion: list[Blob] = []
    size = 0
    for blob in blobs:
        if portion and size + blob.size > _PORTION_BYTES:
            yield from _read(world, folder, portion)
            portion, size = [], 0
        portion.append(blob)
        size += blob.size
    if portion:
        yield from _read(world, folder, portion)


def _read(world: World, folder: Path, blobs: Sequence[Blob]) -> Iterator[tuple[Blob, bytes]]:
    names = "".join(f"{blob.object}\n" for blob in blobs).encode()
    answer = world.processes.run(["git", "cat-file", "--batch"], cwd=folder, stdin=names)
    if answer.status != 0:
        raise WorldError(f"git cannot read its objects: {_said(answer.stderr)}")
    at = 0
    for blob in blobs:
        head, _, _ = answer.stdout[at : at + 200].partition(b"\n")
        if head != f"{blob.object} blob {blob.size}".encode():
            raise WorldError(f"git has no object for {blob.path}: is this a partial clone?")
        at += len(head) + 1
        yield blob, answer.stdout[at : at + blob.size]
        at += blob.size + 1


def _said(stderr: bytes) -> str:
    return stderr.decode(errors="replace").strip().partition("\n")[0] or "it said nothing"
