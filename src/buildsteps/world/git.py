"""What git knows about the files around us."""

import os
<<<<<<< HEAD
from collections.abc import Iterator, Sequence
=======
import stat
from collections.abc import Sequence
>>>>>>> work
from pathlib import Path

from msgspec import Struct

from buildsteps.errors import WorldError
from buildsteps.world import World

_PORTION_BYTES = 32 * 1024 * 1024
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
<<<<<<< HEAD
    names = {os.fsdecode(name) for name in answer.stdout.split(b"\0") if name}
    return [name for name in sorted(names) if (folder / name).is_file()]


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
=======
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
>>>>>>> work
