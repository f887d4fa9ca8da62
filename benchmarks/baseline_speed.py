"""What a baseline costs: 100,000 findings in 2,000 files traced, matched, written and read.

``python -m benchmarks.baseline_speed [FINDINGS [FILES]]``: wall and processor time, best of three.
The worst of matching is measured too: nothing agrees but the rule, so every tier is tried.
"""

import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from msgspec.structs import replace

from buildsteps import baseline_file
from buildsteps.baseline import Entry, gathered, matched
from buildsteps.results import Finding, Location, Severity
from buildsteps.steps.scan.sighting import Sighting
from buildsteps.steps.scan.verdict.tracing import traced
from buildsteps.world import system_world
from buildsteps.world.files import Files

LINES = 500
"""Lines of each file; every tenth is blank, and blocks are nested three deep."""


def best(what: str, work: Callable[[], Any]) -> Any:
    """Do the work three times and print the shortest; gives what it gave."""
    wall, cpu = [], []
    for _ in range(3):
        started, worked = time.perf_counter(), time.process_time()
        result = work()
        wall.append(time.perf_counter() - started)
        cpu.append(time.process_time() - worked)
    print(f"{what:<45} {min(wall):6.3f} s wall {min(cpu):6.3f} s cpu")
    return result


def sources(folder: Path, files: int) -> None:
    """Write the files."""
    for number in range(files):
        lines = [
            "" if line % 10 == 9 else f"{'    ' * (line % 4)}call_{number}_{line}(argument, {line})"
            for line in range(LINES)
        ]
        (folder / f"module_{number}.py").write_text("\n".join(lines))


def findings_in(findings: int, files: int) -> tuple[list[Finding], list[list[Sighting]]]:
    """Findings spread evenly over files and lines."""
    found, groups = [], []
    for number in range(findings):
        place = Location(f"module_{number % files}.py", number // files * 7 % LINES + 1)
        rule = f"B{number % 40}"
        found.append(Finding(rule=rule, severity=Severity.LOW, message="m", locations=(place,)))
        groups.append(
            [
                Sighting(
                    engine="x", rule=rule, severity=Severity.LOW, message="m", locations=(place,)
                )
            ]
        )
    return found, groups


def main(findings: int = 100_000, files: int = 2_000) -> None:
    """Measure and print."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name).resolve()
        sources(folder, files)
        world = replace(system_world(), cwd=folder, files=Files(folder))
        found, groups = findings_in(findings, files)
        print(f"{findings:,} findings in {files:,} files of {LINES} lines")
        known = best("trace and name them", lambda: traced(found, groups, folder, world))
        traces = list(known.traces.values())
        entries = gathered(Entry(trace=one, engines=("bandit", "ruff")) for one in traces)
        best("match them, nothing changed", lambda: matched(entries, traces))
        edited = [replace(one, around=f"{n}", within="") for n, one in enumerate(traces)]
        best("match them, all surroundings changed", lambda: matched(entries, edited))
        others = [replace(one, line=f"{n}") for n, one in enumerate(traces)]
        gone = {one.path for one in traces}
        best(
            "match them, all lines changed, all files gone", lambda: matched(entries, others, gone)
        )
        path = folder / "baseline.json"
        best("write them", lambda: Files(folder).write(path, baseline_file.written(entries)))
        best("read them", lambda: baseline_file.read(path, Files(folder)))
        print(f"the file has {path.stat().st_size / 1e6:.1f} MB")


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
