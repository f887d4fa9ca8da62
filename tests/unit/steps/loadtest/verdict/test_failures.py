"""A run in which requests failed, and no rule that speaks of that."""

import pytest

from buildsteps.results import Finding, Outcome
from buildsteps.steps.loadtest.verdict.baseline import BaselineRule
from buildsteps.steps.loadtest.verdict.judgement import Judgement, Rules, judge
from buildsteps.steps.loadtest.verdict.thresholds import parse_thresholds
from tests.unit.steps.loadtest.runs import results, run


def judged(errors: int, *thresholds: str, baseline: BaselineRule | None = None) -> Judgement:
    """A hundred fast requests, of which so many failed."""
    rules = Rules(thresholds=parse_thresholds(thresholds), baseline=baseline)
    return judge(run(results([0.001] * 100, errors)), rules, fingerprint="f")


def unjudged_cases(found: Judgement) -> list[tuple[str, str]]:
    return [(case.name, case.message) for case in found.cases if case.outcome is Outcome.ERROR]


def test_a_service_that_refuses_fast_does_not_pass_for_its_response_times() -> None:
    found = judged(98, "p95 < 1s")
    assert unjudged_cases(found) == [
        (
            "answered",
            "98 of 100 requests failed (98 %), so the response times are mostly those of failures;"
            " no threshold says how many may: add one, such as `error_rate < 1%`",
        )
    ]
    assert found.stored is not None
    assert not found.stored.good


@pytest.mark.parametrize("threshold", ["errors < 99", "error_rate < 99%", "warn: error_rate < 1%"])
def test_who_says_how_many_may_fail_is_believed(threshold: str) -> None:
    found = judged(98, "p95 < 1s", threshold)
    assert unjudged_cases(found) == []
    assert "failures-not-judged" not in [one.rule for one in found.findings]


def test_a_first_run_that_failed_is_no_baseline() -> None:
    rule = BaselineRule(metrics=("p95", "error_rate"))
    assert [name for name, _ in unjudged_cases(judged(98, baseline=rule))] == ["answered"]


def test_a_few_failures_that_nothing_judges_are_said() -> None:
    found = judged(3, "p95 < 1s")
    assert unjudged_cases(found) == []
    (finding,) = found.findings
    assert finding.message == (
        "3 of 100 requests failed (3 %); no threshold says how many may: add one, such as"
        " `error_rate < 1%`"
    )


def test_without_failures_nothing_is_said() -> None:
    nothing: tuple[Finding, ...] = ()
    assert judged(0, "p95 < 1s").findings == nothing
