import re

import pytest
from hypothesis import given
from msgspec.structs import replace

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


SCANNED = SAMPLES["scanned"]


def test_a_scan_shows_its_source_in_colour_and_with_v_what_is_old_and_accepted() -> None:
    coloured = text_of(SCANNED, colour=True)
    assert COLOUR.sub("", coloured) == text_of(SCANNED)
    assert_golden(coloured, "scanned.terminal.colour.txt")
    assert_golden(text_of(SCANNED, verbosity=1), "scanned.terminal.verbose.txt")
    assert_golden(text_of(SCANNED, verbosity=-1), "scanned.terminal.quiet.txt")


def test_no_line_of_a_list_is_wider_than_the_terminal() -> None:
    text = "".join(render(SCANNED, Rendering(width=60)))
    _, _, listed = text.partition("2 findings that do not stop\n")
    lines = listed.partition("\n\n")[0].splitlines()
    assert len(lines) == 2
    assert all(len(line) <= 60 for line in lines)


def scanned(stopping: int, beside: int) -> RunResult:
    first = SCANNED.report.findings[1]
    findings = [replace(first, fingerprint=f"f{number}") for number in range(stopping + beside)]
    names = tuple(one.fingerprint for one in findings[:stopping])
    case = Case(name="n", group="g", outcome=Outcome.FAILED, findings=names)
    return replace(SCANNED, report=Report(cases=(case,), findings=findings))


def test_many_findings_are_cut_with_a_sentence_and_v_shows_them() -> None:
    text = text_of(scanned(stopping=1000, beside=1500))
    assert text.count("high[B602]") == 20
    assert "… 980 more findings in this case; -v shows all" in text
    assert "1,500 findings that do not stop" in text
    assert "… 1,480 more; -v shows all" in text
    assert text_of(scanned(1000, 1500), verbosity=1).count("high[B602]") == 2500


def test_a_case_whose_findings_are_not_all_in_the_report_shows_its_own_words() -> None:
    result = scanned(stopping=2, beside=0)
    case = replace(result.report.cases[0], message="2 findings", detail="its own words")
    report = replace(result.report, cases=(case,), findings=result.report.findings[:1])
    assert "its own words" in text_of(replace(result, report=report))


@given(results)
def test_nothing_from_outside_acts_on_the_terminal(result: RunResult) -> None:
    text = text_of(result, verbosity=1)
    assert not re.search(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]", text)
