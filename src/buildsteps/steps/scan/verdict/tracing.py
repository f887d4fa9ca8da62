"""What findings are known again by, and the fingerprint that names each in reports."""

import os
from collections.abc import Iterable, Sequence
from hashlib import blake2b
from pathlib import Path

from msgspec import Struct
from msgspec.structs import replace

from buildsteps.baseline import Trace
from buildsteps.errors import UnreadableError
from buildsteps.garbage import collector_paused
from buildsteps.reporting.text import encodable
from buildsteps.results import Finding, Location
from buildsteps.steps.scan.sighting import Sighting
from buildsteps.steps.scan.verdict.context import SourceLines, decoded
from buildsteps.steps.scan.verdict.masking import masked_lines
from buildsteps.world import World

LARGEST = 8 * 1024 * 1024
"""Bytes; the lines of a larger file are not looked at."""

_BYTES = 8


class Traced(Struct, frozen=True, kw_only=True):
    """Findings with their fingerprints, and the trace of each, by fingerprint."""

    findings: tuple[Finding, ...]
    traces: dict[str, Trace]


def traced(
    findings: Sequence[Finding], groups: Sequence[Sequence[Sighting]], folder: Path, world: World
) -> Traced:
    """Give findings fingerprints that stay when lines move, and traces for a baseline.

    ``groups`` are the sightings of each finding; paths of traces are relative to ``folder``. Each
    file is read once. Of findings that are alike, the second in order of lines is numbered 2.
    """
    with collector_paused():
        return _traced(findings, groups, _Sources(groups, folder, world))


def _traced(
    findings: Sequence[Finding], groups: Sequence[Sequence[Sighting]], sources: "_Sources"
) -> Traced:
    named: list[Finding] = list(findings)
    by_name: dict[str, Trace] = {}
    often: dict[str, int] = {}
    # From the top of each file, as what is known of lines above helps with those below.
    for number in sorted(range(len(named)), key=lambda number: _line(named[number])):
        trace = sources.trace(named[number], groups[number])
        name = _hash(f"{trace.rule}\0{trace.path}\0{trace.line}".encode())
        often[name] = often.get(name, 0) + 1
        if often[name] > 1:
            name = f"{name}-{often[name]}"
        named[number] = replace(named[number], fingerprint=name)
        by_name[name] = trace
    return Traced(findings=tuple(named), traces=by_name)


class _Sources:
    """The files that findings are in, each read when it is first asked for."""

    def __init__(self, groups: Iterable[Sequence[Sighting]], folder: Path, world: World) -> None:
        self._paths = TracePaths(folder, world)
        self._folder = folder
        self._world = world
        self._secrets: dict[str, list[Location]] = {}
        for one in (one for group in groups for one in group if one.secret):
            for place in one.locations:
                self._secrets.setdefault(self._paths.of(place.path), []).append(place)
        self._read: dict[str, SourceLines | None] = {}
        self._blocks: dict[bytes, str] = {}
        self._hashed: dict[tuple[str, int], tuple[str, str, str] | None] = {}

    def trace(self, finding: Finding, group: Sequence[Sighting]) -> Trace:
        """The trace of one finding: by what an engine says it is, else by its line.

        What is in no line has the path of no file, for that may be an image with its tag.
        """
        rule = encodable(finding.rule)
        place = finding.locations[0] if finding.locations else None
        path = self._paths.of(place.path) if place is not None else ""
        identity = next((one.identity for one in group if one.identity), "")
        if identity:
            path = path if place is not None and place.line is not None else ""
            return Trace(rule=rule, path=path, line=_hash(_bytes(identity)))
        hashed = None
        if place is not None and place.line is not None:
            hashed = self._hashes(path, place)
        if hashed is None:
            return Trace(rule=rule, path=path, line=_hash(_told(group)))
        line, around, within = hashed
        return Trace(rule=rule, path=path, line=line, around=around, within=within)

    def _hashes(self, path: str, place: Location) -> tuple[str, str, str] | None:
        """Hashes of a line, of it with its neighbours, and of its block; the same ones are kept."""
        number = place.line or 0
        key = (path, number)
        if key not in self._hashed:
            source = self._source(path, place)
            around = source.around(number) if source else None
            self._hashed[key] = around and (
                _hash(around.line),
                _hash(b"\n".join((around.above, around.line, around.below))),
                self._within(around.within),
            )
        return self._hashed[key]

    def _within(self, block: bytes) -> str:
        """The hash of a block, empty for none; many findings are in the same one."""
        if block and block not in self._blocks:
            self._blocks[block] = _hash(block)
        return self._blocks[block] if block else ""

    def _source(self, path: str, place: Location) -> SourceLines | None:
        if path not in self._read:
            self._read[path] = self._lines(path, self._world.path(place.path))
        return self._read[path]

    def _lines(self, path: str, file: Path) -> SourceLines | None:
        """The lines of a file, or None where it cannot be read or is none of the project's."""
        if not (file.is_relative_to(self._folder) or file.is_relative_to(self._world.cwd)):
            return None
        try:
            data = decoded(self._world.files.read_bytes(file, LARGEST))
        except UnreadableError:
            return None
        secrets = self._secrets.get(path, ())
        return SourceLines(data, lambda lines: masked_lines(lines, secrets))


class TracePaths:
    """Paths as a baseline writes them: relative to its folder, with forward slashes."""

    def __init__(self, folder: Path, world: World) -> None:
        self._folder = folder
        self._world = world
        self._known: dict[str, str] = {}

    def of(self, shown: str) -> str:
        """The path in a trace of a file as we show it."""
        if shown not in self._known:
            path = self._world.path(shown)
            try:
                text = os.path.relpath(path, self._folder)
            except ValueError:  # another drive of Windows, or a name that is none
                text = shown
            text = text.replace(os.sep, "/")
            # A name that is no UTF-8 cannot stand in JSON.
            self._known[shown] = _bytes(text).decode("utf-8", errors="backslashreplace")
        return self._known[shown]


def _line(finding: Finding) -> tuple[int, int]:
    place = finding.locations[0] if finding.locations else None
    return (place.line or 0, place.column or 0) if place else (0, 0)


def _told(group: Sequence[Sighting]) -> bytes:
    """What an engine shows of a place that cannot be read; nothing of a secret."""
    if any(one.secret for one in group):
        return b""
    return _bytes(" ".join(next((one.snippet for one in group if one.snippet), "").split()))


def _bytes(text: str) -> bytes:
    return text.encode("utf-8", errors="surrogateescape" if _escapes(text) else "replace")


def _escapes(text: str) -> bool:
    try:
        text.encode("utf-8", errors="surrogateescape")
    except UnicodeEncodeError:
        return False
    return True


def _hash(data: bytes) -> str:
    return blake2b(data, digest_size=_BYTES).hexdigest()
