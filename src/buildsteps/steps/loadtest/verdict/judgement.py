"""The verdict on a run, in its order: is it valid, do the thresholds hold, is it no slower."""

from collections.abc import Sequence

from msgspec import Struct
from msgspec.structs import replace

from buildsteps.results import Case, Finding, Outcome
from buildsteps.steps.loadtest.measured.model import Run
from buildsteps.steps.loadtest.verdict.baseline import (
    BaselineRule,
    Comparison,
    judge_baseline,
    spreads_of,
    values_of,
)
from buildsteps.steps.loadtest.verdict.failures import mostly_failed, unnoticed
from buildsteps.steps.loadtest.verdict.stored import StoredRun
from buildsteps.steps.loadtest.verdict.thresholds import (
    Threshold,
    Windows,
    judge_thresholds,
)
from buildsteps.steps.loadtest.verdict.validity import ValidityRules, is_valid, judge_run


class Rules(Struct, frozen=True, kw_only=True):
    """What a run is measured against; ``baseline`` None compares it with no earlier one."""

    thresholds: tuple[Threshold, ...] = ()
    baseline: BaselineRule | None = None
    validity: ValidityRules = ValidityRules()


class Judgement(Struct, frozen=True, kw_only=True):
    """What the run came to. ``stored`` is what a result store keeps of it, None of no results."""

    cases: tuple[Case, ...]
    findings: tuple[Finding, ...] = ()
    comparisons: tuple[Comparison, ...] = ()
    stored: StoredRun | None = None


def judge(
    run: Run,
    rules: Rules,
    *,
    fingerprint: str = "",
    earlier: Sequence[StoredRun] = (),
    windows: Windows | None = None,
) -> Judgement:
    """Judge a run; what an invalid one measured is neither judged nor compared.

    ``fingerprint`` is that of its configuration, ``earlier`` are runs of the same, ``windows``
    gives parts of the run from raw samples.

    Raises:
        UnreadableError: raw samples that a threshold needs cannot be read.
    """
    validity = judge_run(run, rules.validity)
    results = run.results
    if results is None or not is_valid(validity):
        return Judgement(cases=validity, stored=_stored(run, rules, fingerprint, valid=False))
    judged = judge_thresholds(rules.thresholds, results, windows)
    cases = [*validity, *judged.cases]
    spoken_of = [one.expression.metric for one in rules.thresholds]
    comparisons: tuple[Comparison, ...] = ()
    stored = _stored(run, rules, fingerprint, valid=True)
    if rules.baseline is not None and stored is not None:
        others = [one for one in earlier if one.id != run.id]
        compared = judge_baseline(stored.values, stored.spreads, others, rules.baseline)
        comparisons = compared.comparisons
        cases += compared.cases
        spoken_of += [one.metric for one in comparisons]
    cases += mostly_failed(results.total, spoken_of)
    good = all(case.outcome in (Outcome.PASSED, Outcome.SKIPPED) for case in cases)
    return Judgement(
        cases=tuple(cases),
        findings=(*judged.findings, *unnoticed(results.total, spoken_of)),
        comparisons=comparisons,
        stored=replace(stored, good=good) if stored else None,
    )


def _stored(run: Run, rules: Rules, fingerprint: str, *, valid: bool) -> StoredRun | None:
    if run.results is None:
        return None
    rule = rules.baseline or BaselineRule()
    return StoredRun(
        id=run.id,
        at=run.results.started,
        fingerprint=fingerprint,
        values=values_of(run.results, rule),
        spreads=spreads_of(run.results, rule) if valid else {},
        engine=run.engine,
    )
