"""Amazon Inspector, as far as code security goes: covered repositories, scans, findings.

Source: botocore's model of ``inspector2``. What the id of a repository's resource looks like is not
documented; here it is the integration's ARN and the project's id.
"""

import datetime
from collections.abc import Mapping, Sequence
from typing import Any

from msgspec import Struct, field

from tests.loopback_aws.errors import ServiceError
from tests.loopback_aws.paging import page
from tests.loopback_aws.service import Service
from tests.loopback_aws.sigv4 import Scope

ACCOUNT = "123456789012"
SHOP = "project-66594973-ce57-42e7-90d4-a0c317f05c5c"
SCAN = "4691197b-4608-40aa-95e2-e66e818e87c0"
OTHER_SCAN = "0b1d1e53-1111-4444-9999-e66e818e87c0"
INTEGRATION = (
    f"arn:aws:inspector2:eu-central-1:{ACCOUNT}:codesecurity-integration/"
    "00000000-0000-0000-0000-000000000000"
)
MOMENT = datetime.datetime(2026, 2, 28, 9, 30, tzinfo=datetime.UTC)

Result = Mapping[str, Any]


class Repository(Struct):
    """A connected repository and how its scans go: a status for each time that somebody asks.

    ``conflicts`` says how often a start meets a scan that goes on; ``conflict_id`` is the id that
    the error names.
    """

    name: str = "shop"
    statuses: list[str] = field(default_factory=lambda: ["IN_PROGRESS", "SUCCESSFUL"])
    reason: str = ""
    commit: str = "2bade059fe9bc13a60bece9fb060f08e130b7e00"
    findings: Sequence[Mapping[str, Any]] = ()
    conflicts: int = 0
    conflict_id: str = ""

    def ask(self) -> str:
        """The status now, and a step further for the next."""
        return self.statuses.pop(0) if len(self.statuses) > 1 else self.statuses[0]


class Inspector2:
    """The service; ``repositories`` are by the id of their project."""

    def __init__(self) -> None:
        self.repositories: dict[str, Repository] = {}
        self.service = Service(
            "inspector2",
            {
                "ListCoverage": self._list_coverage,
                "StartCodeSecurityScan": self._start,
                "GetCodeSecurityScan": self._get,
                "ListFindings": self._list_findings,
            },
        )

    def _list_coverage(self, given: Mapping[str, Any], scope: Scope) -> Result:
        types = [one["value"] for one in given["filterCriteria"]["resourceType"]]
        covered = [
            {
                "resourceType": "CODE_REPOSITORY",
                "resourceId": f"{INTEGRATION}/{project}",
                "accountId": ACCOUNT,
                "scanType": "CODE",
                "resourceMetadata": {
                    "codeRepository": {
                        "projectName": repository.name,
                        "providerType": "GITHUB",
                        "providerTypeVisibility": "PRIVATE",
                    }
                },
            }
            for project, repository in self.repositories.items()
            if "CODE_REPOSITORY" in types
        ]
        return page(covered, "coveredResources", given, 2)

    def _repository(self, given: Mapping[str, Any]) -> Repository:
        found = self.repositories.get(given["resource"]["projectId"])
        if found is None:
            raise ServiceError("ResourceNotFoundException", "The project does not exist")
        return found

    def _start(self, given: Mapping[str, Any], scope: Scope) -> Result:
        repository = self._repository(given)
        if repository.conflicts > 0:
            repository.conflicts -= 1
            said = f"A scan is already in progress: {repository.conflict_id}"
            raise ServiceError("ConflictException", said.removesuffix(": "))
        return {"scanId": SCAN, "status": "IN_PROGRESS"}

    def _get(self, given: Mapping[str, Any], scope: Scope) -> Result:
        repository = self._repository(given)
        status = repository.ask()
        told = {"statusReason": repository.reason} if repository.reason else {}
        over = status in ("SUCCESSFUL", "SKIPPED") and repository.commit
        return {
            "scanId": given["scanId"],
            "resource": given["resource"],
            "accountId": ACCOUNT,
            "status": status,
            **told,
            **({"lastCommitId": repository.commit} if over else {}),
        }

    def _list_findings(self, given: Mapping[str, Any], scope: Scope) -> Result:
        criteria = {
            name: [one["value"] for one in filters]
            for name, filters in given["filterCriteria"].items()
        }
        found = [
            {**finding, "resources": [_resource(project, repository.name)]}
            for project, repository in self.repositories.items()
            for finding in repository.findings
            if repository.name in criteria.get("codeRepositoryProjectName", [repository.name])
            and finding["status"] in criteria.get("findingStatus", [finding["status"]])
        ]
        return page(found, "findings", {**given, "maxResults": 25}, 25)


def _resource(project: str, name: str) -> dict[str, Any]:
    details = {"projectName": name, "integrationArn": INTEGRATION, "providerType": "GITHUB"}
    return {
        "type": "CODE_REPOSITORY",
        "id": f"{INTEGRATION}/{project}",
        "details": {"codeRepository": details},
    }


def _finding(title: str, severity: str, status: str, **members: Any) -> dict[str, Any]:
    number = abs(hash((title, str(members)))) % 10**12
    return {
        "findingArn": f"arn:aws:inspector2:eu-central-1:{ACCOUNT}:finding/{number:032d}",
        "awsAccountId": ACCOUNT,
        "title": title,
        "severity": severity,
        "status": status,
        "firstObservedAt": MOMENT,
        "lastObservedAt": MOMENT,
        **members,
    }


def code_finding(
    detector: str = "python/sql-injection@v1.0",
    path: str = "shop/orders.py",
    line: int = 12,
    severity: str = "HIGH",
    status: str = "ACTIVE",
) -> dict[str, Any]:
    """A flaw of code, as the detectors of CodeGuru are called there."""
    return _finding(
        "CWE-89 - SQL injection",
        severity,
        status,
        type="CODE_VULNERABILITY",
        description="Text from outside becomes part of an SQL statement.",
        remediation={"recommendation": {"text": "Use parameters."}},
        codeVulnerabilityDetails={
            "detectorId": detector,
            "detectorName": "SQL injection",
            "ruleId": "python-sql-injection",
            "cwes": ["CWE-89"],
            "referenceUrls": ["https://cwe.mitre.org/data/definitions/89.html"],
            "filePath": {
                "fileName": path.rpartition("/")[2],
                "filePath": path,
                "startLine": line,
                "endLine": line + 1,
            },
        },
    )


def package_finding(
    vulnerability: str = "CVE-2019-19844",
    package: str = "django",
    version: str = "2.0",
    severity: str = "CRITICAL",
    path: str = "requirements.txt",
) -> dict[str, Any]:
    """A package with a vulnerability, in a manifest of the repository."""
    return _finding(
        f"{vulnerability} - {package}",
        severity,
        "ACTIVE",
        type="PACKAGE_VULNERABILITY",
        description=f"A flaw of {package} lets an attacker do harm.",
        remediation={"recommendation": {"text": "None Provided"}},
        fixAvailable="YES",
        exploitAvailable="YES",
        packageVulnerabilityDetails={
            "vulnerabilityId": vulnerability,
            "source": "NVD",
            "sourceUrl": f"https://nvd.nist.gov/vuln/detail/{vulnerability}",
            "vulnerablePackages": [
                {
                    "name": package,
                    "version": version,
                    "packageManager": "PIP",
                    "filePath": path,
                    "fixedInVersion": "2.2.9",
                    "purl": f"pkg:pypi/{package}@{version}",
                }
            ],
        },
    )
