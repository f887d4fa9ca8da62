"""From the bytes of a file to its runs: encodings, what is no SARIF, and where it is broken."""

import re
from collections.abc import Iterator
from typing import Any, TypeVar

import msgspec
from msgspec import Struct

from buildsteps.errors import UnreadableError
from buildsteps.results import Location
from buildsteps.steps.scan.sarif.log import Log, Result, Run

MAX_BYTES = 256 * 1024 * 1024
"""A larger file is refused: a hundred thousand results come to some 80 MB."""

VERSION = "2.1.0"

Part = TypeVar("Part")

_UNREADABLE = (msgspec.MsgspecError, UnicodeDecodeError, RecursionError)

_MARKS = (
    (b"\xff\xfe\x00\x00", "utf-32"),
    (b"\x00\x00\xfe\xff", "utf-32"),
    (b"\xff\xfe", "utf-16"),
    (b"\xfe\xff", "utf-16"),
    (b"\xef\xbb\xbf", "utf-8-sig"),
)
# A pair of surrogates, half of one, or any other escape: only those are looked at.
_ESCAPE = re.compile(
    rb"\\u[dD][89abAB][0-9a-fA-F]{2}\\u[dD][c-fC-F][0-9a-fA-F]{2}"
    rb"|(\\u[dD][89a-fA-F][0-9a-fA-F]{2})|\\.",
    re.DOTALL,
)
_TYPES = re.compile(r"`([^`]*)`")
_WORDS = {
    "str": "text",
    "int": "a whole number",
    "float": "a number",
    "bool": "true or false",
    "array": "a list",
    "object": "an object",
}
_AT = re.compile(r" - at `(?:key in )?\$\.?(.*)`\Z", re.DOTALL)


class Document(Struct, frozen=True):
    """A SARIF file: the name it is known by, and the bytes of its runs."""

    name: str
    runs: tuple[msgspec.Raw, ...]


class BrokenPart(Struct, frozen=True):
    """What of a file cannot be read: its place in the JSON, and why."""

    place: str
    reason: str


def document(data: bytes, name: str) -> Document:
    """Take a file apart into its runs.

    Raises:
        UnreadableError: no text, no JSON, not SARIF 2.1.0, or without a run.
    """
    text = as_utf8(data, name)
    if not text.strip():
        raise _wrong(name, "is empty: the scanner wrote nothing")
    log = _log(text, name)
    if log.version is None and log.runs is None:
        raise _wrong(name, "is JSON but no SARIF: `version` and `runs` are missing")
    if log.version != VERSION:
        raise _wrong(name, f"is SARIF {_short(log.version)}, not {VERSION}: write {VERSION}")
    if not log.runs:
        raise _wrong(name, "is SARIF without a run: no scanner says that it looked")
    return Document(name, tuple(log.runs))


def as_utf8(data: bytes, name: str) -> bytes:
    """The file in UTF-8 without a byte order mark; PowerShell's ``>`` writes UTF-16.

    Raises:
        UnreadableError: it is in another encoding, or not in the one that it names.
    """
    for mark, encoding in _MARKS[:-1]:
        if data.startswith(mark):
            try:
                return data.decode(encoding).encode("utf-8", "replace")
            except UnicodeDecodeError:
                raise _wrong(name, f"begins as {encoding.upper()} and goes on otherwise") from None
    if b"\0" in data[:4]:
        raise _wrong(name, "is no UTF-8, perhaps UTF-16 without its mark; save it as UTF-8")
    return data.removeprefix(_MARKS[-1][0])


def run_of(raw: msgspec.Raw, place: str, name: str) -> Run:
    """Read a run, without its results.

    Raises:
        UnreadableError: it is broken; names the place in the JSON.
    """
    found = part_of(raw, Run, place)
    if isinstance(found, BrokenPart):
        raise _wrong(name, f"is broken SARIF at {found.place}: {found.reason}")
    return found


def results_of(run: Run, place: str) -> Iterator[Result | BrokenPart]:
    """Read the results of a run one by one; what is broken does not hide the others."""
    decoder = msgspec.json.Decoder(Result)
    for number, raw in enumerate(run.results or ()):
        try:
            yield decoder.decode(raw)
        except _UNREADABLE:
            yield part_of(raw, Result, f"{place}.results[{number}]")


def part_of(raw: msgspec.Raw | bytes, kind: type[Part], place: str) -> Part | BrokenPart:
    """Read a part, if need be with halves of surrogate pairs replaced, which JSON lets stand."""
    try:
        return msgspec.json.decode(raw, type=kind)
    except _UNREADABLE:
        return _second_look(bytes(raw), kind, place)


def _second_look(data: bytes, kind: type[Part], place: str) -> Part | BrokenPart:
    try:
        return msgspec.json.decode(_without_halves(data), type=kind)
    except msgspec.ValidationError as error:
        return _misfit(error, place)
    except RecursionError:
        return BrokenPart(place, "it is nested too deeply")
    except UnicodeDecodeError as error:
        return BrokenPart(place, f"it is not UTF-8 (byte 0x{error.object[error.start]:02x})")
    except msgspec.DecodeError as error:
        return BrokenPart(place, _plain(str(error)))


def _log(text: bytes, name: str) -> Log:
    found = part_of(text, Log, "")
    if isinstance(found, Log):
        return found
    if found.place:
        raise _wrong(name, f"is no SARIF at {found.place}: {found.reason}")
    raise _wrong(name, f"is no SARIF: {found.reason}", _line_of(found.reason, text))


def _without_halves(data: bytes) -> bytes:
    if b"\\ud" not in data and b"\\uD" not in data:
        return data
    return _ESCAPE.sub(lambda found: b"\\ufffd" if found[1] else found[0], data)


def _misfit(error: msgspec.ValidationError, place: str) -> BrokenPart:
    """Put msgspec's place, which begins at the part, behind that of the part."""
    text = str(error)
    at = _AT.search(text)
    below = at[1] if at else ""
    joint = "" if not below or not place or below.startswith("[") else "."
    return BrokenPart(f"{place}{joint}{below}", _plain(_AT.sub("", text)))


def _plain(text: str) -> str:
    """The reason that msgspec gives, in words; that a value may be null goes without saying."""
    reason = _TYPES.sub(lambda found: _kind(found[1]), text).replace("`", "")
    reason = reason.removeprefix("JSON is malformed: ")
    reason = reason.replace("Input data was truncated", "it ends in the middle")
    return _short(reason[:1].lower() + reason[1:])


def _kind(types: str) -> str:
    """What a person calls a type of JSON; something else stays as it is."""
    first, _, _ = types.partition(" | ")
    return _WORDS.get(first, types)


def _line_of(reason: str, text: bytes) -> int | None:
    """The line of the byte that msgspec names, where it names one."""
    found = re.search(r"\(byte (\d+)\)", reason)
    return text.count(b"\n", 0, int(found[1])) + 1 if found else None


def _short(value: Any) -> str:
    text = str(value)
    return text if len(text) <= 100 else f"{text[:99]}…"


def _wrong(name: str, what: str, line: int | None = None) -> UnreadableError:
    return UnreadableError(what, Location(path=name, line=line))
