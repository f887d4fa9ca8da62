"""Measure and say what was measured; never fails for being slow.

``python -m benchmarks [--list] [--runs N] [--json FILE] [NAME ...]``
"""

import argparse
import datetime
import json
import os
import platform
import subprocess
import tempfile
from collections.abc import Callable
from pathlib import Path

from benchmarks import signing
from benchmarks.cedar_diff import cedar_diff
from benchmarks.loadtests import regressions, samples, samples_memory
from benchmarks.local_engine import local_engine
from benchmarks.sarif import sarif
from benchmarks.scan_python import scan_python
from benchmarks.scanning import scan_reports
from benchmarks.tables import Bound, Found, compared, data, text
from benchmarks.timing import (
    BUILDSTEPS,
    PYTHON,
    Spread,
    interleaved,
    repeated,
    spread_of,
)

ROOT = Path(__file__).parents[1]
PHOTOS = str(ROOT / "examples" / "photo-sharing")


def _ratio_bounds(found: Found, label: str, most: float) -> tuple[Bound, ...]:
    """One bound for wall and one for processor time: only both together are a bound kept."""
    return tuple(
        Bound(f"{label}, {figure}", found.ratios[f"{label}, {figure}"].median, most, "times")
        for figure in ("wall", "cpu")
    )


def startup(runs: int, _folder: Path) -> Found:
    """``buildsteps --help`` against ``import click``; a command's own help for information."""
    bare = [PYTHON, "-c", "import click"]
    found = compared(
        "--help", interleaved([BUILDSTEPS, "--help"], bare, ROOT, runs), "import click"
    )
    one = interleaved([BUILDSTEPS, "cedar-validate", "--help"], bare, ROOT, runs)
    help_of_one = compared("cedar-validate --help", one, "import click, again")
    return Found(
        found.runs | help_of_one.runs,
        found.ratios | help_of_one.ratios,
        _ratio_bounds(found, "--help", 1.5),
    )


def photo_store(runs: int, _folder: Path) -> Found:
    """The photo store, validation and all tests, against importing what it needs."""
    bare = [PYTHON, "-c", "import click, cedarpy"]
    comparison = interleaved([BUILDSTEPS, "cedar-validate", PHOTOS], bare, ROOT, runs)
    found = compared("photo store", comparison, "import click, cedarpy")
    wall = Bound("photo store, wall", spread_of(comparison.ours, "wall").median, 0.25, "s")
    return found._replace(bounds=(*_ratio_bounds(found, "photo store", 2.5), wall))


def thousand(runs: int, folder: Path) -> Found:
    """1,000 policies and 1,000 tests against bare cedarpy calls with handles."""
    store = folder / "thousand"
    _generate("thousand", store)
    bare = [PYTHON, "-m", "benchmarks.bare", "thousand", str(store)]
    ours = [BUILDSTEPS, "cedar-validate", str(store), "-q"]
    found = compared("1,000 x 1,000", interleaved(ours, bare, ROOT, runs), "bare cedarpy")
    return found._replace(
        bounds=_ratio_bounds(found, "1,000 x 1,000", 1.3), notes=_prices("thousand", store, runs)
    )


def mutate(runs: int, folder: Path) -> Found:
    """10,000 mutants of 1,000 policies against one bare run of the tests: so many runs it costs.

    With each mutant in its place it would be one bare run a mutant.
    """
    store = folder / "mutated"
    _generate("thousand", store)
    bare = [PYTHON, "-m", "benchmarks.bare", "thousand", str(store)]
    ours = [BUILDSTEPS, "cedar-validate", str(store), "-q", "--mutate"]
    comparison = interleaved(ours, bare, ROOT, max(runs // 3, 1))
    found = compared("10,000 mutants", comparison, "one bare run")
    peak = spread_of(comparison.ours, "megabytes").high
    return found._replace(
        bounds=(
            *_ratio_bounds(found, "10,000 mutants", 50),
            Bound("peak", peak, 400, "MB"),
        )
    )


def _generate(name: str, folder: Path) -> None:
    subprocess.run([PYTHON, "-m", "benchmarks.stores", name, str(folder)], cwd=ROOT, check=True)


def _prices(name: str, store: Path, runs: int) -> tuple[str, ...]:
    """What of our time the checks are that the bare calls have nothing like, and no switch drops.

    Processor time in a process of its own, so that the clocks are in none of the ratios.
    """
    command = [PYTHON, "-m", "benchmarks.price", name, str(store)]
    found: dict[str, list[float]] = {}
    for _ in range(runs):
        printed = subprocess.run(
            command, cwd=store.parent, check=True, capture_output=True, text=True
        ).stdout
        for line in printed.splitlines():
            seconds, what = line.split(" ", 1)
            found.setdefault(what, []).append(float(seconds))
    whole = Spread.of(found.pop("the command")).median
    return tuple(
        f"of which {what}: {Spread.of(seconds).text(3)} s cpu,"
        f" {Spread.of(seconds).median / whole:.0%} of the command in one process"
        for what, seconds in found.items()
    )


def junit(runs: int, folder: Path) -> Found:
    """100,000 cases in one JUnit file: peak memory of the whole process."""
    command = [PYTHON, "-m", "benchmarks.junit_100k", str(folder / "out.xml")]
    found = repeated(command, ROOT, max(runs // 3, 1))
    size = (folder / "out.xml").stat().st_size / 1e6
    peak = spread_of(found, "megabytes").high
    return Found(
        {"100,000 cases": found},
        {},
        bounds=(Bound("peak", peak, 200, "MB"),),
        notes=(f"the file has {size:.0f} MB",),
    )


def small(runs: int, folder: Path) -> Found:
    """60,000 requests over 8,000 small stores against a bare loop; one process, then workers."""
    corpus = folder / "small"
    _generate("small", corpus)
    bare = [PYTHON, "-m", "benchmarks.bare", "small", str(corpus)]
    runs = max(runs // 3, 1)
    whole = Found({}, {})
    for jobs, most in (("1", 1.5), (str(os.cpu_count() or 1), 1.0)):
        label = f"jobs {jobs}"
        ours = [BUILDSTEPS, "cedar-validate", str(corpus), "-q", "--jobs", jobs]
        comparison = interleaved(ours, bare, folder, runs)
        found = compared(label, comparison, f"bare loop beside {label}")
        bound = Bound(f"{label}, wall", found.ratios[f"{label}, wall"].median, most, "times")
        whole = Found(whole.runs | found.runs, whole.ratios | found.ratios, (*whole.bounds, bound))
    return whole._replace(notes=_prices("small", corpus, runs))


def format_file(runs: int, folder: Path) -> Found:
    """1,000 policies in one file formatted and written, against a bare loop, one call a policy."""
    store, file = folder / "store", folder / "all.cedar"
    _generate("thousand", store)
    file.write_text("".join(path.read_text() for path in sorted(store.glob("*.cedar"))))
    copy = folder / "copy.cedar"
    script = 'cp "$1" "$2" && exec "$3" cedar-format -q "$2"'
    ours = ["sh", "-c", script, "sh", str(file), str(copy), BUILDSTEPS]
    comparison = interleaved(
        ours, [PYTHON, "-m", "benchmarks.bare", "format", str(file)], ROOT, runs
    )
    found = compared("format", comparison, "bare loop")
    return found._replace(
        bounds=(Bound("format, wall", spread_of(comparison.ours, "wall").median, 0.4, "s"),)
    )


def lint(runs: int, folder: Path) -> Found:
    """1,000 policies looked at by every rule, against reading, validating and writing as JSON."""
    store = folder / "lint"
    _generate("thousand", store)
    bare = [PYTHON, "-m", "benchmarks.bare", "lint", str(store)]
    comparison = interleaved(
        [BUILDSTEPS, "cedar-lint", str(store), "-q", "--fail-on", "never"], bare, ROOT, runs
    )
    found = compared("lint", comparison, "bare cedarpy")
    return found._replace(
        bounds=(Bound("lint, wall", spread_of(comparison.ours, "wall").median, 2, "s"),)
    )


BENCHMARKS: dict[str, Callable[[int, Path], Found]] = {
    "startup": startup,
    "photo-store": photo_store,
    "thousand": thousand,
    "mutate": mutate,
    "format": format_file,
    "lint": lint,
    "junit": junit,
    "small": small,
    "verify": signing.verify,
    "sign": signing.sign,
    "verify-500": signing.memory,
    "samples": samples,
    "samples-memory": samples_memory,
    "regressions": regressions,
    "local-engine": local_engine,
    "scan-python": scan_python,
    "scan-reports": scan_reports,
    "sarif": sarif,
    "cedar-diff": cedar_diff,
}


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks")
    parser.add_argument("names", nargs="*", metavar="NAME", help="all, when none is named")
    parser.add_argument("--runs", type=int, default=9, help="counted runs of each command")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write every run as JSON too")
    parser.add_argument(
        "--list", action="store_true", help="say what there is, and measure nothing"
    )
    chosen = parser.parse_args()
    unknown = [name for name in chosen.names if name not in BENCHMARKS]
    if unknown:
        parser.error(f"no benchmark `{unknown[0]}`; there are {', '.join(BENCHMARKS)}")
    if chosen.runs < 1:
        parser.error("--runs is at least 1")
    return chosen


def _machine() -> dict[str, str | int | float]:
    """Where the figures were measured, and how busy it was at the start."""
    return {
        "date": datetime.datetime.now(datetime.UTC).date().isoformat(),
        "processors": os.cpu_count() or 1,
        "python": platform.python_version(),
        "load": round(os.getloadavg()[0], 2),
    }


def _prepare_environment(bytecode: str) -> None:
    """Let every process keep its bytecode, in a folder of ours that the warm-up fills.

    An installed tool has its bytecode. With ``PYTHONDONTWRITEBYTECODE`` in the environment an
    editable install is compiled anew at each run and the packages beside it are not, which would
    measure the compiler.
    """
    os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
    os.environ["PYTHONPYCACHEPREFIX"] = bytecode
    inherited = os.environ.get("PYTHONPATH")
    os.environ["PYTHONPATH"] = os.pathsep.join([str(ROOT), *([inherited] if inherited else [])])


def main() -> None:
    """Run the benchmarks that are named, or all."""
    chosen = _arguments()
    if chosen.list:
        for name, benchmark in BENCHMARKS.items():
            print(f"{name:<16}{benchmark.__doc__}")
        return
    machine = _machine()
    print(
        f"{machine['date']}, Python {machine['python']}, {machine['processors']} processors,"
        f" load {machine['load']} at the start; medians, with the smallest and the largest"
    )
    found: dict[str, Found] = {}
    with tempfile.TemporaryDirectory() as bytecode:
        _prepare_environment(bytecode)
        for name in chosen.names or BENCHMARKS:
            print(f"\n{name}: {BENCHMARKS[name].__doc__}", flush=True)
            with tempfile.TemporaryDirectory() as folder:
                found[name] = BENCHMARKS[name](chosen.runs, Path(folder))
            print(text(found[name]), flush=True)
    if chosen.json:
        whole = {"machine": machine, "benchmarks": {name: data(f) for name, f in found.items()}}
        chosen.json.write_text(json.dumps(whole, indent=2) + "\n")


if __name__ == "__main__":
    main()
