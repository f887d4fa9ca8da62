"""Rules as code scanning shows them: name, help, weaknesses, and how severe they are.

GitHub sorts alerts of security by the rule's ``security-severity``, a number in a string: above
9.0 is critical, from 7.0 high, from 4.0 medium, and low below. It counts with the tag ``security``
only, and weaknesses are tags like ``external/cwe/cwe-078``, as CodeQL writes them ("SARIF support
for code scanning", reportingDescriptor object).
"""

import re
from collections.abc import Sequence
from typing import Any

from buildsteps.reporting.text import clipped, printable, web_address
from buildsteps.results import Finding, Severity

LEVELS = {
    Severity.CRITICAL: "error",
    Severity.HIGH: "error",
    Severity.MEDIUM: "warning",
    Severity.LOW: "note",
    Severity.INFO: "note",
}

_SECURITY = {
    Severity.CRITICAL: "9.5",
    Severity.HIGH: "8.0",
    Severity.MEDIUM: "5.5",
    Severity.LOW: "2.0",
    Severity.INFO: "0.5",
}
_SEVERITIES = {severity: number for number, severity in enumerate(Severity)}
_LONGEST_NAME = 255
_MOST_TAGS = 10
_VULNERABILITY = re.compile(r"(?i)(?:CVE|GHSA)-")

_Json = dict[str, Any]


def described(rule_id: str, findings: Sequence[Finding]) -> _Json:
    """Describe the rule of these findings: the first name and help count, the worst severity."""
    rule: _Json = {"id": rule_id, "defaultConfiguration": {"level": LEVELS[findings[0].severity]}}
    title = next((one.title for one in findings if one.title), "")
    if title:
        rule["name"] = clipped(printable(title), _LONGEST_NAME)
    if findings[0].engines:  # code scanning shows nothing else as the title of an alert
        rule["shortDescription"] = {"text": clipped(printable(title), 1024) or rule_id}
    rule |= _help(next((one for one in findings if one.help), None), title or rule_id)
    properties = _properties(findings)
    return rule | {"properties": properties} if properties else rule


def _help(finding: Finding | None, title: str) -> _Json:
    """The address of the help, or its text; of a scanner's rule both, as GitHub shows text only."""
    if finding is None:
        return {}
    address = web_address(finding.help)
    if not address:
        return {"help": {"text": finding.help}}
    if not finding.engines:
        return {"helpUri": address}
    return {"helpUri": address, "help": {"text": f"{printable(title)}: {address}"}}


def _properties(findings: Sequence[Finding]) -> _Json:
    scanned = [one for one in findings if one.engines]
    cwes = sorted({cwe for one in scanned for cwe in one.cwes})
    names = {name for one in scanned for name in (one.rule, *one.aliases)}
    if not cwes and not any(map(_VULNERABILITY.match, names)):
        return {}
    worst = min((one.severity for one in scanned), key=_SEVERITIES.__getitem__)
    tags = ["security", *(f"external/cwe/cwe-{cwe:03d}" for cwe in cwes)]
    return {"tags": tags[:_MOST_TAGS], "security-severity": _SECURITY[worst]}
