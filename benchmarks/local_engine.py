"""The local engine of ``loadtest`` against plain Locust with the same users."""

import json
import os
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

from benchmarks.tables import Bound, Found
from benchmarks.timing import PYTHON, Run, Spread
from buildsteps.steps.loadtest.local.arguments import RECORDING, arguments, environment, run_file
from buildsteps.steps.loadtest.local.plan import Plan
from buildsteps.steps.loadtest.scenario.model import Request, Scenario

SECONDS = 5.0
USERS = 10
LEAST = 0.95
"""Of plain Locust's requests a second, at least."""


def local_engine(runs: int, folder: Path) -> Found:
    """What a request costs the local engine, against plain Locust with the same users.

    Requests a second of wall time swing with whatever else runs; those of processor time show the
    price of recording.
    """
    ours: list[Run] = []
    theirs: list[Run] = []
    counts: list[tuple[int, int]] = []
    with _server() as address:
        for _ in range(runs):
            plain, plain_count = _run(address, folder, recorded=False)
            recorded, count = _run(address, folder, recorded=True)
            theirs.append(plain)
            ours.append(recorded)
            counts.append((count, plain_count))
    wall = Spread.of([theirs_ / ours_ for ours_, theirs_ in counts])
    cpu = Spread.of(
        [
            (mine.cpu / count) / (plain.cpu / plain_count)
            for mine, plain, (count, plain_count) in zip(ours, theirs, counts, strict=True)
        ]
    )
    rates = [
        Spread.of([count / SECONDS for count in column]).text(0)
        for column in zip(*counts, strict=True)
    ]
    return Found(
        {"local engine": ours, "plain Locust": theirs},
        {"requests a second, plain by ours": wall, "processor time a request": cpu},
        bounds=(
            Bound("requests a second, plain by ours", wall.median, 1 / LEAST, "times"),
            Bound("processor time a request", cpu.median, 1 / LEAST, "times"),
        ),
        notes=(f"requests a second: {rates[0]}, plain Locust {rates[1]}",),
    )


@contextmanager
def _server() -> Iterator[str]:
    path = Path(__file__).with_name("quick_server.py")
    with subprocess.Popen(
        [PYTHON, str(path)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdin
        assert process.stdout
        try:
            yield f"http://127.0.0.1:{process.stdout.readline().strip()}"
        finally:
            process.stdin.close()


def _run(address: str, folder: Path, *, recorded: bool) -> tuple[Run, int]:
    """One run of Locust, with our recording or without; how many requests Locust counted."""
    scenario = Scenario(name="quick", requests=(Request(url=f"{address}/"),))
    plan = Plan(users=USERS, processes=1, ramp_up=0.0, hold_for=SECONDS, limit=60.0)
    with TemporaryDirectory(dir=folder) as inner:
        work = Path(inner)
        file, result = work / "run.json", work / "result.json"
        file.write_text(run_file(scenario, plan, work, allow_remote=False))
        call = [*arguments(scenario, plan, 0), "--json-file", str(work / "result")]
        if not recorded:
            call[call.index("-f") + 1] = call[call.index("-f") + 1].removeprefix(f"{RECORDING},")
            call[call.index("--run-time") + 1] = f"{SECONDS:.0f}s"
        began, before = time.perf_counter(), os.times()
        environ = environment(os.environ, scenario, work, file)
        subprocess.run(call, cwd=work, env=environ, check=True, capture_output=True)
        after = os.times()
        cpu = after.children_user + after.children_system
        cpu -= before.children_user + before.children_system
        (stats,) = json.loads(result.read_text())
    return Run(time.perf_counter() - began, cpu, 0.0), int(stats["num_requests"])
