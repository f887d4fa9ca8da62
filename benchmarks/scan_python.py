"""What ``scan`` adds to bandit and ruff themselves, on the code of this project."""

from collections.abc import Sequence
from pathlib import Path

from benchmarks.tables import Bound, Found, compared
from benchmarks.timing import BUILDSTEPS, PYTHON, Comparison, Spread, interleaved
from buildsteps.steps.scan.python_rules import SELECTED

ROOT = Path(__file__).parents[1]
PART = "src/buildsteps/steps/loadtest/dlt"
WHOLE = "src/buildsteps"

_BARE = """
"$1" -P -m bandit -q -f json --exit-zero -x '' -r "$2" > /dev/null &
"$1" -m ruff check --isolated --no-cache --exit-zero --output-format json --select "$3" "$2" \\
  > /dev/null
wait
"""


def scan_python(runs: int, _folder: Path) -> Found:
    """76 kB, for one bandit, against bandit and ruff side by side; all of src for information."""
    part = _compared(PART, runs)
    whole = _compared(WHOLE, max(runs // 3, 1))
    found = compared("a part", part, "engines on it")
    all_of_it = compared("all of src", whole, "engines on all of src")
    added = {
        "a part, added s": _added(part, "wall"),
        "a part, added cpu s": _added(part, "cpu"),
        "all of src, added s": _added(whole, "wall"),
    }
    return Found(
        found.runs | all_of_it.runs,
        found.ratios | all_of_it.ratios,
        bounds=tuple(
            Bound(name.removesuffix(" s"), added[name].median, 0.3, "s")
            for name in ("a part, added s", "a part, added cpu s")
        ),
        notes=tuple(f"{name}: {spread.text(3)}" for name, spread in added.items()),
    )


def _compared(folder: str, runs: int) -> Comparison:
    return interleaved(_ours(folder), _bare(folder), ROOT, runs)


def _ours(folder: str) -> Sequence[str]:
    return [BUILDSTEPS, "scan", "-q", "--fail-on", "never", "--ignore-baseline", folder]


def _bare(folder: str) -> Sequence[str]:
    return ["sh", "-c", _BARE, "sh", PYTHON, folder, ",".join(SELECTED)]


def _added(comparison: Comparison, figure: str) -> Spread:
    """Our seconds less theirs, pair by pair."""
    pairs = zip(comparison.ours, comparison.theirs, strict=True)
    return Spread.of([getattr(a, figure) - getattr(b, figure) for a, b in pairs])
