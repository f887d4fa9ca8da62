"""JUnit XML as CodeBuild and Jenkins read it: the one module that knows the junit-xml package.

Where junit-xml is lax this module mends what it makes: characters that XML 1.0 forbids, the
``disabled`` attribute, times of six decimals or none, failures without a message (which
junit-xml leaves out). The result is valid against Jenkins' junit-10.xsd apart from ``file`` and
``line`` of a case. Findings and tables, which JUnit does not know, stand in ``system-out``: a
finding in the suite that judged its file, tables in the first; those of a baseline are counted.
Cases go through junit-xml in portions, so a large report needs little memory.
"""

import math
import re
from collections.abc import Iterable, Iterator, Sequence
from itertools import islice
from xml.etree import ElementTree as ET

import junit_xml

from buildsteps.reporting.facts import flat_facts
from buildsteps.reporting.interface import Rendering
from buildsteps.reporting.junit_folding import fold
from buildsteps.reporting.standing import is_old, known_sentence
from buildsteps.reporting.stopping import findings_beside_cases
from buildsteps.reporting.table_text import table_lines
from buildsteps.reporting.text import REPLACEMENT, printable
from buildsteps.results import Case, Finding, Outcome, RunResult, Table

_PORTION = 500
_FORBIDDEN = re.compile("[\ufffe\uffff]")


def render(result: RunResult, rendering: Rendering) -> Iterator[str]:
    """Yield the cases as suites, one a group; see the module for what is mended on the way."""
    folded = fold(result.report.cases, rendering.case_limit)
    suites = _suites(folded.cases)
    findings = findings_beside_cases(result.report)
    told = [finding for finding in findings if not is_old(finding)]
    texts = _system_out(suites, told, result.command)
    notes = [note for note in (folded.note, known_sentence(findings)) if note]
    remarks = [*notes, *map(_table, result.report.tables)]
    if remarks:
        texts.setdefault(next(iter(suites), result.command), []).extend(remarks)
    facts = {_legal_line(k): _legal_line(v) for k, v in flat_facts(result.report.facts)}
    yield '<?xml version="1.0" encoding="utf-8"?>\n'
    yield _opening(ET.Element("testsuites", _totals(folded.cases)))
    for name in texts:
        yield from _suite(name, suites.get(name, []), facts, "\n".join(texts[name]))
    yield "</testsuites>\n"


def _suites(cases: Iterable[Case]) -> dict[str, list[Case]]:
    suites: dict[str, list[Case]] = {}
    for case in cases:
        suites.setdefault(case.group, []).append(case)
    return suites


def _system_out(
    suites: dict[str, list[Case]], findings: Sequence[Finding], command: str
) -> dict[str, list[str]]:
    """Give each finding to the suite that judged the same file, else to the first suite.

    Without any suite they make one, named for the command.
    """
    texts: dict[str, list[str]] = {name: [] for name in suites}
    if not findings:
        return texts
    judged: dict[str, str] = {}
    for name, cases in suites.items():
        for case in cases:
            for location in case.locations:
                judged.setdefault(location.path, name)
    first = next(iter(suites), command)
    for finding in findings:
        paths = (location.path for location in finding.locations)
        suite = next((judged[path] for path in paths if path in judged), first)
        texts.setdefault(suite, []).append(_finding_line(finding))
    return texts


def _finding_line(finding: Finding) -> str:
    place = f"{finding.locations[0]}: " if finding.locations else ""
    accepted = f" (accepted: {finding.accepted})" if finding.accepted else ""
    return printable(f"{place}{finding.severity}: {finding.message} [{finding.rule}]{accepted}")


def _table(table: Table) -> str:
    return "\n".join([printable(table.title), *(f"  {line}" for line in table_lines(table))])


def _suite(name: str, cases: Sequence[Case], facts: dict[str, str], stdout: str) -> Iterator[str]:
    suite = junit_xml.TestSuite(_legal_line(name), properties=facts, stdout=_legal(stdout))
    element = suite.build_xml_doc()
    del element.attrib["disabled"]
    element.attrib.update(_totals(cases), skipped=str(_number(cases, Outcome.SKIPPED)))
    yield _opening(element)
    remaining = iter(cases)
    while portion := list(islice(remaining, _PORTION)):
        yield _testcases(portion)
    yield "</testsuite>\n"


def _testcases(cases: Sequence[Case]) -> str:
    suite = junit_xml.TestSuite("portion", [_test_case(case) for case in cases])
    lines = []
    for case, element in zip(cases, suite.build_xml_doc(), strict=True):
        element.set("time", _seconds(case.seconds))
        lines.append(ET.tostring(element, encoding="unicode") + "\n")
    return "".join(lines)


def _test_case(case: Case) -> junit_xml.TestCase:
    location = case.locations[0] if case.locations else None
    made = junit_xml.TestCase(
        name=_legal_line(case.name),
        classname=_legal_line(case.group),
        file=_legal_line(location.path) if location else None,
        line=location.line if location else None,
    )
    # junit-xml leaves out a failure or error that has neither message nor output
    message = _legal_line(case.message) or f"{case.outcome.value}, without a message"
    detail, kind = _legal(case.detail), _legal_line(case.kind)
    match case.outcome:
        case Outcome.FAILED:
            made.add_failure_info(message, detail, kind or "failure")
        case Outcome.ERROR:
            made.add_error_info(message, detail, kind or "error")
        case Outcome.SKIPPED:
            made.add_skipped_info(_legal_line(case.message), detail)
        case Outcome.PASSED:
            pass
    return made


def _totals(cases: Sequence[Case]) -> dict[str, str]:
    return {
        "tests": str(len(cases)),
        "failures": str(_number(cases, Outcome.FAILED)),
        "errors": str(_number(cases, Outcome.ERROR)),
        "time": _seconds(sum(case.seconds for case in cases)),
    }


def _number(cases: Iterable[Case], outcome: Outcome) -> int:
    return sum(case.outcome is outcome for case in cases)


def _seconds(seconds: float) -> str:
    """Return ``seconds`` with milliseconds; a time that no clock gives counts as none."""
    return f"{seconds:.3f}" if math.isfinite(seconds) and seconds > 0 else "0.000"


def _opening(element: ET.Element) -> str:
    whole = ET.tostring(element, encoding="unicode", short_empty_elements=False)
    return whole.removesuffix(f"</{element.tag}>") + "\n"


def _legal_line(text: str) -> str:
    return _FORBIDDEN.sub(REPLACEMENT, printable(text))


def _legal(text: str) -> str:
    """Return ``text`` without what XML 1.0 (section 2.2, Char) or a terminal forbids."""
    return _FORBIDDEN.sub(REPLACEMENT, printable(text, multiline=True))
