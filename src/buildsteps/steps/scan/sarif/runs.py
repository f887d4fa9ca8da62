"""A SARIF file as scans: one for each of its runs."""

import posixpath
import re
from collections import Counter
from collections.abc import Iterable

from msgspec import Struct

from buildsteps.errors import UnreadableError
from buildsteps.garbage import collector_paused
from buildsteps.reporting.text import counted
from buildsteps.results import Case, Cause, Location, unjudged
from buildsteps.steps.scan.sarif.ending import MAX_CASES, NOT_READ, cases_of, not_read
from buildsteps.steps.scan.sarif.log import Component, Run, Tool
from buildsteps.steps.scan.sarif.notes import notes_of
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

_NO_NAME = re.compile(r"[^a-z0-9._+-]+")
_VERSION = re.compile(r"v?(\d[0-9A-Za-z.+_-]{0,60})")


class Origin(Struct, frozen=True, kw_only=True):
    """Where SARIF came from.

    ``name`` is how the file is called in messages, ``subject`` what the scans say they looked at.
    ``engine`` overrules the tool's own name. ``blame`` is the cause where the file is no good: the
    subject where a user gave it, the world where a scanner of ours has just written it.
    """

    name: str
    subject: str
    engine: str = ""
    blame: Cause = Cause.SUBJECT


def scans_of(data: bytes, origin: Origin, tree: Tree) -> tuple[Scanned, ...]:
    """Read a file; what of it is broken is a case, never an empty scan."""
    with collector_paused():
        try:
            return tuple(_scan(*part, origin, tree) for part in _runs(document(data, origin.name)))
        except UnreadableError as error:
            return (unreadable(error, origin),)


def unreadable(error: UnreadableError, origin: Origin) -> Scanned:
    """The scan of a file that tells nothing."""
    place = error.location or Location(path=origin.name)
    case = unjudged(
        origin.name,
        origin.engine or "sarif",
        error.message,
        kind="broken-sarif",
        locations=(place,),
        cause=origin.blame,
    )
    engine = origin.engine or "sarif"
    return Scanned(engine=engine, subject=origin.subject, cases=(case,), partial=True)


def _runs(found: Document) -> Iterable[tuple[Run, str]]:
    for number, raw in enumerate(found.runs):
        place = f"runs[{number}]"
        yield run_of(raw, place, found.name), place


def _scan(run: Run, where: str, origin: Origin, tree: Tree) -> Scanned:
    driver = (run.tool or Tool()).driver or Component()
    tool = name_of(driver)
    engine = origin.engine or tool
    rules = Rules.of(run)
    uris = _uris(run, tree)
    reader = Reader(tool, engine, rules, uris, unit_of(run, tool), Counter())
    sightings, cases = _results(run, where, reader, origin)
    cases = [*_not_run(run, engine, origin), *cases_of(run, engine, rules, uris), *cases]
    return Scanned(
        engine=engine,
        subject=origin.subject,
        version=_version(driver),
        sightings=reader.settled(sightings),
        read=_read(run, uris),
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
    broken: list[BrokenPart] = []
    unread: list[Case] = []
    no_scan = NOT_READ.get(reader.tool, frozenset())
    for result in results_of(run, where):
        if isinstance(result, BrokenPart):
            broken.append(result)
            continue
        found = reader.sighting(result)
        if found is None:
            continue
        if found.rule in no_scan:
            place = found.locations[0] if found.locations else None
            unread.append(not_read(found.message, place, reader.engine))
        else:
            sightings.append(found)
    return sightings, [*_broken(broken, reader.engine, origin), *_once_a_file(unread)]


def _broken(parts: list[BrokenPart], engine: str, origin: Origin) -> list[Case]:
    if not parts:
        return []
    first = parts[0]
    more = f", and {counted(len(parts) - 1, 'further result')}" if len(parts) > 1 else ""
    message = f"is broken SARIF at {first.place}{more}: {first.reason}"
    place = (Location(path=origin.name),)
    return [
        unjudged(
            origin.name, engine, message, kind="broken-sarif", locations=place, cause=origin.blame
        )
    ]


def _once_a_file(cases: list[Case]) -> list[Case]:
    """One case a file: a parser that lost its way reports many errors."""
    return list({case.name: case for case in reversed(cases)}.values())[::-1][:MAX_CASES]


def _not_run(run: Run, engine: str, origin: Origin) -> list[Case]:
    """Without results nothing was scanned (3.14.23); an empty list says that all is well."""
    if run.results is not None:
        return []
    elsewhere = run.external_property_file_references
    if elsewhere is not None and elsewhere.results:
        message = "keeps its results in other files (externalPropertyFileReferences): give those"
    else:
        message = "has a run without `results`: that scanner did not scan"
    return [unjudged(origin.name, engine, message, kind="not-run", cause=origin.blame)]


def _read(run: Run, uris: Uris) -> frozenset[str] | None:
    """The files that a tool says it was to scan, by the role ``analysisTarget`` (3.24.6)."""
    targets = [one for one in run.artifacts or () if "analysisTarget" in (one.roles or ())]
    found = (uris.find(one.location) for one in targets)
    paths = frozenset(one.shown for one in found if one and one.path)
    return paths or None
