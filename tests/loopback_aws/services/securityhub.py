"""Security Hub CSPM, as far as a provider of custom findings sees it: import, and find again.

Sources: botocore's model of ``securityhub``; API reference of BatchImportFindings (100 findings,
240 KB each, the caller's own account, an update that is not later is dropped in silence, what is
the customer's is not written); the user guide's page on required attributes (lengths).
"""

import datetime
import json
from collections.abc import Mapping
from typing import Any

from tests.loopback_aws.errors import ServiceError
from tests.loopback_aws.service import Service
from tests.loopback_aws.sigv4 import Scope

ACCOUNT = "123456789012"
LENGTHS = {"Title": 256, "Description": 1024, "GeneratorId": 512, "Id": 512}
LARGEST = 240_000
LARGEST_BATCH = 6_000_000
CUSTOMERS = ("Note", "UserDefinedFields", "VerificationState", "Workflow")
PROVIDED = ("Severity", "Types")

Result = Mapping[str, Any]


class SecurityHub(Service):
    """``findings`` are what is there, by id. ``enabled`` is whether anybody subscribed to it.

    ``refuse`` holds, by title or empty for any, the code with which findings fail and how often.
    """

    def __init__(self, partition: str = "aws") -> None:
        self.partition = partition
        self.enabled = True
        self.findings: dict[str, dict[str, Any]] = {}
        self.batches: list[int] = []
        self.refuse: dict[str, tuple[str, int]] = {}
        super().__init__(
            "securityhub",
            {
                "DescribeHub": self._describe_hub,
                "BatchImportFindings": self._import,
                "GetFindings": self._get,
            },
        )

    def active(self) -> list[dict[str, Any]]:
        """The findings that are open."""
        return [one for one in self.findings.values() if one["RecordState"] == "ACTIVE"]

    def _subscribed(self) -> None:
        if not self.enabled:
            said = f"Account {ACCOUNT} is not subscribed to AWS Security Hub"
            raise ServiceError("InvalidAccessException", said)

    def _describe_hub(self, _given: Mapping[str, Any], scope: Scope) -> Result:
        self._subscribed()
        arn = f"arn:{self.partition}:securityhub:{scope.region}:{ACCOUNT}:hub/default"
        return {
            "HubArn": arn,
            "SubscribedAt": "2026-01-01T00:00:00.000Z",
            "AutoEnableControls": True,
        }

    def _import(self, given: Mapping[str, Any], scope: Scope) -> Result:
        self._subscribed()
        if len(json.dumps(given)) > LARGEST_BATCH:
            raise ServiceError("InvalidInputException", "The batch is larger than 6 MB")
        self.batches.append(len(given["Findings"]))
        failed = []
        for one in given["Findings"]:
            wrong = self._wrong(one, scope)
            if wrong:
                code, said = wrong
                failed.append({"Id": one["Id"], "ErrorCode": code, "ErrorMessage": said})
            else:
                self._take(one)
        taken = len(given["Findings"]) - len(failed)
        return {"FailedCount": len(failed), "SuccessCount": taken, "FailedFindings": failed}

    def _wrong(self, one: Mapping[str, Any], scope: Scope) -> tuple[str, str] | None:
        """The code and message of a finding that fails, or None."""
        demanded = self._demanded(one)
        if demanded:
            return demanded, f"{demanded} on demand"
        adheres = "Finding does not adhere to Amazon Finding Format."
        product = f"arn:{self.partition}:securityhub:{scope.region}:{ACCOUNT}"
        if one["AwsAccountId"] != ACCOUNT:
            return "InvalidAccess", "The account is not the caller's"
        if one["ProductArn"] != f"{product}:product/{ACCOUNT}/default":
            return "InvalidAccess", "The product is not the account's"
        if len(json.dumps(one)) > LARGEST:
            return "InvalidInput", "The finding is larger than 240 KB"
        provided = one.get("FindingProviderFields") or one
        if not all(provided.get(name) for name in PROVIDED):
            return "InvalidInput", f"{adheres} data should have required property 'Severity'"
        for name, most in LENGTHS.items():
            if len(one[name].encode()) > most:
                return "InvalidInput", f"{adheres} data.{name} should NOT be longer than {most}"
        fields = one.get("ProductFields", {})
        if len(fields) > 50 or any(len(a) > 128 or len(b) > 2048 for a, b in fields.items()):
            return "InvalidInput", f"{adheres} data.ProductFields"
        if any(name.startswith("aws/") for name in fields):
            return "InvalidInput", f"{adheres} data.ProductFields: aws/ is reserved"
        for name in ("CreatedAt", "UpdatedAt"):
            try:
                datetime.datetime.fromisoformat(one[name])
            except ValueError:
                return "InvalidInput", f"{adheres} data.{name} should match format date-time"
        return None

    def _demanded(self, one: Mapping[str, Any]) -> str:
        for title, (code, times) in self.refuse.items():
            if times > 0 and title in one["Title"]:
                self.refuse[title] = (code, times - 1)
                return code
        return ""

    def _take(self, one: Mapping[str, Any]) -> None:
        """Keep a finding; an update that is not later than what is there changes nothing."""
        before = self.findings.get(one["Id"])
        if before is not None and one["UpdatedAt"] <= before["UpdatedAt"]:
            return
        kept = {name: value for name, value in one.items() if name not in CUSTOMERS}
        own = {name: before[name] for name in CUSTOMERS if name in before} if before else {}
        provided = one.get("FindingProviderFields") or one
        self.findings[one["Id"]] = {
            "RecordState": "ACTIVE",
            "Workflow": {"Status": "NEW"},
            "WorkflowState": "NEW",
            "ProductName": "Default",
            "CompanyName": "Personal",
            **kept,
            **own,
            "Severity": {**provided["Severity"], "Normalized": 70},
            "Types": provided["Types"],
            "ProductFields": {
                **one.get("ProductFields", {}),
                "aws/securityhub/FindingId": f"{one['ProductArn']}/{one['Id']}",
                "aws/securityhub/ProductName": "Default",
            },
            "ProcessedAt": one["UpdatedAt"],
        }

    def _get(self, given: Mapping[str, Any], _scope: Scope) -> Result:
        self._subscribed()
        filters = given.get("Filters", {})
        found = [one for one in self.findings.values() if _fits(one, filters)]
        start = int(given.get("NextToken") or 0)
        end = start + given.get("MaxResults", 100)
        more = {"NextToken": str(end)} if end < len(found) else {}
        return {"Findings": found[start:end]} | more


def _fits(finding: Mapping[str, Any], filters: Mapping[str, Any]) -> bool:
    """Whether a finding has, of each filter, one of the values: EQUALS only."""
    for name, wanted in filters.items():
        assert all(one["Comparison"] == "EQUALS" for one in wanted), f"{name}: unknown comparison"
        if not any(_has(finding.get(name), one) for one in wanted):
            return False
    return True


def _has(value: Any, wanted: Mapping[str, Any]) -> bool:
    if "Key" in wanted:
        return bool((value or {}).get(wanted["Key"]) == wanted["Value"])
    return bool(value == wanted["Value"])
