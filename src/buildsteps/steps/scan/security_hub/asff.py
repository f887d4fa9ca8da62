"""A finding in the AWS Security Finding Format, as Security Hub CSPM takes it from providers.

Source: Security Hub API reference, AwsSecurityFinding, and the user guide's page on
BatchImportFindings: severity and types stand in FindingProviderFields; Workflow, Note,
UserDefinedFields and VerificationState belong to the customer and are never written.
"""

import hashlib
import time
from collections.abc import Iterable, Mapping
from typing import Any

from msgspec import Struct

from buildsteps.results import Finding, Location, Severity
from buildsteps.steps.scan.security_hub.hub import Hub
from buildsteps.steps.scan.security_hub.repository import Repository
from buildsteps.steps.scan.security_hub.texts import fitted

SCAN_FIELD = "buildsteps/scan"
"""The product field by which the findings of one scan are found again."""

ENGINES_FIELD = "buildsteps/engines"

MOST_PLACES = 20
MOST_LABELS = 10

_TITLE, _DESCRIPTION, _GENERATOR, _TEXT, _FIELD = 256, 1024, 512, 512, 2048
_LABELS = {one: one.value.upper() for one in Severity} | {Severity.INFO: "INFORMATIONAL"}
_CHECK = "Software and Configuration Checks/Vulnerabilities"

Asff = dict[str, Any]
"""One finding in the shape of the API."""


class Scope(Struct, frozen=True):
    """What a scan is of: findings of one scope are told apart by their fingerprints.

    ``name`` is that of the run, for repositories that are scanned in several ways.
    """

    repository: Repository
    name: str = ""

    @property
    def value(self) -> str:
        """The scope as a text, in which one differs from all others."""
        name = fitted(self.name, _GENERATOR)
        return f"{self.repository.address}#{name}" if name else self.repository.address


class Stamp(Struct, frozen=True):
    """Moments in seconds since 1970, as findings have them."""

    seconds: float

    def __str__(self) -> str:
        whole, milliseconds = divmod(round(self.seconds * 1000), 1000)
        moment = time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(whole))
        return f"{moment}.{milliseconds:03d}Z"


def with_ids(findings: Iterable[Finding], scope: Scope) -> dict[str, Finding]:
    """The findings by the ids that they keep from run to run; equal ones are numbered."""
    seen: dict[str, int] = {}
    found = {}
    for one in findings:
        number = seen[one.fingerprint] = seen.get(one.fingerprint, 0) + 1
        parts = (scope.value, one.fingerprint, str(number))
        digest = hashlib.sha256("\0".join(parts).encode(errors="replace")).hexdigest()
        found[f"buildsteps/{digest}"] = one
    return found


def asff(
    identity: str, finding: Finding, scope: Scope, hub: Hub, moments: Mapping[str, str]
) -> Asff:
    """The finding in ASFF; ``moments`` are its ``CreatedAt`` and ``UpdatedAt``."""
    rule = fitted(finding.rule, _GENERATOR // 2) or "unnamed"
    title = fitted(finding.title, _DESCRIPTION)
    message = fitted(finding.message, _DESCRIPTION) or title or rule
    place = f"{finding.locations[0]}: " if finding.locations else ""
    return {
        "SchemaVersion": "2018-10-08",
        "Id": identity,
        "ProductArn": hub.product,
        "GeneratorId": f"buildsteps/scan/{rule}",
        "AwsAccountId": hub.account,
        **moments,
        "Title": fitted(f"{rule}: {title or message}", _TITLE),
        "Description": fitted(f"{place}{message}", _DESCRIPTION),
        "FindingProviderFields": {
            "Severity": {"Label": _LABELS[finding.severity], "Original": finding.severity.value},
            "Types": [f"{_CHECK}/CVE" if rule.startswith("CVE-") else _CHECK],
        },
        **_remediation(finding),
        "ProductFields": {
            SCAN_FIELD: scope.value,
            ENGINES_FIELD: fitted(",".join(sorted(finding.engines)), _FIELD) or "none",
            "buildsteps/fingerprint": fitted(finding.fingerprint, _FIELD) or "none",
        },
        "Resources": [_resource(scope.repository, hub)],
        "Vulnerabilities": [_vulnerability(rule, finding)],
        "GeneratorDetails": _generator(rule, finding),
        "RecordState": "ACTIVE",
    }


def _remediation(finding: Finding) -> Asff:
    text, address = fitted(finding.fix, _TEXT), _address(finding.help)
    advice = {"Text": text} if text else {"Text": "See the page about the rule."} if address else {}
    advice |= {"Url": address} if address else {}
    return {"Remediation": {"Recommendation": advice}} if advice else {}


def _resource(repository: Repository, hub: Hub) -> Asff:
    details = {"ProjectName": repository.project}
    if repository.provider:
        details["ProviderType"] = repository.provider
    return {
        "Type": "CodeRepository",
        "Id": repository.address,
        "Partition": hub.partition,
        "Region": hub.region,
        "Details": {"CodeRepository": details},
    }


def _vulnerability(rule: str, finding: Finding) -> Asff:
    cwes = [f"CWE-{number}" for number in finding.cwes[:MOST_LABELS]]
    places = [_code(place, cwes) for place in finding.locations[:MOST_PLACES] if place.path.strip()]
    if not places and cwes:
        places = [{"Cwes": cwes}]
    address = _address(finding.help)
    return (
        {"Id": rule}
        | ({"CodeVulnerabilities": places} if places else {})
        | ({"ReferenceUrls": [address]} if address else {})
    )


def _code(place: Location, cwes: list[str]) -> Asff:
    path = fitted(place.path, _TEXT) or "-"
    file: Asff = {"FileName": path.rpartition("/")[2] or path, "FilePath": path}
    if place.line is not None:
        file |= {"StartLine": place.line, "EndLine": max(place.line, place.end_line or 0)}
    return {"FilePath": file} | ({"Cwes": cwes} if cwes else {})


def _generator(rule: str, finding: Finding) -> Asff:
    labels = [label for one in finding.engines[:MOST_LABELS] if (label := fitted(one, _TITLE))]
    return {"Name": fitted(finding.title, _TITLE) or rule} | ({"Labels": labels} if labels else {})


def _address(text: str) -> str:
    """A help that is an address, of which all fits."""
    is_one = text.startswith(("https://", "http://")) and fitted(text, _TEXT) == text
    return text if is_one and " " not in text else ""
