from typing import Any

import pytest
from msgspec.structs import replace

from buildsteps.reporting.standing import (
    has_baseline,
    known_sentence,
    standing_of,
    standing_table,
)
from buildsteps.results import Finding, Report, Severity

NEW = Finding(rule="B602", severity=Severity.HIGH, message="m", engines=("bandit",))
OLD = replace(NEW, known=True)
ACCEPTED = replace(NEW, accepted="a reason")


def report(*findings: Finding, **facts: Any) -> Report:
    return Report(findings=findings, facts=facts)


def test_findings_of_steps_that_are_no_scanners_do_not_stand_anywhere() -> None:
    assert standing_of(report(replace(NEW, engines=()))) is None
    assert standing_of(report()) is None


def test_open_ones_are_new_or_old_and_an_accepted_old_one_is_accepted() -> None:
    both = replace(OLD, accepted="a reason")
    standing = standing_of(report(NEW, OLD, OLD, ACCEPTED, both))
    assert standing is not None
    assert (standing.new, standing.open, standing.known, standing.accepted) == (1, 3, 2, 2)
    assert standing.worst == "1 high"
    assert standing_table(standing) == (("new", "open", "accepted"), ("1 (1 high)", "3", "2"))


def test_what_was_fixed_comes_from_the_facts_also_where_nothing_is_left() -> None:
    standing = standing_of(report(baseline={"known": 0, "fixed": 1200}))
    assert standing is not None
    assert standing_table(standing)[1] == ("0", "0", "0", "1,200")


@pytest.mark.parametrize(
    "baseline", [None, "a file", {}, {"fixed": 0, "known": 0}, {"fixed": "many"}, {"fixed": None}]
)
def test_facts_that_know_of_no_baseline_are_none(baseline: object) -> None:
    assert standing_of(report(baseline=baseline)) is None
    assert not has_baseline(report(NEW, baseline=baseline))


def test_a_baseline_is_in_force_where_it_knows_something() -> None:
    assert has_baseline(report(OLD))
    assert has_baseline(report(NEW, baseline={"unseen": 2, "fixed": 0}))


def test_old_ones_are_counted_in_a_sentence() -> None:
    assert known_sentence([NEW, ACCEPTED]) == ""
    assert known_sentence([OLD]) == "1 finding is in the baseline"
    assert known_sentence([OLD] * 1200) == "1,200 findings are in the baseline"
