"""SARIF for tests: logs of a few lines, and what comes of them."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from buildsteps.results import Cause
from buildsteps.steps.scan.sarif.origin import Origin
from buildsteps.steps.scan.sarif.runs import scans_of
from buildsteps.steps.scan.sarif.tree import Tree
from buildsteps.steps.scan.sighting import Scanned, Sighting
from tests.world_double import fake_world

ORIGIN = Origin(name="results.sarif", subject="results.sarif")


def result(path: str = "app.py", line: int | None = 1, **more: Any) -> dict[str, Any]:
    """A result at a line of a file."""
    region = {} if line is None else {"region": {"startLine": line}}
    place = {"artifactLocation": {"uri": path}, **region}
    return {
        "ruleId": "R1",
        "message": {"text": "It is wrong."},
        "locations": [{"physicalLocation": place}],
        **more,
    }


def log(*results: Any, driver: Mapping[str, Any] | None = None, **run: Any) -> bytes:
    """A file with one run; ``run`` adds to the run or replaces what is there."""
    whole = {"tool": {"driver": {"name": "Tool", **(driver or {})}}, "results": list(results)}
    return json.dumps({"version": "2.1.0", "runs": [whole | run]}).encode()


def scans(data: bytes, folder: Path, blame: Cause = Cause.SUBJECT) -> tuple[Scanned, ...]:
    """What is read from a file, its source root being ``folder``."""
    origin = Origin(name="results.sarif", subject="results.sarif", blame=blame)
    return scans_of(data, origin, Tree(folder, fake_world(folder)))


def scan(data: bytes, folder: Path) -> Scanned:
    """What is read from a file with one run."""
    (found,) = scans(data, folder)
    return found


def sighting(data: bytes, folder: Path) -> Sighting:
    """The only sighting of a file that has no cases."""
    found = scan(data, folder)
    assert found.cases == ()
    (one,) = found.sightings
    return one


def messages(found: Scanned) -> list[str]:
    """What the cases of a scan say."""
    return [case.message for case in found.cases]
