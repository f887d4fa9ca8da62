"""The report of a run: its cases, what it measured as facts, and a sentence on how it ran."""

from typing import Any

from buildsteps.results import Finding, Outcome, Report
from buildsteps.steps.loadtest.measured.model import Measured, Run
from buildsteps.steps.loadtest.scenario.model import Scenario
from buildsteps.steps.loadtest.showing.charts import charts_of
from buildsteps.steps.loadtest.showing.tables import tables_of
from buildsteps.steps.loadtest.verdict.baseline import GROUP as BASELINE_GROUP
from buildsteps.steps.loadtest.verdict.judgement import Judgement

_SHARES = (50, 90, 95, 99, 99.9)


def report_of(
    scenario: Scenario, run: Run, judged: Judgement, findings: tuple[Finding, ...]
) -> Report:
    """Put together what a reader gets."""
    return Report(
        cases=judged.cases,
        findings=(*findings, *judged.findings),
        facts={
            "scenario": scenario.name,
            "engine": run.engine,
            "run": run.id,
            "planned_seconds": run.planned,
            "lasted_seconds": round(run.lasted, 3),
            **run.facts,
            **_measured(run),
        },
        notes=(*_notes(scenario, run), *_not_compared(judged)),
        tables=tables_of(run.results, judged.comparisons, run.failures),
        charts=charts_of(run.results, judged.comparisons),
    )


def _notes(scenario: Scenario, run: Run) -> tuple[str, ...]:
    users = run.facts.get("users")
    who = f" with {users:,} user{'s' * (users != 1)}" if isinstance(users, int) else ""
    said = f"{scenario.name}: {run.lasted:.0f} s{who} by the {run.engine} engine"
    if run.results is None:
        return (said,)
    total = run.results.total
    return (
        said,
        f"{total.count:,} requests, {total.throughput:,.1f} a second, {total.errors:,} failed",
    )


def _not_compared(judged: Judgement) -> tuple[str, ...]:
    """Say that a comparison was asked for and there was nothing to compare with, and why."""
    cases = [case for case in judged.cases if case.group == BASELINE_GROUP]
    if not cases or any(case.outcome is not Outcome.SKIPPED for case in cases):
        return ()
    return (f"compared with no earlier run: there is {cases[0].message}",)


def _measured(run: Run) -> dict[str, Any]:
    if run.results is None:
        return {}
    return {
        "exact": run.results.exact,
        "total": _numbers(run.results.total),
        "labels": {name: _numbers(one) for name, one in run.results.labels.items()},
        "regions": {name: _numbers(one) for name, one in run.results.regions.items()},
    }


def _numbers(measured: Measured) -> dict[str, Any]:
    """Times in seconds, throughput a second."""
    percentiles = {f"p{share:g}": measured.times.percentile(share) for share in _SHARES}
    return {
        "requests": measured.count,
        "errors": measured.errors,
        "error_rate": round(measured.error_rate, 6),
        "throughput": round(measured.throughput, 3),
        "avg_rt": round(measured.mean, 6),
        "min_rt": measured.minimum,
        "max_rt": measured.maximum,
        **{name: value for name, value in percentiles.items() if value is not None},
        "codes": dict(measured.codes),
    }
