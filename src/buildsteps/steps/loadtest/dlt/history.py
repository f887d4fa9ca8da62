"""A run beside earlier ones that DLT keeps: by DLT's own figures, which are alike for all."""

from collections.abc import Sequence

from buildsteps.results import Outcome
from buildsteps.steps.loadtest.dlt.baseline import baseline_run, earlier_runs
from buildsteps.steps.loadtest.dlt.session import Session
from buildsteps.steps.loadtest.measured.model import Run
from buildsteps.steps.loadtest.verdict.baseline import (
    BaselineRule,
    Compared,
    judge_baseline,
    values_of,
)
from buildsteps.steps.loadtest.verdict.judgement import Rules
from buildsteps.steps.loadtest.verdict.stored import StoredRun
from buildsteps.steps.loadtest.verdict.thresholds import judge_thresholds


def compared_with_history(
    session: Session, run: Run, rules: Rules, rule: BaselineRule
) -> Compared | None:
    """Compare with DLT's baseline run where somebody set one, else with the last good runs.

    ``run`` has DLT's figures: exact ones beside means over tasks would differ by that alone.

    Raises:
        DltError: the earlier runs cannot be read.
    """
    if run.results is None or session.row is None:
        return None
    solution, test_id = session.solution, session.test_id
    chosen = baseline_run(session.api, session.scenario, test_id, solution)
    earlier: Sequence[Run] = (chosen,) if chosen else ()
    if chosen is None or chosen.id == run.id:
        earlier = earlier_runs(
            session.api, session.row, session.scenario, test_id, solution, rule.last
        )
    stored = [_stored(one, rules, rule, good=one is chosen) for one in earlier]
    return judge_baseline(values_of(run.results, rule), {}, stored, rule)


def _stored(run: Run, rules: Rules, rule: BaselineRule, *, good: bool) -> StoredRun:
    """An earlier run as the baseline has them; good are those that broke no threshold."""
    if run.results is None:
        return StoredRun(id=run.id, at=0.0, fingerprint="", values={})
    cases = judge_thresholds(rules.thresholds, run.results, None).cases
    return StoredRun(
        id=run.id,
        at=run.results.started,
        fingerprint="",
        values=values_of(run.results, rule),
        good=good or all(case.outcome is not Outcome.FAILED for case in cases),
        engine=run.engine,
    )
