"""What reading SARIF costs ``scan``."""

import subprocess
from pathlib import Path

from benchmarks.tables import Bound, Found, compared
from benchmarks.timing import PYTHON, interleaved, spread_of

ROOT = Path(__file__).parents[1]
RESULTS = 100_000


def sarif(runs: int, folder: Path) -> Found:
    """100,000 SARIF results, 62 MB over 2,000 sources, into sightings, against bare json.loads."""
    subprocess.run([*_command("write", folder), str(RESULTS)], cwd=ROOT, check=True)
    comparison = interleaved(_command("ours", folder), _command("bare", folder), ROOT, runs)
    found = compared("100,000 results", comparison, "bare json.loads")
    return found._replace(
        bounds=(
            Bound("100,000 results, cpu", spread_of(comparison.ours, "cpu").median, 1.5, "s"),
            Bound("peak", spread_of(comparison.ours, "megabytes").high, 300, "MB"),
        )
    )


def _command(what: str, folder: Path) -> list[str]:
    return [PYTHON, "-m", "benchmarks.read_sarif", what, str(folder)]
