import re

import pytest
from hypothesis import given

from buildsteps.reporting.interface import Rendering
from buildsteps.reporting.terminal import render
from buildsteps.results import Case, Outcome, Report, RunResult, Verdict, VerdictOutcome
from tests.unit.reporting.any_results import results
from tests.unit.reporting.golden_files import assert_golden
from tests.unit.reporting.samples import SAMPLES, STOPPED

COLOUR = re.compile(r"\x1b\[[0-9;]*m")


def text_of(result: RunResult, *, colour: bool = False, verbosity: int = 0) -> str:
    return "".join(render(result, Rendering(colour=colour, verbosity=verbosity)))


@pytest.mark.parametrize("name", SAMPLES)
def test_the_text_is_the_golden_one(name: str) -> None:
    assert_golden(text_of(SAMPLES[name]), f"{name}.terminal.txt")


@pytest.mark.parametrize(("name", "verbosity"), [("quiet", -1), ("verbose", 1)])
def test_less_and_more_of_it(name: str, verbosity: int) -> None:
    assert_golden(text_of(STOPPED, verbosity=verbosity), f"stopped.terminal.{name}.txt")


def huge(lines: int, characters: int) -> RunResult:
    detail = "\n".join(["x" * characters] * lines)
    case = Case(
        name="n" * characters, group="g", outcome=Outcome.FAILED, message="m" * 9, detail=detail
    )
    verdict = Verdict(outcome=VerdictOutcome.STOPPED, exit_code=1)
    return RunResult(command="c", report=Report(cases=(case,)), verdict=verdict)


def test_what_is_huge_is_cut_and_the_rest_counted() -> None:
    text = text_of(huge(1100, 10_000))
    assert text.count(f"  {'x' * 400}… 9,500 more characters …{'x' * 100}\n") == 100
    assert "  … 1,000 more lines, all in --format json\n" in text
    assert len(text) < 70_000
    assert "more line" not in text_of(huge(1100, 9), verbosity=1)
    assert "more" not in text_of(huge(100, 500))


def test_colour_adds_nothing_but_colour() -> None:
    coloured = text_of(STOPPED, colour=True)
    assert COLOUR.sub("", coloured) == text_of(STOPPED)
    assert_golden(coloured, "stopped.terminal.colour.txt")


@given(results)
def test_nothing_from_outside_acts_on_the_terminal(result: RunResult) -> None:
    text = text_of(result, verbosity=1)
    assert not re.search(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]", text)
