"""The archive that is sent: the files of the scan, the same bytes whenever they are the same.

Names are sorted, times and modes fixed. A symbolic link is left out: what it leads to is sent by
its own name where it belongs to the project, and where it does not, as a file that git ignores or
one of the machine's, it must not be sent.
"""

import hashlib
import os
import stat
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from typing import BinaryIO
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

from msgspec import Struct

from buildsteps.errors import UsageError, WorldError
from buildsteps.steps.scan.codeguru.archive_names import archive_names
from buildsteps.steps.scan.codeguru.sizes import size_text
from buildsteps.steps.scan.codeguru.tree import Left, LeftOut, tree_and_names
from buildsteps.world import World
from buildsteps.world.heartbeat import watched

LARGEST = 5 * 1024**3
"""Bytes, packed: what the service takes (its console said "cannot exceed 5 GB")."""

_PIECE = 1024 * 1024
_MOMENT = (1980, 1, 1, 0, 0, 0)
_MODE = (stat.S_IFREG | 0o644) << 16
_UNIX = 3
_NAMED = 3
"""So many of the largest files are named where the archive is too large."""


class Archive(Struct, frozen=True, kw_only=True):
    """What was written.

    ``names`` leads from a name in the archive to the path as we show it; ``size`` and ``unpacked``
    are in bytes; ``left`` says of each path that is not in it why.
    """

    size: int
    unpacked: int
    sha256: str
    names: Mapping[str, str]
    left: Mapping[str, LeftOut]

    def left_for(self, why: Left) -> list[str]:
        """The paths that were left out for one reason."""
        return [path for path, left in self.left.items() if left.why is why]


def write_archive(
    paths: Sequence[str], world: World, into: BinaryIO, limit: int = LARGEST
) -> Archive:
    """Pack the files at ``paths``, as we show them, into an empty file.

    Raises:
        UsageError: it grows above ``limit`` bytes.
        WorldError: the archive cannot be written, or a file not read to its end.
    """
    tree, shown = tree_and_names(paths, str(world.cwd))
    packing = _Packing(into, limit)
    names: dict[str, str] = {}
    left: dict[str, LeftOut] = {}
    try:
        with packing.archive:
            every = archive_names(shown)
            for below, name in watched(every.items(), len(every), "files packed", world):
                try:
                    descriptor = tree.opened(below)
                except LeftOut as why:
                    left[shown[below]] = why
                    continue
                packing.add(name, descriptor, shown[below])
                names[name] = shown[below]
    except OSError as error:
        reason = (error.strerror or str(error)).lower()
        raise WorldError(
            f"the archive cannot be written in {tempfile.gettempdir()}: {reason}; TMPDIR names "
            "another folder"
        ) from None
    return Archive(
        size=into.seek(0, os.SEEK_END),
        unpacked=sum(packing.sizes.values()),
        sha256=_digest(into),
        names=names,
        left=left,
    )


def _digest(file: BinaryIO) -> str:
    file.seek(0)
    digest = hashlib.sha256()
    while piece := file.read(_PIECE):
        digest.update(piece)
    return digest.hexdigest()


class _Packing:
    """An archive that grows, up to its limit."""

    def __init__(self, into: BinaryIO, limit: int) -> None:
        self.archive = ZipFile(into, "w", ZIP_DEFLATED)
        self.sizes: dict[str, int] = {}
        self._into = into
        self._limit = limit

    def add(self, name: str, descriptor: int, shown: str) -> None:
        """Add one file, as long as it was when it was opened; close its descriptor."""
        try:
            entry = ZipInfo(name, _MOMENT)
            entry.compress_type = ZIP_DEFLATED
            entry.create_system = _UNIX
            entry.external_attr = _MODE
            # Announced, so that an entry of more than 4 GiB gets the room for its sizes.
            entry.file_size = self.sizes[shown] = os.fstat(descriptor).st_size
            with self.archive.open(entry, "w") as packed:
                for piece in _pieces(descriptor, entry.file_size, shown):
                    packed.write(piece)
                    self._check()
        finally:
            os.close(descriptor)
        self._check()

    def _check(self) -> None:
        if self._into.tell() <= self._limit:
            return
        largest = sorted(self.sizes, key=lambda path: -self.sizes[path])[:_NAMED]
        raise UsageError(
            f"the archive of the files would be larger than the {size_text(self._limit)} that "
            "CodeGuru Security takes: leave some out with --exclude, or name a part as PATH",
            detail="\n".join(
                ["The largest so far:", *(f"{size_text(self.sizes[p])}  {p}" for p in largest)]
            ),
        )


def _pieces(descriptor: int, size: int, shown: str) -> Iterator[bytes]:
    """A file's first ``size`` bytes: one that is written to meanwhile has an end, too."""
    left = size
    while left > 0:
        try:
            piece = os.read(descriptor, min(left, _PIECE))
        except OSError as error:
            reason = (error.strerror or str(error)).lower()
            raise WorldError(f"{shown} cannot be read to its end: {reason}") from None
        if not piece:
            return
        left -= len(piece)
        yield piece
