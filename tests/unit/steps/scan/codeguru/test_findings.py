from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from buildsteps.results import Location, Severity
from buildsteps.steps.scan.codeguru.answers import Finding, live_answer
from buildsteps.steps.scan.codeguru.findings import sighting_of

WHOLE: dict[str, Any] = {
    "id": "9a7c",
    "title": "CWE-89 - SQL injection",
    "description": "User input goes into a query.\n\nThat is dangerous.",
    "severity": "High",
    "status": "Open",
    "ruleId": "python-sql-injection",
    "detectorId": "python/sql-injection@v1.0",
    "detectorName": "SQL injection",
    "detectorTags": ["security", "cwe-564", "owasp-top10"],
    "generatorId": "python-sql-injection",
    "createdAt": "2025-06-02T09:00:00Z",
    "vulnerability": {
        "id": "python/sql-injection@v1.0",
        "referenceUrls": ["https://cwe.mitre.org/data/definitions/943.html"],
        "relatedVulnerabilities": ["CWE-89", "CWE-089"],
        "filePath": {
            "name": "db.py",
            "path": "src/db.py",
            "startLine": 7,
            "endLine": 8,
            "codeSnippet": [
                {"number": 7, "content": "    cursor.execute("},
                {"number": 8, "content": "        'SELECT ' + name)"},
            ],
        },
    },
    "remediation": {
        "recommendation": {"text": "Use parameters.", "url": "https://docs.example/sql"},
        "suggestedFixes": [{"description": "Bind the name.", "code": "+ execute(q, name)\n"}],
    },
}


def finding(**changes: Any) -> Finding:
    return msgspec.convert({**WHOLE, **changes}, Finding)


def at(**place: Any) -> Finding:
    return finding(vulnerability={"filePath": place})


def test_a_finding_becomes_a_sighting_with_all_that_it_says() -> None:
    seen = sighting_of(finding(), {"src/db.py": "shop/src/db.py"})
    assert (seen.engine, seen.rule, seen.title) == (
        "codeguru",
        "python-sql-injection",
        "SQL injection",
    )
    assert seen.message == "User input goes into a query. That is dangerous."
    assert seen.severity is Severity.HIGH
    assert seen.locations == (Location(path="shop/src/db.py", line=7, end_line=8),)
    assert seen.cwes == (89, 564, 943)
    assert seen.help == "https://docs.example/sql"
    assert seen.fix == "Use parameters.\nBind the name.\n+ execute(q, name)"
    assert seen.snippet == "    cursor.execute(\n        'SELECT ' + name)"
    assert (seen.secret, seen.identity) == (False, "")


@pytest.mark.parametrize(
    ("word", "severity"),
    [
        ("Critical", Severity.CRITICAL),
        ("High", Severity.HIGH),
        ("Medium", Severity.MEDIUM),
        ("Low", Severity.LOW),
        ("Info", Severity.INFO),
        (None, Severity.HIGH),
    ],
)
def test_severities_are_the_services_own_and_high_where_there_is_none(
    word: str | None, severity: Severity
) -> None:
    assert sighting_of(finding(severity=word)).severity is severity


def test_the_rule_is_the_most_exact_name_there_is() -> None:
    assert sighting_of(finding(ruleId=" ")).rule == "python/sql-injection@v1.0"
    assert sighting_of(finding(ruleId=None, detectorId=None)).rule == "SQL injection"


@pytest.mark.parametrize(
    ("told", "path"),
    [
        ("src/db.py", "src/db.py"),
        ("./src/db.py", "src/db.py"),
        ("/src/db.py", "src/db.py"),
        ("src\\db.py", "src/db.py"),
        ("a..b/c.py", "a..b/c.py"),
    ],
)
def test_a_path_is_one_of_the_project(told: str, path: str) -> None:
    assert sighting_of(at(path=told)).locations == (Location(path=path),)


@pytest.mark.parametrize("told", ["../../etc/passwd", "src/../../x", "..", "", "a\0b"])
def test_a_path_that_leads_out_of_the_project_is_no_place(told: str) -> None:
    seen = sighting_of(at(path=told))
    assert (seen.locations, seen.identity) == ((), "9a7c")


def test_a_finding_without_a_place_is_known_again_by_its_id() -> None:
    seen = sighting_of(finding(vulnerability=None))
    assert (seen.locations, seen.identity) == ((), "9a7c")


@pytest.mark.parametrize("lines", [(0, 0), (-1, -1), (None, 3), (2**40, 2**40)])
def test_a_line_that_is_none_is_left_out(lines: tuple[int | None, int]) -> None:
    assert sighting_of(at(path="a.py", startLine=lines[0], endLine=lines[1])).locations == (
        Location(path="a.py"),
    )


def test_lines_in_the_wrong_order_are_the_first_alone() -> None:
    assert sighting_of(at(path="a.py", startLine=9, endLine=3)).locations == (
        Location(path="a.py", line=9),
    )


@pytest.mark.parametrize(
    "changes",
    [
        {"detectorTags": ["cwe-798"]},
        {"detectorName": "Hardcoded credentials"},
        {"detectorId": "multilanguage/api-key@v1"},
        {"title": "Hard-coded password"},
    ],
)
def test_of_a_secret_neither_code_nor_suggested_code_is_kept(changes: dict[str, Any]) -> None:
    seen = sighting_of(finding(**changes))
    assert (seen.secret, seen.snippet) == (True, "")
    assert seen.fix == "Use parameters.\nBind the name."


def test_only_web_addresses_are_shown_as_help() -> None:
    hostile = {"recommendation": {"text": "x", "url": "javascript:alert(1)"}}
    assert (
        sighting_of(finding(remediation=hostile)).help
        == "https://cwe.mitre.org/data/definitions/943.html"
    )
    assert sighting_of(finding(remediation=hostile, vulnerability=None)).help == ""


def test_a_page_without_findings_may_lack_the_list() -> None:
    assert live_answer({"ResponseMetadata": {}}).findings == []


TEXT = st.text(st.characters(), max_size=30) | st.sampled_from(
    ["../x", "\ud800", "CWE-99999999", "\x1b[2J", "https://[", "cwe-0", "a\n\n", "</script>"]
)
MAYBE = st.none() | TEXT
LINES = st.none() | st.integers()


@given(
    texts=st.fixed_dictionaries(
        {}, optional=dict.fromkeys(("id", "title", "description", "detectorId"), MAYBE)
    ),
    tags=st.none() | st.lists(TEXT, max_size=3),
    path=MAYBE,
    lines=st.tuples(LINES, LINES),
    code=st.lists(MAYBE, max_size=3),
    urls=st.lists(TEXT, max_size=2),
)
def test_hostile_values_never_leave_the_project_nor_break_a_report(
    texts: dict[str, str | None],
    tags: list[str] | None,
    path: str | None,
    lines: tuple[int | None, int | None],
    code: list[str | None],
    urls: list[str],
) -> None:
    given_finding = msgspec.convert(
        {
            **texts,
            "ruleId": "r",
            "detectorTags": tags,
            "vulnerability": {
                "referenceUrls": urls,
                "filePath": {
                    "path": path,
                    "startLine": lines[0],
                    "endLine": lines[1],
                    "codeSnippet": [{"content": line} for line in code],
                },
            },
            "remediation": {"suggestedFixes": [{"code": line} for line in code]},
        },
        Finding,
    )
    seen = sighting_of(given_finding)
    assert msgspec.json.encode(seen)  # raises where a lone surrogate is left
    assert seen.message
    for place in seen.locations:
        assert not place.path.startswith("/")
        assert ".." not in place.path.split("/")
        assert place.line is None or place.line >= 1
        assert place.end_line is None or (place.line or 0) <= place.end_line
    assert seen.help == "" or seen.help.startswith(("http://", "https://"))
    assert all(cwe > 0 for cwe in seen.cwes)
