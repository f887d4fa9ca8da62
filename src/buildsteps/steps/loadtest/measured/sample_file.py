"""A file of samples: its first line, the span of its time, and which row of it is broken."""

import csv
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

from msgspec import Struct

from buildsteps.errors import UnreadableError
from buildsteps.results import Location

REQUIRED = ("timeStamp", "elapsed", "label", "success")
LONGEST_LINE = 1024 * 1024
"""Bytes of a line; a longer one is refused."""

LAST_MOMENT = 10**14
LONGEST_TIME = 10**9
"""Milliseconds since 1970, and of a request, beyond which a number is no moment and no time."""

_ENDS = 64 * 1024
_SEPARATORS = (",", ";", "\t")


class SampleFile(Struct, frozen=True):
    """Samples of one region, which may be empty."""

    path: Path
    region: str = ""


class Header(Struct, frozen=True):
    """The names in the first line, and what stands between them."""

    columns: tuple[str, ...]
    separator: str


def read_header(path: Path, shown: Callable[[Path], str]) -> Header:
    """Read the names of the columns.

    Raises:
        UnreadableError: there is no such file, it is empty, or a column that is needed is missing.
    """
    place = Location(shown(path), 1)
    try:
        if not path.is_file():
            raise UnreadableError("is no file" if path.exists() else "is missing", place)
        with path.open("rb") as stream:
            line = stream.readline(_ENDS)
    except OSError as error:
        reason = (error.strerror or str(error)).lower()
        raise UnreadableError(f"cannot be read: {reason}", place) from None
    if not line.strip():
        raise UnreadableError("has no samples: it is empty", place)
    try:
        text = line.decode("utf-8-sig").rstrip("\r\n")
    except UnicodeDecodeError as error:
        byte = line[error.start]
        raise UnreadableError(
            f"is not UTF-8 (byte 0x{byte:02x}); save it as UTF-8", place
        ) from None
    header = max((_split(text, one) for one in _SEPARATORS), key=lambda one: len(one.columns))
    _check(header, place)
    return header


def _split(text: str, separator: str) -> Header:
    names = text.split(separator)
    return Header(tuple(name.strip().strip('"') for name in names), separator)


def _check(header: Header, place: Location) -> None:
    missing = [name for name in REQUIRED if name not in header.columns]
    if missing:
        names = " and ".join(f"`{name}`" for name in missing)
        what = f"columns {names} of a samples file (JTL) are"
        if len(missing) == 1:
            what = f"column {names} of a samples file (JTL) is"
        none = len(missing) == len(REQUIRED)
        hint = "; it must begin with a line of their names" if none else ""
        raise UnreadableError(f"the {what} missing{hint}", place)
    twice = next((name for name in header.columns if header.columns.count(name) > 1), None)
    if twice is not None:
        raise UnreadableError(f"the column `{twice}` is there twice", place)


def span_of(path: Path, header: Header) -> tuple[int, int] | None:
    """A guess at when the first and the last request began, in milliseconds, from both ends.

    Rows are written as requests end, so the ends of a file are near the ends of its time. None
    where nothing at the ends is a row.
    """
    with path.open("rb") as stream:
        size = os.fstat(stream.fileno()).st_size
        head = stream.read(_ENDS).splitlines()[1:]
        tail: list[bytes] = []
        if size > _ENDS:
            del head[-1:]  # it may be cut, as the first of the tail may be
            stream.seek(-_ENDS, os.SEEK_END)
            tail = stream.read(_ENDS).splitlines()[1:]
    at, separator = header.columns.index("timeStamp"), header.separator.encode()
    moments = []
    for line in (*head, *tail):
        cells = line.split(separator)
        cell = cells[at].strip(b'"') if len(cells) > at else b""
        if cell.isdigit() and len(cell) <= len(str(LAST_MOMENT)):
            moments.append(int(cell))
    return (min(moments), max(moments)) if moments else None


def broken_row(path: Path, header: Header, shown: Callable[[Path], str]) -> UnreadableError | None:
    """Find the first row that is no sample, in the plain and slow way; None if all are."""
    numbers = _Lines()
    try:
        with path.open("rb") as stream, _long_fields():
            rows = csv.reader(numbers.of(stream), delimiter=header.separator, strict=True)
            next(rows)
            begins = numbers.read + 1
            for row in rows:
                problem = _problem(row, header.columns)
                if problem:
                    return UnreadableError(problem, Location(shown(path), begins))
                begins = numbers.read + 1
    except csv.Error as error:
        return UnreadableError(f"is no CSV: {error}", Location(shown(path), max(numbers.read, 1)))
    except UnreadableError as error:
        return UnreadableError(error.message, Location(shown(path), numbers.read))
    return None


class _Lines:
    """Lines as text, counted; each read whole."""

    read = 0

    def of(self, stream: IO[bytes]) -> Iterator[str]:
        while line := stream.readline(LONGEST_LINE + 1):
            self.read += 1
            if len(line) > LONGEST_LINE:
                raise UnreadableError(f"the line is longer than {LONGEST_LINE:,} bytes")
            try:
                yield line.decode("utf-8-sig" if self.read == 1 else "utf-8")
            except UnicodeDecodeError as error:
                byte = line[error.start]
                raise UnreadableError(f"is not UTF-8 (byte 0x{byte:02x})") from None


@contextmanager
def _long_fields() -> Iterator[None]:
    """Let a field be as long as a line may be."""
    before = csv.field_size_limit(LONGEST_LINE)
    try:
        yield
    finally:
        csv.field_size_limit(before)


def _problem(row: list[str], columns: tuple[str, ...]) -> str:
    if not row:
        return ""
    if len(row) != len(columns):
        return f"the row has {len(row)} of {len(columns)} columns: it may have been cut off"
    cells = dict(zip(columns, row, strict=True))
    if not _is_number(cells["timeStamp"], LAST_MOMENT, whole=True):
        return f"`timeStamp` is no moment in milliseconds: {_quoted(cells['timeStamp'])}"
    if not _is_number(cells["elapsed"], LONGEST_TIME):
        return f"`elapsed` is no time in milliseconds: {_quoted(cells['elapsed'])}"
    if cells["success"].lower() not in ("true", "false"):
        return f"`success` is neither true nor false: {_quoted(cells['success'])}"
    for name in ("bytes", "allThreads"):
        if cells.get(name) and not _is_number(cells[name], LAST_MOMENT, whole=True):
            return f"`{name}` is no whole number: {_quoted(cells[name])}"
    return ""


def _is_number(text: str, most: int, *, whole: bool = False) -> bool:
    try:
        value = int(text) if whole else float(text)
    except ValueError:
        return False
    return 0 <= value <= most


def _quoted(text: str) -> str:
    shown = text if len(text) <= 40 else f"{text[:40]}…"
    return f"`{shown}`" if text else "it is empty"
