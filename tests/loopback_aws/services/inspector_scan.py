"""Amazon Inspector Scan: a bill of materials in, the same with vulnerabilities out.

Sources: botocore's model of ``inspector-scan``; the answer as "Creating a custom CI/CD pipeline
integration with Amazon Inspector Scan" shows it: components get new references, ``comp-1`` and so
on, and nested ones stay nested.
"""

import itertools
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from msgspec import Struct

from tests.loopback_aws.errors import ServiceError
from tests.loopback_aws.service import Service
from tests.loopback_aws.sigv4 import Scope

OURS = "amazon:inspector:sbom_scanner:"
LIMIT = 2000

Result = Mapping[str, Any]


class Known(Struct, frozen=True, kw_only=True):
    """A vulnerability that the service knows, and the names of the packages that have it.

    ``versions`` are those that have it; empty: all.
    """

    id: str
    packages: tuple[str, ...]
    severity: str = "high"
    versions: tuple[str, ...] = ()
    fixed_in: str = ""
    ratings: Sequence[Mapping[str, Any]] | None = None
    properties: Mapping[str, str] = {}
    analysis: str = "in_triage"


class InspectorScan:
    """The service, and what it knows; ``answer`` replaces its whole answer."""

    def __init__(self, *known: Known) -> None:
        self.known = known
        self.answer: Any = None
        self.limit = LIMIT
        self.service = Service("inspector-scan", {"ScanSbom": self._scan_sbom})

    def _scan_sbom(self, given: Mapping[str, Any], scope: Scope) -> Result:
        sbom = given["sbom"]
        if self.answer is not None:
            return {"sbom": self.answer}
        if sbom.get("specVersion") not in ("1.4", "1.5"):
            raise ServiceError("ValidationException", "The SBOM is of an unsupported version")
        numbers = itertools.count(1)
        components = [_echoed(one, numbers) for one in sbom.get("components", [])]
        every = list(_flat(components))
        if len(every) > self.limit:
            raise ServiceError("ValidationException", "The SBOM has too many components")
        found = [one for known in self.known if (one := self._found(known, every))]
        for number, one in enumerate(found, 1):
            one["bom-ref"] = f"vuln-{number}"
        counts = dict.fromkeys(("critical", "high", "medium", "low", "other"), 0)
        for one in found:
            counts[_counted(one)] += 1
        return {
            "sbom": {
                "bomFormat": "CycloneDX",
                "specVersion": "1.5",
                "version": 1,
                "serialNumber": "urn:uuid:0077b45b-ff1e-4dbb-8950-ded11d8242b1",
                "metadata": {
                    "properties": [
                        {"name": f"{OURS}{word}_vulnerabilities", "value": str(number)}
                        for word, number in counts.items()
                    ],
                    "tools": [{"name": "CycloneDX SBOM API", "vendor": "Amazon Inspector"}],
                    "timestamp": "2026-02-28T09:30:00.000Z",
                },
                "components": components,
                "vulnerabilities": found,
            }
        }

    def _found(self, known: Known, components: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
        affected = [
            one
            for one in components
            if one["name"] in known.packages
            and (not known.versions or one.get("version") in known.versions)
        ]
        if not affected:
            return {}
        page = f"https://nvd.nist.gov/vuln/detail/{known.id}"
        rating = {
            "source": {"name": "NVD", "url": page},
            "score": 9.8 if known.severity == "critical" else 7.5,
            "severity": known.severity,
            "method": "CVSSv31",
            "vector": "CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H",
        }
        epss = {
            "source": {"name": "EPSS", "url": "https://www.first.org/epss/"},
            "score": 0.97565,
            "severity": "none",
            "method": "other",
        }
        fixed = [
            {"name": f"{OURS}fixed_version:{one['bom-ref']}", "value": known.fixed_in}
            for one in affected
            if known.fixed_in
        ]
        said = [
            {"name": f"{OURS}{name}", "value": value} for name, value in known.properties.items()
        ]
        return {
            "id": known.id,
            "source": {"name": "NVD", "url": page},
            "ratings": [epss, rating] if known.ratings is None else list(known.ratings),
            "cwes": [400, 20],
            "description": f"A flaw of {known.packages[0]} lets an attacker do harm.\nMore of it.",
            "advisories": [{"url": "https://advisory.test/1"}],
            "affects": [{"ref": one["bom-ref"]} for one in affected],
            "analysis": {"state": known.analysis},
            "properties": [*said, *fixed],
        }


def _echoed(component: Mapping[str, Any], numbers: Iterator[int]) -> dict[str, Any]:
    info = (
        {"name": f"{OURS}info", "value": "Component scanned: no vulnerabilities found."}
        if component.get("version")
        else {"name": f"{OURS}warning", "value": "Component skipped: unresolved version provided."}
    )
    kept = {key: component[key] for key in ("name", "version", "purl", "type") if key in component}
    inner = [_echoed(one, numbers) for one in component.get("components", [])]
    echoed = {"bom-ref": f"comp-{next(numbers)}", **kept, "properties": [info]}
    return echoed | ({"components": inner} if inner else {})


def _flat(components: Sequence[Mapping[str, Any]]) -> Iterator[Mapping[str, Any]]:
    for one in components:
        yield one
        yield from _flat(one.get("components", []))


def _counted(vulnerability: Mapping[str, Any]) -> str:
    for rating in vulnerability["ratings"]:
        if rating["severity"] in ("critical", "high", "medium", "low"):
            return str(rating["severity"])
    return "other"
