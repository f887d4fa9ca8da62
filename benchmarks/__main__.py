"""Measure and say what was measured; never fails for being slow.

``python -m benchmarks [--runs N] [NAME ...]``
"""

import argparse
import os
import platform
import statistics
import tempfile
from collections.abc import Callable
from pathlib import Path

from benchmarks import stores
from benchmarks.timing import BUILDSTEPS, PYTHON, Comparison, interleaved, run_once, spread

ROOT = Path(__file__).parents[1]
PHOTOS = str(ROOT / "examples" / "photo-sharing")


def _show(name: str, comparison: Comparison, bound: float) -> None:
    for figure in ("wall", "cpu"):
        ours = spread([getattr(run, figure) for run in comparison.ours])
        theirs = spread([getattr(run, figure) for run in comparison.theirs])
        print(
            f"  {figure:<5} ours {ours} s, theirs {theirs} s, "
            f"ratio {spread(comparison.ratios(figure), 2)}"
        )
    ratio = statistics.median(comparison.ratios("cpu"))
    met = "met" if ratio <= bound else "NOT met"
    print(f"  bound: {name} {ratio:.2f} times (processor time), at most {bound} -> {met}")


def startup(runs: int, _folder: Path) -> None:
    """``buildsteps --help`` against ``import click``."""
    bare = [PYTHON, "-c", "import click"]
    _show("--help", interleaved([BUILDSTEPS, "--help"], bare, ROOT, runs), 1.5)


def photo_store(runs: int, _folder: Path) -> None:
    """The photo store, validation and all tests, against importing what it needs."""
    bare = [PYTHON, "-c", "import click, cedarpy"]
    found = interleaved([BUILDSTEPS, "cedar-validate", PHOTOS], bare, ROOT, runs)
    _show("photo store", found, 2.5)
    wall = statistics.median(run.wall for run in found.ours)
    print(f"  bound: wall {wall:.3f} s, at most 0.25 s -> {'met' if wall < 0.25 else 'NOT met'}")


def thousand(runs: int, folder: Path) -> None:
    """1,000 policies and 1,000 tests against bare cedarpy calls with handles."""
    store = folder / "thousand"
    stores.thousand(store)
    bare = [PYTHON, "-m", "benchmarks.bare", "thousand", str(store)]
    ours = [BUILDSTEPS, "cedar-validate", str(store), "-q"]
    _show("1,000 x 1,000", interleaved(ours, bare, ROOT, runs), 1.3)


def junit(runs: int, folder: Path) -> None:
    """100,000 cases in one JUnit file: peak memory of the whole process."""
    command = [PYTHON, "-m", "benchmarks.junit_100k", str(folder / "out.xml")]
    found = [run_once(command, ROOT) for _ in range(max(runs // 3, 1))]
    peak = max(run.megabytes for run in found)
    print(f"  wall {spread([run.wall for run in found])} s")
    print(f"  bound: peak {peak:.0f} MB, at most 200 MB -> {'met' if peak < 200 else 'NOT met'}")


def small(runs: int, folder: Path) -> None:
    """60,000 requests over 8,000 small stores against a bare loop; one process, then workers."""
    corpus = folder / "small"
    stores.small_stores(corpus)
    bare = [PYTHON, "-m", "benchmarks.bare", "small", str(corpus)]
    runs = max(runs // 3, 1)
    for jobs, bound in (("1", 1.5), (str(os.cpu_count() or 1), 1.0)):
        ours = [BUILDSTEPS, "cedar-validate", str(corpus), "-q", "--jobs", jobs]
        found = interleaved(ours, bare, folder, runs)
        ratio = statistics.median(found.ratios("wall"))
        print(
            f"  jobs {jobs}: ours {spread([r.wall for r in found.ours], 2)} s, "
            f"theirs {spread([r.wall for r in found.theirs], 2)} s"
        )
        met = "met" if ratio <= bound else "NOT met"
        print(f"  bound: {ratio:.2f} times (wall), at most {bound} -> {met}")


BENCHMARKS: dict[str, Callable[[int, Path], None]] = {
    "startup": startup,
    "photo-store": photo_store,
    "thousand": thousand,
    "junit": junit,
    "small": small,
}


def main() -> None:
    """Run the benchmarks that are named, or all."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks")
    parser.add_argument("names", nargs="*", choices=[*BENCHMARKS, []], metavar="NAME")
    parser.add_argument("--runs", type=int, default=9, help="counted runs of each command")
    chosen = parser.parse_args()
    print(
        f"Python {platform.python_version()}, {os.cpu_count()} processors; medians, with the "
        "smallest and the largest"
    )
    os.environ["PYTHONPATH"] = str(ROOT)
    for name in chosen.names or BENCHMARKS:
        print(f"\n{name}: {BENCHMARKS[name].__doc__}")
        with tempfile.TemporaryDirectory() as folder:
            BENCHMARKS[name](chosen.runs, Path(folder))


if __name__ == "__main__":
    main()
