"""Whole processes, timed in turn so that a drifting machine drifts for both."""

import os
import statistics
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

PYTHON = sys.executable
BUILDSTEPS = str(Path(sys.executable).parent / "buildsteps")


class Run(NamedTuple):
    """One run of a process: seconds of wall and processor time, peak memory in megabytes."""

    wall: float
    cpu: float
    megabytes: float


class Spread(NamedTuple):
    """The median of some runs, with the smallest and the largest."""

    median: float
    low: float
    high: float

    @classmethod
    def of(cls, values: Sequence[float]) -> "Spread":
        """The spread of ``values``, of which there is at least one."""
        return cls(statistics.median(values), min(values), max(values))

    @property
    def noise(self) -> float:
        """From the smallest to the largest, as a share of the median."""
        return (self.high - self.low) / self.median if self.median else 0.0

    def text(self, digits: int) -> str:
        """The median, with the smallest and the largest behind it."""
        return f"{self.median:.{digits}f} ({self.low:.{digits}f} to {self.high:.{digits}f})"


class Comparison(NamedTuple):
    """Runs of two commands in turn."""

    ours: list[Run]
    theirs: list[Run]

    def ratios(self, figure: str) -> Spread:
        """Ours by theirs, pair by pair."""
        pairs = zip(self.ours, self.theirs, strict=True)
        return Spread.of([getattr(a, figure) / getattr(b, figure) for a, b in pairs])


def run_once(command: Sequence[str], cwd: Path) -> Run:
    """Run a command to its end; it must exit 0.

    Peak memory is the kernel's ``ru_maxrss``, which is in kilobytes but on macOS in bytes.
    """
    started = time.perf_counter()
    process = subprocess.Popen(command, cwd=cwd, stdout=subprocess.DEVNULL)
    _, status, usage = os.wait4(process.pid, 0)
    wall = time.perf_counter() - started
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode != 0:
        raise SystemExit(f"{' '.join(command)} exited {process.returncode}")
    unit = 1024 * 1024 if sys.platform == "darwin" else 1024
    return Run(wall, usage.ru_utime + usage.ru_stime, usage.ru_maxrss / unit)


def repeated(command: Sequence[str], cwd: Path, runs: int) -> list[Run]:
    """Run a command once for warmth, then ``runs`` times."""
    run_once(command, cwd)
    return [run_once(command, cwd) for _ in range(runs)]


def interleaved(ours: Sequence[str], theirs: Sequence[str], cwd: Path, runs: int) -> Comparison:
    """Run both once for warmth, then in turn."""
    run_once(ours, cwd)
    run_once(theirs, cwd)
    pairs = [(run_once(ours, cwd), run_once(theirs, cwd)) for _ in range(runs)]
    return Comparison([a for a, _ in pairs], [b for _, b in pairs])


def in_turn(commands: Mapping[str, Sequence[str]], cwd: Path, runs: int) -> dict[str, list[Run]]:
    """Run all commands once for warmth, then ``runs`` times one after the other."""
    for command in commands.values():
        run_once(command, cwd)
    found: dict[str, list[Run]] = {name: [] for name in commands}
    for _ in range(runs):
        for name, command in commands.items():
            found[name].append(run_once(command, cwd))
    return found


def spread_of(runs: Sequence[Run], figure: str) -> Spread:
    """The spread of one figure of some runs."""
    return Spread.of([getattr(run, figure) for run in runs])
