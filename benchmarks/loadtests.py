"""What load tests cost and how well they are judged: the benchmarks of ``loadtest``."""

import json
import subprocess
from pathlib import Path

from benchmarks.tables import Bound, Found, compared
from benchmarks.timing import PYTHON, interleaved, repeated, run_once, spread_of

ROOT = Path(__file__).parents[1]


def samples(runs: int, folder: Path) -> Found:
    """A million samples into percentiles, labels and a series, against a bare csv loop."""
    path = _written(folder, 1_000_000)
    comparison = interleaved(_command("ours", path), _command("bare", path), ROOT, runs)
    found = compared("a million samples", comparison, "bare csv.reader")
    ratio = found.ratios["a million samples, wall"].median
    return found._replace(bounds=(Bound("a million samples, wall", ratio, 0.5, "times"),))


def samples_memory(runs: int, folder: Path) -> Found:
    """Ten million samples, 900 MB: peak memory of the whole process."""
    path = _written(folder, 10_000_000)
    found = repeated(_command("ours", path), ROOT, max(runs // 3, 1))
    peak = spread_of(found, "megabytes").high
    return Found({"ten million samples": found}, {}, bounds=(Bound("peak", peak, 250, "MB"),))


def regressions(_runs: int, folder: Path) -> Found:
    """Simulated runs, unchanged and slower: how many does the verdict call a regression."""
    path = folder / "shares.json"
    took = run_once([PYTHON, "-m", "benchmarks.regressions", str(path)], ROOT)
    shares = json.loads(path.read_text())
    notes = [
        f"{slower} slower: {found['five']:.1%} flagged against five earlier runs,"
        f" {found['one']:.1%} against one; the interval holds the truth in {found['held']:.0%}"
        for slower, found in shares.items()
    ]
    return Found(
        {"simulation": [took]},
        {},
        bounds=(
            Bound("false alarms", shares["0%"]["five"] * 100, 5, "%"),
            Bound("20 % slower and not flagged", 100 - shares["20%"]["five"] * 100, 5, "%"),
        ),
        notes=tuple(notes),
    )


def _command(what: str, path: Path) -> list[str]:
    return [PYTHON, "-m", "benchmarks.read_samples", what, str(path)]


def _written(folder: Path, rows: int) -> Path:
    path = folder / "kpi.jtl"
    subprocess.run([*_command("write", path), str(rows)], cwd=ROOT, check=True)
    return path
