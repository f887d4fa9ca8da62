"""The local engine: Locust, headless, in a process of its own, with raw samples."""

import os
from collections.abc import Callable
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from buildsteps.errors import OvertimeError, UsageError, WorldError
from buildsteps.steps.loadtest.local.abort_rules import FLAG, abort_rules
from buildsteps.steps.loadtest.local.aborting import watching
from buildsteps.steps.loadtest.local.arguments import (
    arguments,
    environment,
    request_data,
    run_file,
)
from buildsteps.steps.loadtest.local.ending import (
    made_no_user,
    not_started,
    refusal,
    refused_target,
    too_long,
)
from buildsteps.steps.loadtest.local.failing import failures_of, mostly_lost, nobody_there
from buildsteps.steps.loadtest.local.generator import Generator, doubts, read_generators
from buildsteps.steps.loadtest.local.plan import Plan, plan
from buildsteps.steps.loadtest.local.progress import telling
from buildsteps.steps.loadtest.local.targets import check_filled, check_targets
from buildsteps.steps.loadtest.measured.model import Results, Run
from buildsteps.steps.loadtest.measured.sample_file import SampleFile
from buildsteps.steps.loadtest.measured.samples import Samples
from buildsteps.steps.loadtest.scenario.model import Scenario
from buildsteps.steps.loadtest.settings import LoadtestOptions
from buildsteps.world import World
from buildsteps.world.addresses import free_port, resolve
from buildsteps.world.clock import iso_time
from buildsteps.world.process import Completed

INSTALL = "pip install 'buildsteps[loadtest]'"


class LocalEngine:
    """Runs scenarios on this machine; ``folder`` is private and outlives what reads the samples."""

    def __init__(self, folder: Path, resolver: Callable[[str], tuple[str, ...]] = resolve) -> None:
        self.folder = folder
        self.resolver = resolver

    def run(self, scenario: Scenario, options: LoadtestOptions, world: World) -> Run:
        """See :meth:`~buildsteps.steps.loadtest.engine.Engine.run`."""
        planned = self._checked(scenario, options)
        aborts = abort_rules(options, scenario.warm_up)
        check_installed()
        if not options.allow_remote:
            check_targets(scenario, self.resolver)
        with watching(self.folder, aborts) as watcher:
            completed = self._locust(scenario, options, planned, world)
        if target := refused_target(self.folder):
            raise refusal(target, scenario)
        generators = read_generators(self.folder)
        if not generators or (made_no_user(completed, generators) and not _rows(self.folder)):
            raise not_started(completed, scenario)
        if not watcher.said:
            for text in watcher.unjudged():
                world.note(f"{FLAG} `{text}` was never judged: too few requests it speaks of")
        return self._run(generators, planned, completed, watcher.said, world)

    def request(self, scenario: Scenario, options: LoadtestOptions, world: World) -> Any:  # noqa: ARG002
        """See :meth:`~buildsteps.steps.loadtest.engine.Engine.request`."""
        planned = self._checked(scenario, options)
        asked: dict[str, Any] = {
            "engine": "local",
            "name": scenario.name,
            "users": planned.users,
            "processes": planned.processes,
            "ramp_up": planned.ramp_up,
            "hold_for": planned.hold_for,
        }
        if aborts := abort_rules(options, scenario.warm_up):
            asked["abort_unless"] = [expression.text for expression in aborts]
        if scenario.script is not None:
            return {**asked, "script": scenario.script.path}
        return {**asked, "requests": [request_data(one) for one in scenario.requests]}

    def start(self, scenario: Scenario, options: LoadtestOptions, world: World) -> str:  # noqa: ARG002
        """Refuse: nothing would be left that runs."""
        raise UsageError("the local engine ends with the command: --no-wait is for --engine dlt")

    def _checked(self, scenario: Scenario, options: LoadtestOptions) -> Plan:
        script = scenario.script
        if script is not None and script.kind != "locust":
            raise UsageError(
                f"the local engine runs requests and locustfiles; a script of {script.kind} needs "
                "--engine dlt",
                scenario.place,
            )
        if script is not None and not script.path:
            raise UsageError("the script is not here: put it beside the scenario", scenario.place)
        if script is not None and script.path.lower().endswith(".zip"):
            raise UsageError("the local engine runs a locustfile, no archive", scenario.place)
        check_filled(scenario)
        return plan(scenario, options, os.cpu_count)

    def _locust(
        self, scenario: Scenario, options: LoadtestOptions, planned: Plan, world: World
    ) -> Completed:
        file = self.folder / "run.json"
        text = run_file(scenario, planned, self.folder, allow_remote=options.allow_remote)
        world.files.write(file, [text])
        file.chmod(0o600)
        port = free_port() if planned.processes > 1 else 0
        with telling(f"{scenario.name}, {planned.users:,} users", planned.planned, world):
            try:
                return world.processes.run(
                    arguments(scenario, planned, port),
                    cwd=world.cwd if scenario.script else self.folder,
                    environ=environment(world.environ, scenario, self.folder, file),
                    timeout=planned.limit,
                )
            except OvertimeError:
                raise too_long(planned) from None

    def _run(
        self,
        generators: tuple[Generator, ...],
        planned: Plan,
        completed: Completed,
        aborted: str,
        world: World,
    ) -> Run:
        began = min(one.began for one in generators)
        results = self._results(began, world)
        mean = results.total.mean if results and not mostly_lost(results) else None
        failures = failures_of(generators)
        if gone := nobody_there(results, failures):
            found: tuple[str, ...] = (gone,)
        else:
            found = doubts(generators, planned, mean, aborted=bool(aborted))
        if completed.status:
            found += (f"Locust ended with exit code {completed.status}",)
        return Run(
            id=f"local-{iso_time(began)}-{os.getpid()}",
            engine="local",
            results=results,
            planned=planned.planned,
            lasted=max(one.ended for one in generators) - began,
            doubts=found,
            aborted=aborted,
            failures=failures,
            facts={
                "locust": locust_version(),
                "users": planned.users,
                "processes": planned.processes,
                "generator_busy": round(max(one.mean_busy for one in generators), 3),
                "generator_lag_ms": round(max(one.lag for one in generators) * 1000, 1),
            },
        )

    def _results(self, began: float, world: World) -> Results | None:
        files = _rows(self.folder)
        if not files:
            return None
        return Samples(
            [SampleFile(path) for path in files], shown=world.shown, started=began
        ).results()


def check_installed() -> None:
    """Say what to install where a part is missing.

    Raises:
        WorldError: Locust or DuckDB is not there.
    """
    missing = [name for name in ("locust", "duckdb") if find_spec(name) is None]
    if missing:
        names = {"locust": "Locust", "duckdb": "DuckDB"}
        listed = " and ".join(names[one] for one in missing)
        raise WorldError(f"the local engine needs {listed}: {INSTALL}")


def locust_version() -> str:
    """The version of Locust that is installed."""
    from importlib.metadata import version

    return version("locust")


def _rows(folder: Path) -> list[Path]:
    """The files that hold samples."""
    return [path for path in sorted(folder.glob("samples-*.jtl")) if _has_rows(path)]


def _has_rows(path: Path) -> bool:
    with path.open("rb") as stream:
        stream.readline()
        return bool(stream.readline())
