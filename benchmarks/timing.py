"""Whole processes, timed in turn so that a drifting machine drifts for both."""

import os
import statistics
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

PYTHON = sys.executable
BUILDSTEPS = str(Path(sys.executable).parent / "buildsteps")


class Run(NamedTuple):
    """One run of a process: seconds of wall and processor time, peak memory in megabytes."""

    wall: float
    cpu: float
    megabytes: float


class Comparison(NamedTuple):
    """Runs of two commands in turn."""

    ours: list[Run]
    theirs: list[Run]

    def ratios(self, figure: str) -> list[float]:
        """Ours by theirs, pair by pair."""
        return [
            getattr(a, figure) / getattr(b, figure)
            for a, b in zip(self.ours, self.theirs, strict=True)
        ]


def run_once(command: Sequence[str], cwd: Path) -> Run:
    """Run a command to its end; it must exit 0."""
    started = time.perf_counter()
    process = subprocess.Popen(command, cwd=cwd, stdout=subprocess.DEVNULL)
    _, status, usage = os.wait4(process.pid, 0)
    wall = time.perf_counter() - started
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode != 0:
        raise SystemExit(f"{' '.join(command)} exited {process.returncode}")
    return Run(wall, usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024)


def interleaved(ours: Sequence[str], theirs: Sequence[str], cwd: Path, runs: int) -> Comparison:
    """Run both once for warmth, then in turn."""
    run_once(ours, cwd)
    run_once(theirs, cwd)
    pairs = [(run_once(ours, cwd), run_once(theirs, cwd)) for _ in range(runs)]
    return Comparison([a for a, _ in pairs], [b for _, b in pairs])


def spread(values: Sequence[float], digits: int = 3) -> str:
    """Median, with the smallest and the largest behind it."""
    low, high = min(values), max(values)
    return f"{statistics.median(values):.{digits}f} ({low:.{digits}f} to {high:.{digits}f})"
