from collections import Counter
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest
import xmlschema
from hypothesis import given
from hypothesis import strategies as st

from buildsteps.reporting.interface import Rendering
from buildsteps.reporting.junit import render
from buildsteps.results import (
    Case,
    Cause,
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
from tests.unit.reporting.samples import NOTHING_JUDGED, SAMPLES, STOPPED

JENKINS = xmlschema.XMLSchema(Path(__file__).parents[2] / "data/schemas/junit-10.xsd")


def text_of(result: RunResult, limit: int | None = None) -> str:
    return "".join(render(result, Rendering(case_limit=limit)))


def parsed(result: RunResult, limit: int | None = None) -> ET.Element:
    return ET.fromstring(text_of(result, limit).encode())


def assert_valid(root: ET.Element) -> None:
    """Hold the document against Jenkins' schema, which does not know ``file`` and ``line``."""
    for case in root.iter("testcase"):
        case.attrib.pop("file", None)
        case.attrib.pop("line", None)
    JENKINS.validate(ET.tostring(root, encoding="unicode"))


def result_of(
    *cases: Case, findings: tuple[Finding, ...] = (), tables: tuple[Table, ...] = ()
) -> RunResult:
    verdict = Verdict(outcome=VerdictOutcome.PASSED, exit_code=0)
    report = Report(cases=cases, findings=findings, tables=tables)
    return RunResult(command="scan", report=report, verdict=verdict)


def passed(group: str, number: int) -> list[Case]:
    return [
        Case(name=f"p{n}", group=group, outcome=Outcome.PASSED, seconds=0.5) for n in range(number)
    ]


def failed(group: str, number: int) -> list[Case]:
    return [Case(name=f"f{n}", group=group, outcome=Outcome.FAILED) for n in range(number)]


def errors(group: str, number: int) -> list[Case]:
    return [
        Case(name=f"e{n}", group=group, outcome=Outcome.ERROR, cause=Cause.WORLD)
        for n in range(number)
    ]


def skipped(group: str, number: int) -> list[Case]:
    return [Case(name=f"s{n}", group=group, outcome=Outcome.SKIPPED) for n in range(number)]


def names(root: ET.Element) -> list[tuple[str | None, str | None]]:
    return [(case.get("classname"), case.get("name")) for case in root.iter("testcase")]


@pytest.mark.parametrize("name", SAMPLES)
def test_the_report_of_a_run_is_the_golden_one_and_valid_for_jenkins(name: str) -> None:
    assert_golden(text_of(SAMPLES[name]), f"{name}.junit.xml")
    assert_valid(parsed(SAMPLES[name]))


@given(results, st.none() | st.integers(0, 6))
def test_any_text_gives_well_formed_xml_that_jenkins_takes(
    result: RunResult, limit: int | None
) -> None:
    root = parsed(result, limit)
    assert_valid(root)
    kinds = Counter(case.outcome for case in result.report.cases)
    assert (
        root.get("failures") == str(kinds[Outcome.FAILED]) == str(len(root.findall(".//failure")))
    )
    assert root.get("errors") == str(kinds[Outcome.ERROR]) == str(len(root.findall(".//error")))
    if limit is None:
        assert root.get("tests") == str(len(result.report.cases))


def test_a_run_without_cases_gives_no_suite() -> None:
    root = parsed(NOTHING_JUDGED)
    assert len(root) == 0
    assert root.get("tests") == "0"


def test_times_have_milliseconds_and_no_suite_says_disabled() -> None:
    root = parsed(result_of(*passed("a", 2)))
    assert [case.get("time") for case in root.iter("testcase")] == ["0.500", "0.500"]
    assert root.get("time") == "1.000"
    assert "disabled" not in text_of(STOPPED)


def test_a_failure_without_a_message_still_is_a_failure() -> None:
    failure = parsed(result_of(*failed("a", 1))).find(".//failure")
    assert failure is not None
    assert (failure.get("message"), failure.get("type")) == ("failed, without a message", "failure")


def test_a_finding_is_told_in_the_suite_that_judged_its_file() -> None:
    case = Case(name="b.py", group="ruff", outcome=Outcome.PASSED, locations=(Location("b.py", 1),))
    finding = Finding(
        rule="S1", severity=Severity.LOW, message="weak", locations=(Location("b.py", 9),)
    )
    elsewhere = Finding(rule="S2", severity=Severity.INFO, message="elsewhere")
    root = parsed(result_of(*passed("bandit", 1), case, findings=(finding, elsewhere)))
    assert {s.get("name"): s.findtext("system-out", "").strip() for s in root} == {
        "bandit": "info: elsewhere [S2]",
        "ruff": "b.py:9: low: weak [S1]",
    }


def test_a_finding_that_is_a_case_is_told_once() -> None:
    assert text_of(STOPPED).count("any action is permitted") == 1


def test_findings_of_a_run_without_cases_have_a_suite_for_themselves() -> None:
    finding = Finding(rule="S2", severity=Severity.INFO, message="said")
    root = parsed(result_of(findings=(finding,)))
    assert root.findtext("testsuite[@name='scan']/system-out", "").strip() == "info: said [S2]"
    assert_valid(root)


def test_the_tables_stand_in_the_first_suite_after_its_findings() -> None:
    table = Table(title="Coverage", columns=("what", "share"), rows=(("policies", "50 %"),))
    finding = Finding(rule="S2", severity=Severity.INFO, message="said")
    root = parsed(result_of(*passed("a", 1), *passed("b", 1), findings=(finding,), tables=(table,)))
    told = [suite.findtext("system-out", "").strip() for suite in root]
    assert told == ["info: said [S2]\nCoverage\n  what      share\n  policies  50 %", ""]
    alone = parsed(result_of(tables=(table,)))
    assert "policies  50 %" in alone.findtext("testsuite[@name='scan']/system-out", "")
    assert_valid(alone)


def test_below_the_limit_what_stops_comes_first_and_nothing_is_folded() -> None:
    root = parsed(result_of(*passed("a", 1), *errors("b", 1), *passed("b", 1), *failed("b", 1)), 4)
    assert names(root) == [("b", "f0"), ("b", "e0"), ("b", "p0"), ("a", "p0")]


def test_above_the_limit_passed_and_skipped_cases_are_folded_per_group() -> None:
    cases = [*passed("a", 17), *failed("a", 2), *passed("b", 3), *skipped("b", 2), *passed("c", 1)]
    root = parsed(result_of(*cases), 10)
    assert names(root) == [
        ("a", "f0"),
        ("a", "f1"),
        ("a", "17 passed cases"),
        ("b", "3 passed and 2 skipped cases"),
        ("c", "p0"),
    ]
    assert root.get("time") == "10.500"


def test_too_many_groups_are_folded_into_one_case() -> None:
    cases = [*failed("a", 2), *passed("a", 2), *passed("b", 2), *skipped("c", 1500)]
    assert names(parsed(result_of(*cases), 4))[2:] == [
        ("all groups", "4 passed and 1,500 skipped cases")
    ]


def test_only_skipped_cases_fold_into_a_skipped_case() -> None:
    root = parsed(result_of(*skipped("a", 3)), 1)
    assert names(root) == [("a", "3 skipped cases")]
    assert root.find(".//skipped") is not None


def test_failures_and_errors_beyond_the_limit_are_all_kept_and_the_rest_is_a_note() -> None:
    root = parsed(result_of(*passed("a", 2), *errors("b", 3), *failed("a", 2)), 4)
    assert names(root) == [("a", "f0"), ("a", "f1"), ("b", "e0"), ("b", "e1"), ("b", "e2")]
    assert root.findtext("testsuite/system-out", "").strip() == "not listed: 2 passed cases"


def test_findings_in_the_baseline_are_counted_not_listed() -> None:
    text = parsed(SAMPLES["scanned"]).findtext("testsuite/system-out", "")
    assert text.count("[B602]") == 1  # the accepted one
    assert "1 finding is in the baseline" in text
