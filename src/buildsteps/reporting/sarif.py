"""SARIF 2.1.0 (OASIS, errata 01) for code scanning: findings, and the cases that stop the build.

GitHub code scanning rejects a whole file if one result lacks a physical location or has an empty
URI (github/codeql-action issues 1738 and 2459). So what has no place in a file gets the name of
what was judged as its artifact, as scanners of container images do.
"""

import re
from collections.abc import Iterable, Iterator
from functools import lru_cache
from typing import Any
from urllib.parse import quote

import msgspec

import buildsteps
from buildsteps.reporting.interface import Rendering
from buildsteps.reporting.json import encoded
from buildsteps.reporting.sarif_rules import LEVELS, described
from buildsteps.reporting.snippet_text import plain_snippet
from buildsteps.reporting.standing import has_baseline
from buildsteps.reporting.stopping import cases_beside_findings, findings_beside_cases
from buildsteps.reporting.text import REPLACEMENT, printable
from buildsteps.results import (
    Case,
    Finding,
    Location,
    Outcome,
    Report,
    RunResult,
    Table,
    VerdictOutcome,
)

SCHEMA = "https://json.schemastore.org/sarif-2.1.0.json"
FINGERPRINT = "buildsteps/v1"

_JUDGED = (VerdictOutcome.PASSED, VerdictOutcome.STOPPED)
_NOT_A_BYTE = re.compile("[\ud800-\udc7f\udd00-\udfff]")
_DRIVE = re.compile(r"[A-Za-z]:/")

_Json = dict[str, Any]


def render(result: RunResult, _rendering: Rendering) -> Iterator[str]:
    """Yield one SARIF log with one run, a line for each result."""
    report = result.report
    rules = _rules(report)
    run: _Json = {
        "tool": {"driver": _driver(rules)},
        "automationDetails": {"id": _automation_id(result)},
        "invocations": [_invocation(result)],
        "columnKind": "unicodeCodePoints",
    }
    if report.tables:
        run["properties"] = {"tables": [_table(table) for table in report.tables]}
    opening = msgspec.json.format(encoded(run), indent=2).removesuffix("\n}")
    yield f'{{"$schema": "{SCHEMA}", "version": "2.1.0", "runs": [{opening},\n  "results": ['
    index = {rule["id"]: number for number, rule in enumerate(rules)}
    separator = "\n"
    for sarif_result in _results(report, result.command):
        yield separator + encoded(sarif_result | {"ruleIndex": index[sarif_result["ruleId"]]})
        separator = ",\n"
    yield "\n]}]}\n"


def _table(table: Table) -> _Json:
    """Return a table for a property bag (SARIF 2.1.0, 3.8): SARIF has none of its own."""
    rows = [[printable(cell) for cell in row] for row in (table.columns, *table.rows)]
    return {"title": printable(table.title), "columns": rows[0], "rows": rows[1:]}


def _automation_id(result: RunResult) -> str:
    """Which row of runs this one stands in: all up to the last slash (SARIF 2.1.0, 3.17.3)."""
    return f"{result.command}/{result.name}/" if result.name else f"{result.command}/"


def _results(report: Report, command: str) -> Iterator[_Json]:
    yield from _finding_results(report, command)
    yield from _case_results(report, command)


def _driver(rules: list[_Json]) -> _Json:
    version = buildsteps.__version__
    return {"name": "buildsteps", "version": version, "semanticVersion": version, "rules": rules}


def _invocation(result: RunResult) -> _Json:
    verdict = result.verdict
    notes = [{"level": "note", "message": {"text": note}} for note in result.report.notes]
    return {
        "executionSuccessful": verdict.outcome in _JUDGED,
        "exitCode": int(verdict.exit_code),
        "exitCodeDescription": "; ".join(verdict.reasons) or verdict.outcome.value,
        "toolExecutionNotifications": notes,
    }


def _rules(report: Report) -> list[_Json]:
    """Describe each rule once, in order of appearance."""
    by_rule: dict[str, list[Finding]] = {}
    for finding in report.findings:
        by_rule.setdefault(finding.rule, []).append(finding)
    rules = {rule: described(rule, findings) for rule, findings in by_rule.items()}
    for case in cases_beside_findings(report):
        rule_id = _case_rule(case)
        rules.setdefault(rule_id, {"id": rule_id, "defaultConfiguration": {"level": "error"}})
    return list(rules.values())


def _case_rule(case: Case) -> str:
    return case.kind or ("failed-case" if case.outcome is Outcome.FAILED else "error-case")


def _finding_results(report: Report, command: str) -> Iterator[_Json]:
    """Yield a result a finding; one that stops the build through a case has level error."""
    beside = {id(finding) for finding in findings_beside_cases(report)}
    states = has_baseline(report)
    for finding in report.findings:
        stops = id(finding) not in beside
        result: _Json = {
            "ruleId": finding.rule,
            "level": "error" if stops else LEVELS[finding.severity],
            "message": {"text": _message(finding.message or finding.rule, finding.detail)},
            "locations": _locations(finding.locations, command, finding.snippet),
            "properties": _properties(finding),
        }
        if finding.fingerprint:
            result["partialFingerprints"] = {FINGERPRINT: finding.fingerprint}
        if finding.accepted:
            suppression = {"kind": "external", "justification": finding.accepted}
            result["suppressions"] = [suppression]
        if states and finding.engines:
            result["baselineState"] = "unchanged" if finding.known else "new"
        yield result


def _properties(finding: Finding) -> _Json:
    """What SARIF has no place for: our severity, the advice, and who saw it under which name."""
    properties: _Json = {"severity": finding.severity.value}
    if finding.fix:
        properties["fix"] = finding.fix
    if finding.engines:
        properties["engines"] = finding.engines
    if finding.aliases:
        properties["aliases"] = finding.aliases
    return properties


def _case_results(report: Report, command: str) -> Iterator[_Json]:
    for case in cases_beside_findings(report):
        properties = {"group": case.group, "name": case.name, "outcome": case.outcome.value}
        yield {
            "ruleId": _case_rule(case),
            "level": "error",
            "message": {"text": _message(f"{case.name}: {case.message}", case.detail)},
            "locations": _locations(case.locations, case.name or command),
            "properties": properties | ({"cause": case.cause.value} if case.cause else {}),
        }


def _message(message: str, detail: str) -> str:
    whole = f"{message}\n\n{detail}" if detail else message
    return printable(whole, multiline=True)


def _locations(locations: Iterable[Location], stand_in: str, snippet: str = "") -> list[_Json]:
    """The places, the first one with the source it shows; a name where there is none."""
    places = [_physical_location(place) for place in locations if place.path]
    if not places:
        uri = _escaped(stand_in.lstrip("/")) or "buildsteps"
        places = [{"artifactLocation": {"uri": uri, "uriBaseId": "%SRCROOT%"}}]
    elif snippet and "region" in places[0]:
        shown = plain_snippet(printable(snippet, multiline=True))
        places[0]["region"] |= {"snippet": {"text": shown}}
    return [{"physicalLocation": place} for place in places]


def _physical_location(location: Location) -> _Json:
    place: _Json = {"artifactLocation": artifact_location(location.path)}
    if location.line is None or location.line < 1:
        return place
    region: _Json = {"startLine": location.line}
    for name, number in (
        ("startColumn", location.column),
        ("endLine", location.end_line),
        ("endColumn", location.end_column),
    ):
        if number is not None and number >= 1:
            region[name] = number
    place["region"] = region
    return place


@lru_cache(maxsize=8192)
def artifact_location(path: str) -> _Json:
    """Return a path as a URI: a relative one below ``%SRCROOT%``, an absolute one as ``file:``.

    Bytes that are no UTF-8 (Python's surrogate escapes) are percent-encoded as they are.
    """
    if path.startswith("//"):
        return {"uri": f"file:{_escaped(path)}"}
    if path.startswith("/"):
        return {"uri": f"file://{_escaped(path)}"}
    if _DRIVE.match(path):
        return {"uri": f"file:///{path[:2]}{_escaped(path[2:])}"}
    return {"uri": _escaped(path), "uriBaseId": "%SRCROOT%"}


def _escaped(path: str) -> str:
    """Percent-encode ``path`` (RFC 3986): what is left has no colon that looks like a scheme."""
    return quote(_NOT_A_BYTE.sub(REPLACEMENT, path).encode("utf-8", "surrogateescape"))
