"""A SARIF file as scans: one for each of its runs."""

import hashlib
import posixpath
import re
from collections import Counter
from collections.abc import Iterable, Iterator

from msgspec import Raw

from buildsteps.errors import UnreadableError
from buildsteps.garbage import collector_paused
from buildsteps.results import Case, Cause
from buildsteps.steps.scan.sarif.ending import NOT_READ, capped, cases_of, not_read
from buildsteps.steps.scan.sarif.log import Component, Run, Tool
from buildsteps.steps.scan.sarif.notes import notes_of
from buildsteps.steps.scan.sarif.origin import Origin, broken, not_run, unreadable
from buildsteps.steps.scan.sarif.reading import (
    BrokenPart,
    Document,
    document,
    results_of,
    run_of,
)
from buildsteps.steps.scan.sarif.regions import unit_of
from buildsteps.steps.scan.sarif.rules import Rules
from buildsteps.steps.scan.sarif.sightings import Reader
from buildsteps.steps.scan.sarif.tree import Tree
from buildsteps.steps.scan.sarif.uris import Uris
from buildsteps.steps.scan.sighting import Scanned, Sighting

LISTS_ALL = frozenset({"eslint"})
"""Tools whose list of files has no roles and all files that they read."""

_NO_NAME = re.compile(r"[^a-z0-9._+-]+")
_VERSION = re.compile(r"v?(\d[0-9A-Za-z.+_-]{0,60})")


def scans_of(
    data: bytes, origin: Origin, tree: Tree, seen: dict[bytes, str] | None = None
) -> tuple[Scanned, ...]:
    """Read a file; what of it is broken is a case, never an empty scan.

    A run that is among ``seen``, by its bytes, was read before: it is told and left out.
    """
    with collector_paused():
        try:
            found = document(data, origin.name)
            new = _new(found, {} if seen is None else seen, tree)
            return tuple(_scan(*part, origin, tree) for part in _runs(new, found.name))
        except UnreadableError as error:
            return (unreadable(error, origin),)


def _new(found: Document, seen: dict[bytes, str], tree: Tree) -> Iterator[tuple[str, Raw]]:
    """The runs that were not read before, each with its place in the file."""
    for number, raw in enumerate(found.runs):
        place = f"runs[{number}]"
        name = f"{place} of {found.name}" if len(found.runs) > 1 else found.name
        digest = hashlib.sha256(raw).digest()
        if digest in seen:
            tree.world.note(f"{name} is the same run as {seen[digest]}; read once")
            continue
        seen[digest] = name
        yield place, raw


def _runs(raws: Iterable[tuple[str, Raw]], name: str) -> Iterator[tuple[Run, str]]:
    for place, raw in raws:
        yield run_of(raw, place, name), place


def _scan(run: Run, where: str, origin: Origin, tree: Tree) -> Scanned:
    driver = (run.tool or Tool()).driver or Component()
    tool = name_of(driver)
    engine = origin.engine or tool
    rules = Rules.of(run)
    uris = _uris(run, tree)
    reader = Reader(tool, engine, rules, uris, unit_of(run, tool), Counter())
    sightings, cases = _results(run, where, reader, origin)
    cases = [*not_run(run, engine, origin), *cases_of(run, engine, rules, uris), *cases]
    failed = any(case.cause is Cause.WORLD for case in cases)
    return Scanned(
        engine=engine,
        subject=origin.subject,
        version=_version(driver),
        sightings=reader.settled(sightings),
        read=None if failed else _read(run, tool, uris),
        rules=tuple(rule.id for rule in driver.rules or () if rule.id),
        cases=tuple(cases),
        notes=notes_of(reader.left, uris),
        facts={"tool": driver.name or "", "sarif": origin.name},
        partial=bool(cases),
    )


def name_of(driver: Component) -> str:
    """The name of a tool as findings and configuration carry it: ``Semgrep OSS`` is semgrep-oss."""
    return _NO_NAME.sub("-", (driver.name or "").lower()).strip("-")[:60] or "unnamed-tool"


def _version(driver: Component) -> str:
    found = _VERSION.match(driver.version or driver.semantic_version or "")
    return found[1] if found else ""


def _uris(run: Run, tree: Tree) -> Uris:
    folders = [one.working_directory for one in run.invocations or () if one.working_directory]
    uris = [folder.uri.removeprefix("file://") for folder in folders if folder.uri]
    bases = {name: one for name, one in (run.original_uri_base_ids or {}).items() if one}
    return Uris(tree, bases, run.artifacts or (), tuple(map(posixpath.normpath, uris)))


def _results(
    run: Run, where: str, reader: Reader, origin: Origin
) -> tuple[list[Sighting], list[Case]]:
    """The sightings, and the cases of results that are broken or say a file could not be read."""
    sightings: list[Sighting] = []
    unreadable_parts: list[BrokenPart] = []
    unread: list[Case] = []
    no_scan = NOT_READ.get(reader.tool, frozenset())
    for result in results_of(run, where):
        if isinstance(result, BrokenPart):
            unreadable_parts.append(result)
            continue
        found = reader.sighting(result)
        if found is None:
            continue
        if found.rule in no_scan:
            place = found.locations[0] if found.locations else None
            unread.append(not_read(found.message, place, reader.engine))
        else:
            sightings.append(found)
    return sightings, [
        *broken(unreadable_parts, reader.engine, origin),
        *capped(_once_a_file(unread), reader.engine),
    ]


def _once_a_file(cases: list[Case]) -> list[Case]:
    """One case a file: a parser that lost its way reports many errors."""
    return list({case.name: case for case in reversed(cases)}.values())[::-1]


def _read(run: Run, tool: str, uris: Uris) -> frozenset[str] | None:
    """The files that a tool says it was to scan, by the role ``analysisTarget`` (3.24.6).

    Without roles the list may be only of those that something was found in.
    """
    every = tool in LISTS_ALL
    targets = [one for one in run.artifacts or () if every or "analysisTarget" in (one.roles or ())]
    found = (uris.find(one.location) for one in targets)
    paths = frozenset(one.shown for one in found if one and one.path)
    return paths or None
