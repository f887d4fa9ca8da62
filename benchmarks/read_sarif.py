"""Write a SARIF file of many results over real sources, read it as ``scan`` does, or just as JSON.

``python -m benchmarks.read_sarif write|ours|bare FOLDER [RESULTS]``
"""

import json
import os
import random
import sys
from pathlib import Path
from typing import Any

FILES = 2_000
RULES = 200
LINES = 300


def write(folder: Path, results: int) -> None:
    """Write sources, some with an umlaut in their name, and a SARIF file that semgrep could write.

    The file has snippets, columns, fingerprints and places that are percent-encoded.
    """
    chance = random.Random(1)
    source = "".join(f"value_{line} = evaluate(request, {line})\n" for line in range(LINES))
    names = [f"src/part{n % 40}/{'größe' if n % 10 == 0 else 'module'}{n}.py" for n in range(FILES)]
    for name in names:
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(source, encoding="utf-8")
    found = [_result(chance, names[number % FILES]) for number in range(results)]
    driver = {"name": "Many", "version": "1.0", "rules": [_rule(n) for n in range(RULES)]}
    run = {"tool": {"driver": driver}, "results": found}
    text = json.dumps({"version": "2.1.0", "runs": [run]})
    (folder / "many.sarif").write_text(text, encoding="utf-8")


def _rule(number: int) -> dict[str, Any]:
    return {
        "id": f"rule-{number}",
        "name": f"Rule number {number}",
        "helpUri": f"https://example.test/rules/{number}",
        "defaultConfiguration": {"level": ("error", "warning", "note")[number % 3]},
        "properties": {"tags": ["security", f"external/cwe/cwe-{number}"], "precision": "high"},
    }


def _result(chance: random.Random, name: str) -> dict[str, Any]:
    rule, line = chance.randrange(RULES), chance.randrange(LINES)
    snippet = f"value_{line} = evaluate(request, {line})"
    region = {"startLine": line + 1, "startColumn": 1, "endLine": line + 1, "endColumn": 20}
    place = {
        "artifactLocation": {"uri": name, "uriBaseId": "%SRCROOT%"},
        "region": region | {"snippet": {"text": snippet}},
    }
    return {
        "ruleId": f"rule-{rule}",
        "ruleIndex": rule,
        "message": {"text": f"The value of line {line} comes from a request and is evaluated."},
        "locations": [{"physicalLocation": place}],
        "fingerprints": {"matchBasedId/v1": f"{chance.getrandbits(256):064x}_0"},
        "partialFingerprints": {"author": "somebody", "date": "2026-03-01"},
        "properties": {"precision": "high", "confidence": "HIGH"},
    }


def ours(folder: Path) -> None:
    """Read the file into sightings."""
    from buildsteps.__main__ import main  # noqa: F401 - what every run has imported
    from buildsteps.steps.scan.engines.sarif_files import scan
    from buildsteps.steps.scan.settings import ScanOptions
    from buildsteps.steps.scan.subjects import Subjects
    from buildsteps.world import system_world

    os.chdir(folder)
    scans = scan(Subjects(files=()), ScanOptions(sarif=("many.sarif",)), system_world())
    print(sum(len(one.sightings) for one in scans))


def bare(folder: Path) -> None:
    """Read it with the JSON reader of the standard library, and look at nothing."""
    found = json.loads((folder / "many.sarif").read_bytes())
    print(len(found["runs"][0]["results"]))


if __name__ == "__main__":
    what, place = sys.argv[1], Path(sys.argv[2])
    if what == "write":
        write(place, int(sys.argv[3]))
    else:
        {"ours": ours, "bare": bare}[what](place)
