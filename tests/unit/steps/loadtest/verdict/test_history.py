"""The result store beside a run: found out before it, and no loss after it."""

from pathlib import Path

import pytest

from buildsteps.errors import UnreadableError, WorldError
from buildsteps.results import Cause, Outcome
from buildsteps.steps.loadtest.verdict.baseline import BaselineRule
from buildsteps.steps.loadtest.verdict.history import history_of, keep
from buildsteps.steps.loadtest.verdict.judgement import Rules, judge
from buildsteps.steps.loadtest.verdict.thresholds import parse_threshold
from tests.unit.steps.loadtest.runs import results, run
from tests.world_double import fake_world

RULES = Rules(thresholds=(parse_threshold("p95 < 1s"),), baseline=BaselineRule())


def test_a_run_that_is_kept_is_an_earlier_one_of_the_next(tmp_path: Path) -> None:
    world = fake_world(tmp_path)
    judged = judge(run(results([0.1] * 100)), RULES, fingerprint="f")
    assert keep(judged, history_of("runs.jsonl", "f", RULES, world)) == judged
    assert history_of("runs.jsonl", "f", RULES, world).earlier == (judged.stored,)


def test_without_a_store_nothing_is_kept(tmp_path: Path) -> None:
    history = history_of("", "f", RULES, fake_world(tmp_path))
    judged = judge(run(results([0.1] * 100)), RULES, fingerprint="f")
    assert keep(judged, history) == judged
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("name", ["folder", "file/runs.jsonl"])
def test_a_store_that_cannot_be_written_is_known_before_the_run(tmp_path: Path, name: str) -> None:
    (tmp_path / "folder").mkdir()
    (tmp_path / "file").touch()
    with pytest.raises(WorldError, match="cannot be written: "):
        history_of(name, "f", RULES, fake_world(tmp_path))


def test_a_broken_line_is_known_before_the_run(tmp_path: Path) -> None:
    (tmp_path / "runs.jsonl").write_text('{"id": "cut')
    with pytest.raises(UnreadableError, match=r"runs\.jsonl:1: is no result that we stored"):
        history_of("runs.jsonl", "f", RULES, fake_world(tmp_path))


def test_a_store_that_goes_away_during_the_run_leaves_the_verdict(tmp_path: Path) -> None:
    history = history_of("runs.jsonl", "f", RULES, fake_world(tmp_path))
    (tmp_path / "runs.jsonl").mkdir()
    judged = keep(judge(run(results([0.1] * 100)), RULES, fingerprint="f"), history)
    *others, case = judged.cases
    assert [one.outcome for one in others if one.group == "thresholds"] == [Outcome.PASSED]
    assert (case.group, case.name) == ("store", "runs.jsonl")
    assert (case.outcome, case.cause) == (Outcome.ERROR, Cause.WORLD)
    assert case.message == (
        "the run could not be kept for later comparisons: runs.jsonl: cannot be written:"
        " is a directory"
    )
