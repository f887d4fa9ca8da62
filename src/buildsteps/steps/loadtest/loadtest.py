"""``loadtest``: a scenario read, run by an engine, and what it measured judged."""

import json
from pathlib import Path
from tempfile import TemporaryDirectory

from buildsteps.results import Finding, Report
from buildsteps.step import Text
from buildsteps.steps.loadtest.engine import Engine
from buildsteps.steps.loadtest.local.engine import LocalEngine
from buildsteps.steps.loadtest.measured.model import Run
from buildsteps.steps.loadtest.measured.sample_file import SampleFile
from buildsteps.steps.loadtest.measured.samples import Samples
from buildsteps.steps.loadtest.reporting import report_of
from buildsteps.steps.loadtest.rules import rules_of
from buildsteps.steps.loadtest.scenario.model import Scenario
from buildsteps.steps.loadtest.scenario.reading import read
from buildsteps.steps.loadtest.settings import LoadtestOptions
from buildsteps.steps.loadtest.verdict.judgement import Judgement, Rules, judge
from buildsteps.steps.loadtest.verdict.store import open_store
from buildsteps.steps.loadtest.verdict.stored import fingerprint
from buildsteps.steps.loadtest.verdict.thresholds import Windows
from buildsteps.world import World


def collect(options: LoadtestOptions, world: World) -> Report | Text:
    """Run the scenario and judge the run; or print what would be asked, or the id of the run.

    Raises:
        UsageError: the scenario or what it is measured against is wrong.
        WorldError: the engine could not run.
    """
    reading = read(options, world)
    scenario, name = reading.scenario, engine_name(options)
    with TemporaryDirectory(prefix="buildsteps-loadtest-") as folder:
        engine = engine_of(name, Path(folder))
        if options.dry_run:
            _say(reading.findings, world)
            asked = engine.request(scenario, options, world)
            return Text(json.dumps(asked, indent=2, ensure_ascii=False) + "\n", asked)
        if not options.wait:
            _say(reading.findings, world)
            started = engine.start(scenario, options, world)
            return Text(f"{started}\n", {"run": started})
        rules = rules_of(scenario, name, options, world)
        run = engine.run(scenario, options, world)
        judged = judged_run(run, scenario, rules, options, world)
        return report_of(scenario, run, judged, reading.findings)


def engine_name(options: LoadtestOptions) -> str:
    """Which engine is meant: Distributed Load Testing where somebody said where it is."""
    if options.engine != "auto":
        return options.engine
    return "dlt" if options.endpoint or options.stack else "local"


def engine_of(name: str, folder: Path) -> Engine:
    """The engine called ``name``; what it leaves behind goes into ``folder``."""
    if name == "local":
        return LocalEngine(folder)
    from buildsteps.steps.loadtest.dlt.engine import DltEngine

    return DltEngine(folder)


def judged_run(
    run: Run, scenario: Scenario, rules: Rules, options: LoadtestOptions, world: World
) -> Judgement:
    """Judge a run, beside the earlier ones of the result store, and keep it there.

    Raises:
        WorldError: the store cannot be read or written.
    """
    known = fingerprint(scenario, run.engine)
    store = open_store(options.store, world) if options.store else None
    last = rules.baseline.last if rules.baseline else 0
    earlier = store.runs(known, last) if store and last else ()
    judged = judge(run, rules, fingerprint=known, earlier=earlier, windows=windows_of(run, world))
    if store is not None and judged.stored is not None:
        store.append(judged.stored)
    return judged


def windows_of(run: Run, world: World) -> Windows | None:
    """What gives parts of the run, where raw samples are at hand."""
    results = run.results
    if results is None or not results.samples:
        return None
    files = [SampleFile(path) for path in results.samples]
    return Samples(files, shown=world.shown, started=results.started).window


def _say(findings: tuple[Finding, ...], world: World) -> None:
    """Say on standard error what no report will."""
    for finding in findings:
        place = f"{finding.locations[0]}: " if finding.locations else ""
        world.note(f"{place}{finding.message}")
