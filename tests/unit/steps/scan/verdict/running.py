"""The part of scan that knows baselines, run with what engines found handed in."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from buildsteps import baseline_file
from buildsteps.baseline import Entry
from buildsteps.results import Finding, Location, Severity
from buildsteps.steps.scan.settings import ScanOptions
from buildsteps.steps.scan.sighting import Scanned, Sighting
from buildsteps.steps.scan.verdict.baseline_in_force import baseline_of
from buildsteps.steps.scan.verdict.baselined import Baselined, against
from buildsteps.steps.scan.verdict.looked import Looked
from buildsteps.steps.scan.verdict.since import Changed
from buildsteps.steps.scan.verdict.tracing import TracePaths, traced
from buildsteps.world.files import Files
from tests.world_double import fake_world

FILE = ".buildsteps-baseline.json"


def finding(place: str, engine: str = "bandit", accepted: str = "") -> Finding:
    """A finding at a place such as ``a.py:3``; without a line, it is in no file."""
    path, _, line = place.partition(":")
    return Finding(
        rule="B307",
        severity=Severity.HIGH,
        message="m",
        locations=(Location(path, int(line)),) if line else (),
        engines=(engine,),
        accepted=accepted,
        snippet=path,
    )


def scanned(engine: str = "bandit", *read: str, **more: Any) -> Scanned:
    files = frozenset(read) if read else None
    return Scanned(engine=engine, subject="files", read=files, **more)


def run(
    folder: Path,
    findings: Sequence[Finding] = (),
    scans: Sequence[Scanned] = (scanned("bandit"),),
    *,
    whole: bool = True,
    changed: Changed | None = None,
    **options: Any,
) -> Baselined:
    """One run, with these options."""
    world = fake_world(folder)
    settings = ScanOptions(**options)
    baseline = baseline_of(settings, world)
    groups = [
        [
            Sighting(
                engine="x", rule=one.rule, severity=one.severity, message="m", snippet=one.snippet
            )
        ]
        for one in findings
    ]
    known = traced(findings, groups, baseline.folder, world)
    paths = TracePaths(baseline.folder, world)
    looked = Looked.of(scans, settings.paths, paths, whole=whole and not settings.paths)
    return against(baseline, known.findings, known.traces, looked, settings, world, changed)


def states(result: Baselined) -> str:
    return "".join("k" if one.known else "n" for one in result.findings)


def counts(result: Baselined) -> dict[str, int]:
    facts = result.facts["baseline"]
    assert isinstance(facts, dict)
    return {name: number for name, number in facts.items() if isinstance(number, int) and number}


def written(folder: Path) -> list[tuple[str, tuple[str, ...], int]]:
    """The path, engines and count of each entry of the file."""
    entries: Sequence[Entry] = baseline_file.read(folder / FILE, Files(folder))
    return [(one.trace.path, one.engines, one.count) for one in entries]
