"""Reading what a user gave, writing what we promise: whole files or none."""

import os
import stat
from collections.abc import Iterable
from pathlib import Path

from buildsteps.errors import UnreadableError, WorldError
from buildsteps.results import Location

MAX_TEXT_BYTES = 64 * 1024 * 1024
"""A policy, schema, entities or configuration file larger than this is refused, not read."""

_READ = os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0)
_AT_ONCE = 1024 * 1024

_BYTE_ORDER_MARKS = (
    (b"\xff\xfe\x00\x00", "UTF-32"),
    (b"\x00\x00\xfe\xff", "UTF-32"),
    (b"\xff\xfe", "UTF-16"),
    (b"\xfe\xff", "UTF-16"),
)


def shown_path(path: Path | str, cwd: Path | str) -> str:
    """The way we write a path: relative to ``cwd`` where it lies below it, forward slashes."""
    path_text, cwd_text = os.fspath(path), os.fspath(cwd)
    prefix = cwd_text if cwd_text.endswith(os.sep) else cwd_text + os.sep
    if path_text.startswith(prefix):
        path_text = path_text[len(prefix) :]
    elif path_text == cwd_text:
        path_text = "."
    return path_text.replace(os.sep, "/") if os.sep != "/" else path_text


class Files:
    """Text files of a working folder, read with limits and written atomically.

    ``cwd`` only shapes the paths in messages.
    """

    def __init__(self, cwd: Path) -> None:
        self.cwd = cwd

    def read_bytes(self, path: Path | str, limit: int = MAX_TEXT_BYTES) -> bytes:
        """Read a regular file of at most ``limit`` bytes.

        Raises:
            UnreadableError: it is missing, no regular file, too large, or not to be read.
        """
        try:
            descriptor = os.open(path, _READ)
            try:
                status = os.fstat(descriptor)
                if not stat.S_ISREG(status.st_mode):
                    what = "is a folder" if stat.S_ISDIR(status.st_mode) else "is no regular file"
                    raise self._unreadable(path, what)
                if status.st_size > limit:
                    size = f"{status.st_size:,} bytes, more than the {limit:,} allowed"
                    raise self._unreadable(path, f"is too large: {size}")
                return _read_all(descriptor, limit)
            finally:
                os.close(descriptor)
        except OSError as error:
            raise self._unreadable(path, f"cannot be read: {_reason(error)}") from None
        except ValueError as error:  # a NUL in its name, or half a character
            raise self._unreadable(path, f"cannot be read: {error}") from None

    def read_start(self, path: Path | str, size: int) -> bytes:
        """Read the first ``size`` bytes of a regular file, or all where it has fewer.

        Raises:
            UnreadableError: it is missing, no regular file, or not to be read.
        """
        try:
            descriptor = os.open(path, _READ)
            try:
                if not stat.S_ISREG(os.fstat(descriptor).st_mode):
                    raise self._unreadable(path, "is no regular file")
                return os.read(descriptor, size)
            finally:
                os.close(descriptor)
        except OSError as error:
            raise self._unreadable(path, f"cannot be read: {_reason(error)}") from None

    def read_text(self, path: Path | str, limit: int = MAX_TEXT_BYTES) -> str:
        """Read a UTF-8 file; a byte order mark is dropped.

        Raises:
            UnreadableError: see :meth:`read_bytes`, or it is not UTF-8.
        """
        data = self.read_bytes(path, limit)
        for mark, encoding in _BYTE_ORDER_MARKS:
            if data.startswith(mark):
                raise self._unreadable(path, f"is {encoding}, not UTF-8; save it as UTF-8")
        try:
            return data.decode("utf-8-sig")
        except UnicodeDecodeError as error:
            line = data.count(b"\n", 0, error.start) + 1
            place = Location(path=shown_path(path, self.cwd), line=line)
            byte = data[error.start]
            raise UnreadableError(
                f"is not UTF-8 (byte 0x{byte:02x}); save it as UTF-8", place
            ) from None

    def remove_stale(self, path: Path) -> None:
        """Remove what an earlier run left at ``path``, so that nobody takes it for ours.

        Raises:
            WorldError: it is there and cannot be removed.
        """
        if _is_stream(path):
            return
        try:
            path.unlink(missing_ok=True)
        except OSError as error:
            raise self._unwritable(path, error) from None

    def write(self, path: Path, pieces: Iterable[str]) -> None:
        """Write a file whole or not at all: a temporary file beside it, then a rename.

        A device or pipe, such as ``/dev/stdout``, is written as it is.

        Raises:
            WorldError: the folder or the file cannot be written.
        """
        temporary = path.with_name(f".{path.name}.{os.getpid()}.tmp")
        try:
            if _is_stream(path):
                with path.open("a", encoding="utf-8", errors="backslashreplace") as stream:
                    stream.writelines(pieces)
                return
            path.parent.mkdir(parents=True, exist_ok=True)
            try:
                with temporary.open(
                    "w", encoding="utf-8", errors="backslashreplace", newline="\n"
                ) as stream:
                    stream.writelines(pieces)
                temporary.replace(path)
            finally:
                temporary.unlink(missing_ok=True)
        except OSError as error:
            raise self._unwritable(path, error) from None

    def append(self, path: Path, text: str) -> None:
        """Add ``text`` to a file that others write, too, in one piece.

        Raises:
            WorldError: the file cannot be written.
        """
        try:
            with path.open("a", encoding="utf-8", newline="\n") as stream:
                stream.write(text)
        except OSError as error:
            raise self._unwritable(path, error) from None

    def create(self, path: Path, pieces: Iterable[str]) -> bool:
        """Write a file that is not there yet, whole or not at all; false where there is one.

        Raises:
            WorldError: the folder or the file cannot be written.
        """
        temporary = path.with_name(f".{path.name}.{os.getpid()}.tmp")
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            try:
                with temporary.open("w", encoding="utf-8", newline="\n") as stream:
                    stream.writelines(pieces)
                return _moved_to_nothing(temporary, path)
            finally:
                temporary.unlink(missing_ok=True)
        except OSError as error:
            raise self._unwritable(path, error) from None

    def _unreadable(self, path: Path | str, what: str) -> UnreadableError:
        return UnreadableError(what, Location(path=shown_path(path, self.cwd)))

    def _unwritable(self, path: Path, error: OSError) -> WorldError:
        place = Location(path=shown_path(path, self.cwd))
        return WorldError(f"cannot be written: {_reason(error)}", place)


def _read_all(descriptor: int, limit: int) -> bytes:
    """Read to the end, at most ``limit`` bytes; a stream object would cost twice the time."""
    pieces = []
    while limit > 0 and (piece := os.read(descriptor, min(limit, _AT_ONCE))):
        pieces.append(piece)
        limit -= len(piece)
    return b"".join(pieces)


def _moved_to_nothing(temporary: Path, path: Path) -> bool:
    """Give a file its name, unless another has it: a link, unlike a rename, replaces nothing."""
    try:
        path.hardlink_to(temporary)
    except FileExistsError:
        return False
    except OSError:  # a file system without hard links
        if os.path.lexists(path):
            return False
        temporary.replace(path)
    return True


def _is_stream(path: Path) -> bool:
    """Whether it is a device or a pipe: nothing that may be removed, or that grows stale."""
    try:
        mode = path.stat().st_mode
    except OSError:
        return False
    return stat.S_ISCHR(mode) or stat.S_ISFIFO(mode) or path.parent == Path("/dev")


def _reason(error: OSError) -> str:
    return (error.strerror or str(error)).lower()
