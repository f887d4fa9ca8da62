"""``loadtest``: a scenario read, run by an engine, and what it measured judged."""

import json
from pathlib import Path
from tempfile import TemporaryDirectory

from msgspec.structs import replace

from buildsteps.errors import UsageError
from buildsteps.results import Finding, Outcome, Report
from buildsteps.step import Text
from buildsteps.steps.loadtest.engine import Engine
from buildsteps.steps.loadtest.local.abort_rules import refuse_on_dlt
from buildsteps.steps.loadtest.local.engine import LocalEngine
from buildsteps.steps.loadtest.measured.model import Run
from buildsteps.steps.loadtest.measured.samples import Samples
from buildsteps.steps.loadtest.reporting import report_of
from buildsteps.steps.loadtest.rules import rules_of
from buildsteps.steps.loadtest.scenario.reading import read
from buildsteps.steps.loadtest.settings import LoadtestOptions
from buildsteps.steps.loadtest.verdict.baseline import GROUP as BASELINE_GROUP
from buildsteps.steps.loadtest.verdict.history import History, history_of, keep
from buildsteps.steps.loadtest.verdict.judgement import Judgement, Rules, judge
from buildsteps.steps.loadtest.verdict.stored import fingerprint
from buildsteps.steps.loadtest.verdict.thresholds import Windows
from buildsteps.world import World


def collect(options: LoadtestOptions, world: World) -> Report | Text:
    """Run the scenario and judge the run; or print what would be asked, or the id of the run.

    Raises:
        UsageError: the scenario or what it is measured against is wrong.
        WorldError: the engine could not run.
    """
    name = engine_name(options)
    if name == "dlt":
        refuse_on_dlt(options)
    reading = read(options, world)
    scenario = reading.scenario
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
        known = fingerprint(scenario, name, options.users)
        history = history_of(options.store, known, rules, world)
        run = engine.run(scenario, options, world)
        judged = keep(judged_run(run, rules, history, world), history)
        if not options.store:
            judged = _with_history(judged, engine, rules)
        if options.set_baseline:
            _set_baseline(judged, engine, run, world)
        return report_of(scenario, run, judged, reading.findings)


def engine_name(options: LoadtestOptions) -> str:
    """Which engine is meant: Distributed Load Testing where somebody speaks of it.

    Raises:
        UsageError: a run of DLT is meant, and the local engine is asked for.
    """
    theirs = "--attach" if options.attach else "--run" if options.run else ""
    if theirs and options.engine == "local":
        raise UsageError(f"{theirs} is for --engine dlt: the local engine keeps no runs")
    if options.engine != "auto":
        return options.engine
    return "dlt" if options.endpoint or options.stack or theirs else "local"


def engine_of(name: str, folder: Path) -> Engine:
    """The engine called ``name``; what it leaves behind goes into ``folder``."""
    if name == "local":
        return LocalEngine(folder)
    from buildsteps.steps.loadtest.dlt.engine import DltEngine

    return DltEngine(folder)


def judged_run(run: Run, rules: Rules, history: History, world: World) -> Judgement:
    """Judge a run, beside the earlier ones of its configuration."""
    return judge(
        run,
        rules,
        fingerprint=history.fingerprint,
        earlier=history.earlier,
        windows=windows_of(run, world),
    )


def _with_history(judged: Judgement, engine: Engine, rules: Rules) -> Judgement:
    """Without a result store: beside the earlier runs that the engine itself keeps."""
    from buildsteps.steps.loadtest.dlt.engine import DltEngine

    was_compared = any(case.group == BASELINE_GROUP for case in judged.cases)
    if not isinstance(engine, DltEngine) or not was_compared:
        return judged  # an invalid run is compared with nothing
    compared = engine.compared(rules)
    if compared is None:
        return judged
    own = [case for case in judged.cases if case.group != BASELINE_GROUP]
    return replace(judged, cases=(*own, *compared.cases), comparisons=compared.comparisons)


def _set_baseline(judged: Judgement, engine: Engine, run: Run, world: World) -> None:
    """Make the run the engine's baseline, unless the gate will stop it."""
    from buildsteps.steps.loadtest.dlt.engine import DltEngine

    if not isinstance(engine, DltEngine):
        raise UsageError("--set-baseline is for --engine dlt")
    if all(case.outcome in (Outcome.PASSED, Outcome.SKIPPED) for case in judged.cases):
        engine.set_baseline(run)
        world.progress(f"run {run.id} is now the baseline of its test")
    else:
        world.progress(f"run {run.id} was not made the baseline: the gate does not let it pass")


def windows_of(run: Run, world: World) -> Windows | None:
    """What gives parts of the run, where raw samples are at hand."""
    results = run.results
    if results is None or not results.samples:
        return None
    from buildsteps.steps.loadtest.dlt.exactly import named

    samples = Samples.of(results, world.shown)
    return lambda window: named(samples.window(window), results.names)


def _say(findings: tuple[Finding, ...], world: World) -> None:
    """Say on standard error what no report will."""
    for finding in findings:
        place = f"{finding.locations[0]}: " if finding.locations else ""
        world.note(f"{place}{finding.message}")
