from msgspec.structs import replace

from buildsteps.results import Outcome
from buildsteps.steps.loadtest.verdict.baseline import BaselineRule
from buildsteps.steps.loadtest.verdict.judgement import Rules, judge
from buildsteps.steps.loadtest.verdict.thresholds import parse_threshold
from tests.unit.steps.loadtest.runs import results, run

SLOW, FAST = results([0.3] * 100), results([0.1] * 100)
RULES = Rules(thresholds=(parse_threshold("p95 < 200ms"),), baseline=BaselineRule(metrics=("p95",)))


def test_a_good_run_is_kept_as_good() -> None:
    judged = judge(run(FAST), RULES, fingerprint="f")
    assert [case.group for case in judged.cases] == ["run"] * 3 + ["thresholds", "baseline"]
    assert judged.stored is not None
    assert (judged.stored.good, judged.stored.values) == (True, {"p95": 0.1})


def test_a_run_that_the_gate_stops_is_kept_as_one_that_does_not_count() -> None:
    judged = judge(run(SLOW), RULES, fingerprint="f")
    assert judged.stored is not None
    assert not judged.stored.good


def test_what_an_invalid_run_measured_is_not_judged() -> None:
    judged = judge(run(FAST, lasted=3), RULES, fingerprint="f")
    assert {case.group for case in judged.cases} == {"run"}
    assert any(case.outcome is Outcome.ERROR for case in judged.cases)
    assert judged.stored is not None
    assert not judged.stored.good


def test_a_run_without_results_is_not_kept() -> None:
    assert judge(run(None), RULES).stored is None


def test_a_regression_stops_where_thresholds_hold() -> None:
    first = judge(run(FAST, name="first"), RULES, fingerprint="f").stored
    assert first is not None
    slower = results([0.15] * 100)
    judged = judge(run(slower), RULES, fingerprint="f", earlier=[first])
    assert [case.name for case in judged.cases if case.outcome is Outcome.FAILED] == ["p95"]
    assert judged.comparisons[0].regressed
    assert judged.stored is not None
    assert not judged.stored.good


def test_a_run_that_is_judged_again_is_not_compared_with_itself() -> None:
    first = judge(run(FAST), RULES, fingerprint="f").stored
    assert first is not None
    judged = judge(run(FAST), RULES, fingerprint="f", earlier=[replace(first, at=first.at - 1)])
    assert judged.comparisons == ()
