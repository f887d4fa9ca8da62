"""The recorded results as ours: seconds from texts, counts from what is called throughput."""

import json
from pathlib import Path
from typing import Any

import msgspec
import pytest
from msgspec.structs import replace

from buildsteps.steps.loadtest.dlt.baseline import configuration
from buildsteps.steps.loadtest.dlt.reading import planned_seconds
from buildsteps.steps.loadtest.dlt.results import doubts_of, lasted, results_of
from buildsteps.steps.loadtest.dlt.rows import RunRow, TaskConfig, moment

SAMPLES: list[dict[str, Any]] = json.loads(
    (Path(__file__).parents[4] / "data" / "dlt" / "api-samples.json").read_text()
)
ASKED = (TaskConfig("us-east-1", 2, 5), TaskConfig("eu-west-1", 1, 5))


def recorded(number: int) -> RunRow:
    return msgspec.convert(SAMPLES[number]["response"], RunRow, strict=False)


RUN = recorded(55)


def test_the_recorded_run_is_read_in_our_units() -> None:
    results = results_of(RUN)
    assert results is not None
    total = results.total
    assert (total.count, total.errors, total.mean, total.maximum) == (72453, 474, 0.00708, 0.2)
    assert (total.duration, total.throughput) == (10.0, 7245.3)
    assert [total.times.percentile(p) for p in (50, 95, 99.9, 100, 98)] == [
        0.008, 0.012, 0.024, 0.2, None,
    ]  # fmt: skip
    assert results.started == moment("2026-11-23 09:35:23") == 1795426523.0
    assert results.regions["eu-west-1"].maximum == 0.05
    assert sorted(results.labels) == ["/err", "/fast", "/fast?x=1"]
    assert results.labels["/err"].duration == 10.0
    assert results.exact is False


def test_what_was_planned_and_what_lasted() -> None:
    assert (planned_seconds(RUN.test_scenario), lasted(RUN)) == (30.0, 10.0)


@pytest.mark.parametrize("test", [None, {}, {"execution": []}, {"execution": [{"hold-for": "x"}]}])
def test_a_plan_that_cannot_be_read_is_none(test: object) -> None:
    assert planned_seconds(test) is None


def test_the_recorded_run_is_believed_and_less_is_not() -> None:
    assert doubts_of(RUN, ASKED) == ()
    more = (TaskConfig("us-east-1", 3, 5), TaskConfig("eu-west-1", 1, 5))
    assert doubts_of(RUN, more) == ("us-east-1: 2 of 3 tasks delivered results",)
    other = (*ASKED, TaskConfig("ap-south-1", 1, 5))
    assert doubts_of(RUN, other) == ("there are no results from ap-south-1",)


def test_parts_that_do_not_make_the_total_are_a_doubt() -> None:
    part = {name: one for name, one in RUN.results.items() if name != "eu-west-1"}
    (doubt,) = doubts_of(replace(RUN, results=part), ASKED[:1])
    assert doubt == "the regions counted 48,302 requests, their total says 72,453"


def test_the_recorded_failed_run_says_why() -> None:
    (doubt,) = doubts_of(recorded(66), ASKED)
    assert doubt.startswith("the run ended failed: Task failure threshold breached: 1/3 tasks")
    assert results_of(recorded(66)) is None


def test_two_runs_are_comparable_by_what_was_asked_not_by_what_dlt_adds() -> None:
    other = recorded(66)
    assert configuration(RUN) == configuration(other)
    assert configuration(RUN) != configuration(replace(other, test_type="k6"))


@pytest.mark.parametrize("text", ["", "today", "2026-13-40 00:00:00"])
def test_a_moment_that_is_none_is_0(text: str) -> None:
    assert moment(text) == 0.0
