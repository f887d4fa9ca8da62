import pytest
from msgspec.structs import replace

from buildsteps.results import Cause, Outcome
from buildsteps.steps.loadtest.measured.model import Run
from buildsteps.steps.loadtest.verdict.validity import ValidityRules, is_valid, judge_run
from tests.unit.steps.loadtest.runs import results, run

ENOUGH = results([0.1] * 100)


def problems(of: Run) -> list[tuple[str, Cause | None]]:
    return [
        (case.message, case.cause) for case in judge_run(of) if case.outcome is not Outcome.PASSED
    ]


def test_a_run_that_ended_as_planned_is_valid() -> None:
    cases = judge_run(run(ENOUGH))
    assert is_valid(cases)
    assert [(case.name, case.message) for case in cases] == [
        ("ended as planned", "ran 60 s of 60 s planned"),
        ("enough requests", "100 requests"),
        ("trustworthy", ""),
    ]


def test_a_run_that_was_short_is_not_valid() -> None:
    short = run(ENOUGH, planned=3600, lasted=2400)
    message = "ran 40 min 0 s of 60 min 0 s planned: the load was not what the scenario asks for"
    assert problems(short) == [(message, Cause.WORLD)]


@pytest.mark.parametrize(("planned", "lasted"), [(10, 8.1), (600, 571), (60, 75)])
def test_what_ending_costs_is_forgiven(planned: float, lasted: float) -> None:
    assert problems(run(ENOUGH, planned=planned, lasted=lasted)) == []


def test_a_run_without_results_is_not_valid() -> None:
    assert problems(run(None)) == [("the run has no results", Cause.WORLD)]


def test_a_few_requests_say_nothing() -> None:
    message = "29 requests were made, fewer than the 30 needed"
    assert problems(run(results([0.1] * 29))) == [(message, Cause.SUBJECT)]
    cases = judge_run(run(results([0.1] * 29)), ValidityRules(least_requests=10))
    assert is_valid(cases)


def test_each_doubt_is_an_error() -> None:
    doubts = ("the generator was saturated", "2 of 3 tasks delivered")
    assert problems(run(ENOUGH, doubts=doubts)) == [(doubt, Cause.WORLD) for doubt in doubts]


def test_a_run_that_was_aborted_failed_and_is_not_valid() -> None:
    aborted = replace(run(ENOUGH, planned=600, lasted=4), aborted="errors < 1: measured 7")
    first, *others = judge_run(aborted)
    assert (first.outcome, first.cause, first.kind) == (Outcome.FAILED, None, "aborted")
    assert first.message == "aborted after 4 s of 10 min 0 s by errors < 1: measured 7"
    assert not is_valid((first, *others))
