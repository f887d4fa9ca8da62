"""What earlier runs of the same scan imported, and what of it was fixed."""

import datetime
from collections.abc import Collection, Iterable, Iterator
from contextlib import suppress

from buildsteps.results import Case, Outcome
from buildsteps.steps.scan.security_hub.asff import ENGINES_FIELD, SCAN_FIELD, Asff, Scope, Stamp
from buildsteps.steps.scan.security_hub.hub import SERVICE, Hub, explained
from buildsteps.steps.scan.security_hub.pace import Pace
from buildsteps.steps.scan.sighting import Scanned
from buildsteps.world.aws import Aws, AwsError

CALLS_A_SECOND = 3
"""Of GetFindings (Security Hub API reference, throttling)."""

_OURS = (
    "SchemaVersion",
    "Id",
    "ProductArn",
    "GeneratorId",
    "AwsAccountId",
    "CreatedAt",
    "Title",
    "Description",
    "Remediation",
    "Resources",
    "Vulnerabilities",
    "GeneratorDetails",
)
"""What a provider writes; all else is the service's or the customer's."""


def earlier_findings(aws: Aws, hub: Hub, scope: Scope, pace: Pace, region: str) -> dict[str, Asff]:
    """The findings of the scan that are kept there, by id.

    Archived ones too: when one comes back, it has to be dated later than it was archived.

    Raises:
        WorldError: AWS refused, or did not answer.
    """
    filters = {
        "ProductArn": [{"Value": hub.product, "Comparison": "EQUALS"}],
        "ProductFields": [{"Key": SCAN_FIELD, "Value": scope.value, "Comparison": "EQUALS"}],
    }
    request = {"Filters": filters, "MaxResults": 100}
    try:
        pages = _paced(aws.pages(SERVICE, "GetFindings", request, region=region), pace)
        return {one["Id"]: one for page in pages for one in page["Findings"] if _is_of(one, scope)}
    except AwsError as error:
        raise explained(error) from None


def _paced(pages: Iterator[Asff], pace: Pace) -> Iterator[Asff]:
    pace.wait(CALLS_A_SECOND)
    for page in pages:
        yield page
        if page.get("NextToken"):
            pace.wait(CALLS_A_SECOND)


def _is_of(finding: Asff, scope: Scope) -> bool:
    """A second look, because what is taken for ours is archived."""
    return bool(_fields(finding).get(SCAN_FIELD) == scope.value)


def _fields(finding: Asff) -> dict[str, str]:
    return finding.get("ProductFields") or {}


def is_active(finding: Asff) -> bool:
    """Whether it counts as open there."""
    return bool(finding.get("RecordState") != "ARCHIVED")


def complete_engines(scans: Iterable[Scanned]) -> frozenset[str]:
    """The engines that looked at everything and could judge all of it."""
    scans = list(scans)
    torn = {scan.engine for scan in scans if scan.partial or any(map(_is_error, scan.cases))}
    return frozenset(scan.engine for scan in scans) - torn


def _is_error(case: Case) -> bool:
    return case.outcome is Outcome.ERROR


def fixed(
    earlier: Iterable[Asff], seen: Collection[str], engines: Collection[str]
) -> Iterator[Asff]:
    """The active ones that are gone: all of their engines looked, and none saw them."""
    for one in filter(is_active, earlier):
        witnesses = [name for name in _fields(one).get(ENGINES_FIELD, "").split(",") if name]
        if one["Id"] not in seen and witnesses and all(name in engines for name in witnesses):
            yield one


def archived(finding: Asff, updated: Stamp) -> Asff:
    """The finding as its provider archives it: what we wrote, and nothing of the customer's."""
    own = {name: finding[name] for name in _OURS if finding.get(name)}
    fields = {name: text for name, text in _fields(finding).items() if not name.startswith("aws/")}
    provided = finding.get("FindingProviderFields") or {}
    kept = {name: provided[name] for name in ("Severity", "Types") if provided.get(name)}
    return own | {
        "ProductFields": fields,
        "FindingProviderFields": kept,
        "UpdatedAt": str(updated),
        "RecordState": "ARCHIVED",
    }


def later_than(finding: Asff | None, now: float) -> Stamp:
    """When an update is dated: now, or just after the last one, whose machine's clock was ahead.

    An update that is not later than what is there is dropped without a word.
    """
    return Stamp(max(now, _seconds(str((finding or {}).get("UpdatedAt", ""))) + 0.001))


def _seconds(moment: str) -> float:
    """Seconds since 1970 of a moment of ASFF; 0 where it is none."""
    with suppress(ValueError):
        found = datetime.datetime.fromisoformat(moment)
        return (found if found.tzinfo else found.replace(tzinfo=datetime.UTC)).timestamp()
    return 0.0
