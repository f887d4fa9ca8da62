"""What the reports of a large scan cost."""

from pathlib import Path

from benchmarks.tables import Bound, Found
from benchmarks.timing import PYTHON, repeated, spread_of

ROOT = Path(__file__).parents[1]


def scan_reports(runs: int, folder: Path) -> Found:
    """100,000 findings judged and written in every format: all old but 1,000, then all stopping."""
    found = Found({}, {})
    for kind, most in (("old", 2.5), ("stopping", 4.0)):
        command = [PYTHON, "-m", "benchmarks.scan_reports", str(folder), kind]
        ran = repeated(command, ROOT, max(runs // 3, 1))
        bounds = (
            # making the findings and their files is part of the process, and takes half a second
            Bound(f"{kind}, cpu", spread_of(ran, "cpu").median, most + 1.0, "s"),
            Bound(f"{kind}, peak", spread_of(ran, "megabytes").high, 250, "MB"),
        )
        found = Found(found.runs | {kind: ran}, {}, bounds=(*found.bounds, *bounds))
    return found
