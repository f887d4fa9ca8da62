"""bandit: Python code for security, in its JSON."""

import sys

import msgspec

from buildsteps.errors import WorldError
from buildsteps.results import Location, Severity
from buildsteps.steps.scan.settings import ScanOptions
from buildsteps.steps.scan.sighting import Scanned, Sighting
from buildsteps.steps.scan.subjects import Subjects
from buildsteps.world import World


def scan(subjects: Subjects, options: ScanOptions, world: World) -> tuple[Scanned, ...]:
    """Scan the Python files; see :class:`~buildsteps.steps.scan.engines.interface.Engine`."""
    files = subjects.of_kind(".py")
    done = world.processes.run(
        [sys.executable, "-m", "bandit", "-q", "-f", "json", "--", *files], timeout=options.timeout
    )
    if done.status not in (0, 1):
        raise WorldError("bandit failed", detail=done.stderr.decode(errors="replace"))
    answer = msgspec.json.decode(done.stdout)
    sightings = [
        Sighting(
            engine="bandit",
            rule=one["test_id"],
            title=one["test_name"],
            severity=Severity(one["issue_severity"].lower()),
            message=one["issue_text"],
            locations=(Location(path=one["filename"], line=one["line_number"]),),
            help=one["more_info"],
        )
        for one in answer["results"]
    ]
    return (
        Scanned(
            engine="bandit",
            subject=f"{len(files)} files",
            sightings=sightings,
            read=frozenset(name for name in answer["metrics"] if name != "_totals"),
        ),
    )
