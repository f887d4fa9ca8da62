import pytest
from hypothesis import given

from buildsteps.reporting.github import render
from buildsteps.reporting.interface import Rendering
from buildsteps.results import (
    Case,
    Finding,
    Location,
    Outcome,
    Report,
    RunResult,
    Severity,
    Table,
    Verdict,
    VerdictOutcome,
)
from tests.unit.reporting.any_results import results
from tests.unit.reporting.golden_files import assert_golden
from tests.unit.reporting.samples import SAMPLES, STOPPED


def lines_of(result: RunResult, verbosity: int = 0) -> list[str]:
    return list(render(result, Rendering(verbosity=verbosity)))


def result_of(report: Report) -> RunResult:
    verdict = Verdict(outcome=VerdictOutcome.STOPPED, exit_code=1)
    return RunResult(command="scan", report=report, verdict=verdict)


def failed(number: int) -> tuple[Case, ...]:
    return tuple(Case(name=str(n), group="g", outcome=Outcome.FAILED) for n in range(number))


def noted(number: int, severity: Severity = Severity.LOW) -> tuple[Finding, ...]:
    return tuple(Finding(rule=f"r{n}", severity=severity, message="m") for n in range(number))


@pytest.mark.parametrize("name", SAMPLES)
def test_the_annotations_of_a_run_are_the_golden_ones(name: str) -> None:
    assert_golden("".join(lines_of(SAMPLES[name])), f"{name}.github.txt")


@given(results)
def test_any_text_stays_on_its_line_and_only_the_last_line_is_no_command(
    result: RunResult,
) -> None:
    *commands, last = lines_of(result)
    for line in commands:
        assert line.startswith(("::error ", "::warning ", "::notice "))
        assert len(line.splitlines()) == 1
        assert line.endswith("\n")
    assert len(last.splitlines()) == 1


def test_percent_signs_line_ends_colons_and_commas_are_escaped() -> None:
    case = Case(
        name="a:b,c%\nd",
        group="g",
        outcome=Outcome.FAILED,
        message="1%",
        detail="x:y,\r\nz",
        locations=(Location("a,b:c.py", 3, 5, 3, 9),),
    )
    assert lines_of(result_of(Report(cases=(case,))))[0] == (
        "::error file=a%2Cb%3Ac.py,line=3,endLine=3,col=5,endColumn=9,"
        "title=g%3A a%3Ab%2Cc%25 d::1%25%0Ax:y,%0Az\n"
    )


def test_a_place_over_several_lines_has_no_columns() -> None:
    case = Case(name="n", group="g", outcome=Outcome.FAILED, locations=(Location("a", 1, 2, 3, 4),))
    assert "file=a,line=1,endLine=3,title=" in lines_of(result_of(Report(cases=(case,))))[0]


def test_errors_come_before_warnings_before_notices() -> None:
    report = Report(
        cases=failed(1),
        findings=(
            *noted(1),
            *noted(1, Severity.MEDIUM),
            *noted(1, Severity.HIGH),
            *noted(1, Severity.INFO),
        ),
    )
    kinds = [line.split(" ")[0] for line in lines_of(result_of(report))[:-1]]
    assert kinds == ["::error", "::error", "::warning", "::notice", "::notice"]


def test_a_notice_before_the_others_says_how_many_there_are_in_all() -> None:
    lines = lines_of(result_of(Report(cases=failed(12), findings=noted(1100))))
    assert lines[12] == (
        "::notice title=Not all annotations are shown::"
        "GitHub shows 10 of a kind; there are 12 errors and 1,100 notices, "
        "all in the step's log.\n"
    )
    assert lines[13].startswith("::notice title=r0 (low)::m")


def test_ten_of_a_kind_need_no_such_notice() -> None:
    lines = lines_of(result_of(Report(cases=failed(10), findings=noted(10))))
    assert len(lines) == 21


def test_an_accepted_finding_is_a_notice_whatever_its_severity() -> None:
    assert any(line.startswith("::notice title=broad-principal") for line in lines_of(STOPPED))


def test_a_table_is_a_notice_after_those_of_the_findings() -> None:
    table = Table(title="Coverage, all", columns=("what", "share"), rows=(("policies", "50 %"),))
    report = Report(tables=(table,), findings=noted(1))
    *_, line, verdict = lines_of(result_of(report))
    assert line == "::notice title=Coverage%2C all::what      share%0Apolicies  50 %25\n"
    assert lines_of(result_of(report), verbosity=-1) == [verdict]


def test_quiet_shows_only_what_stops() -> None:
    lines = lines_of(STOPPED, verbosity=-1)
    assert [line.split(" ")[0] for line in lines] == ["::error"] * 3 + ["cedar-validate:"]


def test_a_case_that_gathers_findings_is_annotated_at_the_place_of_each() -> None:
    lines = lines_of(SAMPLES["scanned"])
    errors = [line for line in lines if line.startswith("::error")]
    assert [line.split(",")[1] for line in errors] == ["line=3", "line=8"]


def test_what_is_in_the_baseline_is_not_annotated() -> None:
    assert sum("title=B602" in line for line in lines_of(SAMPLES["scanned"])) == 2  # of three
