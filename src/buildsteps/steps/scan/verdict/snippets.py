"""The source at the places of findings, as people read it: numbers, carets, and no secrets.

Each file is read once, and one after the other. A file that is not there, is no text, is too large
or lies outside what was scanned has no snippet: a scanner's file may name any path.
"""

import re
from codecs import BOM_UTF16_BE, BOM_UTF16_LE, lookup
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from pathlib import Path

from msgspec import Struct
from msgspec.structs import replace

from buildsteps.errors import BuildstepsError
from buildsteps.results import Finding, Location
from buildsteps.source import SourceText
from buildsteps.steps.scan.settings import ScanOptions
from buildsteps.steps.scan.sighting import Sighting
from buildsteps.steps.scan.verdict.redacting import (
    lines_with,
    masked_line,
    masked_words,
    secrets_of,
)
from buildsteps.world import World

LARGEST = 16 * 1024 * 1024
"""Bytes of a file that is read for its snippets."""

MOST_LINES = 4
"""Lines of a snippet."""

_MOST_MASKED = 1_000
_HARD_CODED = 798
"""CWE-798, use of hard-coded credentials: what a secret is, where the scanner does not say."""

_COOKIE = re.compile(rb"^[ \t\f]*#.*?coding[:=][ \t]*([-\w.]+)")

Group = Sequence[Sighting]


def with_snippets(
    findings: Sequence[Finding], groups: Sequence[Group], roots: Iterable[Path], world: World
) -> list[Finding]:
    """Give the findings with the source at their places, and without secrets.

    ``groups`` are the sightings that each was made of. Files below ``roots`` are read. A line that
    holds a secret is masked for whoever else found something on it, too.
    """
    by_path: dict[str, list[int]] = {}
    for number, finding in enumerate(findings):
        by_path.setdefault(finding.locations[0].path if finding.locations else "", []).append(
            number
        )
    resolved = [root.resolve() for root in roots]
    shown = list(findings)
    for path, numbers in by_path.items():
        source = _source(path, resolved, world)
        held = _Secrets.of(source, [one for number in numbers for one in groups[number]])
        masked = held.masked(source)
        for number in numbers:
            shown[number] = _shown(findings[number], groups[number], masked, held)
    return shown


def roots_of(options: ScanOptions, world: World) -> tuple[Path, ...]:
    """The folders and files whose source may be shown: this one, and what a call names."""
    named = (*options.paths, *([options.source_root] if options.source_root else []))
    return (world.cwd, *(world.path(one) for one in named))


class _Secrets(Struct, frozen=True, kw_only=True):
    """Where a file holds secrets: its lines as they are and as shown, or all of it."""

    lines: Mapping[int, str]
    masked_lines: Mapping[int, str]
    texts: frozenset[str]
    everywhere: bool = False

    @classmethod
    def of(cls, source: SourceText | None, sightings: Iterable[Sighting]) -> "_Secrets":
        lines: dict[int, str] = {}
        masked: dict[int, str] = {}
        texts: set[str] = set()
        everywhere = False
        for sighting in sightings:
            if not sighting.secret:
                continue
            said = [one for one in sighting.snippet.split("\n") if one.strip()]
            texts |= secrets_of("", said)
            for place in sighting.locations[:1]:
                everywhere = everywhere or place.line is None
                for number in _numbers(place):
                    line = source.line_text(number) if source else ""
                    first = place.column if number == place.line else 1
                    shown = masked_line(line, first, said)
                    lines[number] = line
                    # two scanners: what is kept is what both keep
                    masked[number] = min(masked.get(number, shown), shown, key=len)
                    texts |= secrets_of(line)
        if source is not None:
            for number, shown in lines_with(source.text, texts).items():
                lines.setdefault(number, source.line_text(number))
                masked.setdefault(number, shown)
        return cls(lines=lines, masked_lines=masked, texts=frozenset(texts), everywhere=everywhere)

    def masked(self, source: SourceText | None) -> SourceText | None:
        """The source to show; None where it cannot be told which line holds the secret."""
        if source is None or self.everywhere:
            return None
        if not self.lines:
            return source
        return source.with_lines(self.masked_lines)

    def touch(self, place: Location | None) -> bool:
        """Whether a place lies on a line that holds a secret."""
        if self.everywhere:
            return True
        return bool(self.lines and place) and any(one in self.lines for one in _numbers(place))

    def line_at(self, place: Location | None) -> str:
        return self.lines.get(place.line or 0, "") if place else ""


def _numbers(place: Location | None) -> range:
    if place is None or place.line is None:
        return range(0)
    return range(
        place.line, min(max(place.end_line or 0, place.line), place.line + _MOST_MASKED) + 1
    )


def _shown(finding: Finding, group: Group, source: SourceText | None, held: _Secrets) -> Finding:
    place = finding.locations[0] if finding.locations else None
    secret = any(one.secret for one in group)
    hidden = secret or held.touch(place)
    snippet = ""
    if source is not None and place is not None:
        where = Location(path=place.path, line=place.line) if hidden else place
        snippet = source.excerpt_at(where, MOST_LINES)
    if not snippet and not hidden:
        snippet = _quoted(next((one.snippet for one in group if one.snippet), ""))
    if not hidden:
        return replace(finding, snippet=snippet)
    texts = held.texts | secrets_of("", (one.snippet for one in group if one.secret))
    words = {
        name: masked_words(getattr(finding, name), texts, held.line_at(place), quoted=secret)
        for name in ("message", "detail", "fix")
    }
    cwes = finding.cwes or ((_HARD_CODED,) if secret else ())
    return replace(finding, snippet=snippet, cwes=cwes, **words)


def _quoted(snippet: str) -> str:
    """What an engine shows of a place that we cannot read; it says no line numbers."""
    lines = SourceText("", snippet.strip("\r\n"))
    shown = lines.excerpt_at(Location("", 1, end_line=len(snippet)), MOST_LINES) if snippet else ""
    return re.sub(r"(?m)^ *[\d…]+ \|", "    |", shown)


def _source(path: str, roots: Sequence[Path], world: World) -> SourceText | None:
    """The text of a file below the roots, symbolic links followed first; None without one."""
    if not path or "\0" in path:
        return None
    with suppress(OSError, RuntimeError, ValueError, BuildstepsError):
        real = world.path(path).resolve(strict=True)
        if any(real.is_relative_to(root) for root in roots):
            text = _decoded(world.files.read_bytes(real, LARGEST))
            return None if text is None else SourceText(path, text)
    return None


def _decoded(data: bytes) -> str | None:
    """The text of a file; None where it is none. What does not decode is replaced."""
    if data.startswith((BOM_UTF16_LE, BOM_UTF16_BE)):
        return data.decode("utf-16", "replace")
    if b"\0" in data[:8192]:
        return None
    with suppress(UnicodeDecodeError):
        return data.decode("utf-8-sig")
    for line in data.split(b"\n", 2)[:2]:  # Python's declaration, PEP 263
        declared = _COOKIE.match(line)
        if declared:
            with suppress(LookupError, UnicodeDecodeError):
                return data.decode(lookup(declared[1].decode()).name)
    return data.decode("utf-8", "replace")
