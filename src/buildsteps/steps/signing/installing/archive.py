"""One executable out of an archive: nothing else is written, and a hostile archive is refused.

The digest of an archive was checked before; this stands for the day on which it is the digest of
the wrong thing. Every member is looked at: one that would leave the folder, a link or a device in
an archive of one program means that somebody meant harm, so nothing of it is used.
"""

import gzip
import io
import stat
import tarfile
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path, PurePosixPath
from typing import IO

MAX_UNPACKED_BYTES = 256 * 1024 * 1024
"""notation is 14 MB, the Signer plugin 20: ten times that, and a bomb ends early."""

MAX_MEMBERS = 1000
_AT_ONCE = 1024 * 1024
_EXECUTABLES = (b"\x7fELF", b"#!", b"MZ", b"\xcf\xfa\xed\xfe", b"\xca\xfe\xba\xbe")


class WrongArchiveError(Exception):
    """What was given is no archive of the program, or a hostile one; the message says why."""


def unpack(source: Path, wanted: str, into: Path, limit: int = MAX_UNPACKED_BYTES) -> None:
    """Write the file ``wanted`` of a tar.gz or zip to ``into``; a bare executable is copied.

    Raises:
        WrongArchiveError: it is neither, does not hold the file once, or is hostile.
        OSError: ``into`` cannot be written.
    """
    with source.open("rb") as file:
        head = file.read(4)
    if head.startswith(_EXECUTABLES):
        with source.open("rb") as program:
            _write(_pieces(program), into, limit)
    elif head.startswith(b"\x1f\x8b"):
        _unpack_tar(source, wanted, into, limit)
    elif head.startswith(b"PK"):
        _unpack_zip(source, wanted, into, limit)
    else:
        raise WrongArchiveError("it is neither a tar.gz nor a zip nor a program")


def _unpack_tar(source: Path, wanted: str, into: Path, limit: int) -> None:
    found = 0
    try:
        with (
            gzip.open(source) as stream,
            tarfile.open(fileobj=_Limited(stream, limit), mode="r|") as archive,
        ):
            for number, member in enumerate(archive):
                _check_member(member.name, number, plain=member.isreg() or member.isdir())
                if _is_wanted(member.name, wanted) and member.isreg():
                    found += 1
                    content = archive.extractfile(member)
                    if content is not None:
                        _write(_pieces(content), into, limit)
    except (tarfile.TarError, EOFError, zlib.error, gzip.BadGzipFile, ValueError) as error:
        raise WrongArchiveError(f"the tar.gz is broken: {_first_line(error)}") from None
    _check_found(found, wanted)


def _unpack_zip(source: Path, wanted: str, into: Path, limit: int) -> None:
    found = 0
    try:
        with zipfile.ZipFile(source) as archive:
            for number, member in enumerate(archive.infolist()):
                kind = stat.S_IFMT(member.external_attr >> 16)
                plain = kind in (0, stat.S_IFREG, stat.S_IFDIR)
                # zipfile cuts a name at a NUL and turns backslashes on Windows: the raw one counts.
                _check_member(member.orig_filename, number, plain=plain)
                if _is_wanted(member.filename, wanted) and not member.is_dir():
                    found += 1
                    with archive.open(member) as content:
                        _write(_pieces(content), into, limit)
    except (
        zipfile.BadZipFile, NotImplementedError, RuntimeError, EOFError, zlib.error, ValueError
    ) as error:  # fmt: skip
        raise WrongArchiveError(f"the zip is broken: {_first_line(error)}") from None
    _check_found(found, wanted)


class _Limited(io.BufferedIOBase):
    """A stream that raises after ``limit`` bytes: also what is skipped must be unpacked."""

    def __init__(self, stream: gzip.GzipFile, limit: int) -> None:
        self.stream = stream
        self.left = limit

    def read(self, size: int | None = -1, /) -> bytes:
        """Read, as a file does."""
        most = self.left + 1
        piece = self.stream.read(most if size is None or size < 0 else min(size, most))
        self.left -= len(piece)
        _check_left(self.left)
        return piece


def _check_member(name: str, number: int, *, plain: bool) -> None:
    from buildsteps.reporting.text import clipped, printable

    shown = clipped(printable(name), 100)
    if number >= MAX_MEMBERS:
        raise WrongArchiveError(f"it holds more than {MAX_MEMBERS:,} files")
    if not plain:
        raise WrongArchiveError(f"it holds `{shown}`, which is neither a file nor a folder")
    path = PurePosixPath(name)
    if not name or "\0" in name or "\\" in name or ":" in name:
        raise WrongArchiveError(f"it holds a file with a name that is none: `{shown}`")
    if path.is_absolute() or ".." in path.parts:
        raise WrongArchiveError(f"it holds `{shown}`, which would leave its folder")


def _is_wanted(name: str, wanted: str) -> bool:
    return PurePosixPath(name) == PurePosixPath(wanted)


def _check_found(found: int, wanted: str) -> None:
    if found == 0:
        raise WrongArchiveError(f"it does not hold `{wanted}`")
    if found > 1:
        raise WrongArchiveError(f"it holds `{wanted}` more than once")


def _write(pieces: Iterator[bytes], into: Path, limit: int) -> None:
    try:
        with into.open("wb") as file:
            for piece in pieces:
                limit -= len(piece)
                _check_left(limit)
                file.write(piece)
    except BaseException:
        with suppress(OSError):
            into.unlink()
        raise


def _check_left(left: int) -> None:
    if left < 0:
        raise WrongArchiveError("it unpacks to more than any program would be")


def _pieces(stream: IO[bytes]) -> Iterator[bytes]:
    while piece := stream.read(_AT_ONCE):
        yield piece


def _first_line(error: Exception) -> str:
    return (str(error).splitlines() or [type(error).__name__])[0].lower()
