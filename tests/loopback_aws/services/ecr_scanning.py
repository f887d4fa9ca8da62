"""Amazon ECR, as far as scanning goes: images, their scans, and how those go on.

Sources: botocore's model of ``ecr``; messages as the service words them, where they are known.
"""

import datetime
import hashlib
import json
from collections.abc import Mapping, Sequence
from typing import Any

from msgspec import Struct, field

from tests.loopback_aws.errors import ServiceError
from tests.loopback_aws.paging import page
from tests.loopback_aws.service import Service
from tests.loopback_aws.sigv4 import Scope

ACCOUNT = "123456789012"
INDEX = "application/vnd.oci.image.index.v1+json"
IMAGE = "application/vnd.oci.image.manifest.v1+json"
SCANNED_AT = datetime.datetime(2026, 2, 28, 9, 30, tzinfo=datetime.UTC)
NOT_YET = "ScanNotFoundException"

Result = Mapping[str, Any]


class ImageScan(Struct):
    """How the scan of an image goes: one status for each time that somebody asks; the last stays.

    :data:`NOT_YET` is no status: ECR knows of no scan then. ``starts`` are the errors that
    StartImageScan answers with, one after the other; None begins the scan (with ``started``).
    ``early`` statuses have neither findings nor an end.
    """

    statuses: list[str] = field(default_factory=lambda: ["COMPLETE"])
    basic: Sequence[Mapping[str, Any]] = ()
    enhanced: Sequence[Mapping[str, Any]] = ()
    description: str = ""
    starts: list[str | None] = field(default_factory=lambda: [None])
    started: Sequence[str] = ("IN_PROGRESS", "COMPLETE")
    early: int = 0
    counts: Mapping[str, int] | None = None

    def ask(self) -> tuple[str, bool]:
        """The status now, and whether findings come with it; a step further for the next."""
        status = self.statuses.pop(0) if len(self.statuses) > 1 else self.statuses[0]
        self.early, early = self.early - 1, self.early
        return status, early <= 0 and status in ("COMPLETE", "ACTIVE")


class EcrScanning:
    """The service and its images, by repository and digest; tags name digests."""

    def __init__(self, account: str = ACCOUNT) -> None:
        self.account = account
        self.manifests: dict[tuple[str, str], tuple[bytes, str]] = {}
        self.tags: dict[tuple[str, str], str] = {}
        self.scans: dict[str, ImageScan] = {}
        self.page_size = 1000
        self.service = Service(
            "ecr",
            {
                "BatchGetImage": self._batch_get_image,
                "DescribeImageScanFindings": self._describe,
                "StartImageScan": self._start,
            },
        )

    def push(self, repository: str, tag: str, scan: ImageScan | None = None) -> str:
        """Push an image of one platform, and give its digest; by default its scan is clean."""
        content = {"schemaVersion": 2, "mediaType": IMAGE, "layers": [], "annotations": {"t": tag}}
        digest = self._put(repository, content, IMAGE, tag)
        self.scans[digest] = scan or ImageScan()
        return digest

    def push_index(self, repository: str, tag: str, scans: Mapping[str, ImageScan]) -> str:
        """Push an index with an image a platform and BuildKit's attestation; give its digest."""
        entries = []
        for platform, scan in scans.items():
            system, architecture = platform.split("/")
            digest = self.push(repository, f"{tag}-{system}-{architecture}", scan)
            described = {"os": system, "architecture": architecture}
            entries.append({"mediaType": IMAGE, "digest": digest, "size": 2, "platform": described})
        attestation = self._put(repository, {"mediaType": IMAGE, "layers": ["in-toto"]}, IMAGE)
        unknown = {"os": "unknown", "architecture": "unknown"}
        entries.append({"mediaType": IMAGE, "digest": attestation, "size": 2, "platform": unknown})
        index = {"schemaVersion": 2, "mediaType": INDEX, "manifests": entries}
        return self._put(repository, index, INDEX, tag)

    def _put(self, repository: str, content: Mapping[str, Any], kind: str, tag: str = "") -> str:
        body = json.dumps(content).encode()
        digest = f"sha256:{hashlib.sha256(body).hexdigest()}"
        self.manifests[repository, digest] = body, kind
        if tag:
            self.tags[repository, tag] = digest
        return digest

    def _digest(self, given: Mapping[str, Any], image: Mapping[str, str]) -> str:
        repository = given["repositoryName"]
        if not any(name == repository for name, _ in self.manifests):
            said = f"The repository with name '{repository}' does not exist in the registry with id"
            raise ServiceError("RepositoryNotFoundException", f"{said} '{self.account}'")
        tagged = self.tags.get((repository, image.get("imageTag", "")), "")
        digest = image.get("imageDigest") or tagged
        return digest if (repository, digest) in self.manifests else ""

    def _batch_get_image(self, given: Mapping[str, Any], scope: Scope) -> Result:
        images, failures = [], []
        for wanted in given["imageIds"]:
            digest = self._digest(given, wanted)
            if not digest:
                why = {"failureCode": "ImageNotFound", "failureReason": "Requested image not found"}
                failures.append({"imageId": dict(wanted), **why})
                continue
            body, kind = self.manifests[given["repositoryName"], digest]
            images.append(
                {
                    "registryId": self.account,
                    "repositoryName": given["repositoryName"],
                    "imageId": {"imageDigest": digest},
                    "imageManifest": body.decode(),
                    "imageManifestMediaType": kind,
                }
            )
        return {"images": images, "failures": failures}

    def _scan(self, given: Mapping[str, Any]) -> tuple[str, ImageScan]:
        digest = self._digest(given, given["imageId"])
        if not digest:
            said = f"The image with imageId {given['imageId']} does not exist within the repository"
            raise ServiceError("ImageNotFoundException", said)
        return digest, self.scans[digest]

    def _describe(self, given: Mapping[str, Any], scope: Scope) -> Result:
        digest, scan = self._scan(given)
        status, complete = (scan.statuses[0], True) if given.get("nextToken") else scan.ask()
        if status == NOT_YET:
            said = f"Image scan does not exist for the image with '{{imageDigest:'{digest}'}}'"
            raise ServiceError(NOT_YET, said)
        answer: dict[str, Any] = {
            "registryId": self.account,
            "repositoryName": given["repositoryName"],
            "imageId": {"imageDigest": digest},
            "imageScanStatus": {"status": status, "description": scan.description},
        }
        return answer | (self._findings(scan, given) if complete else {})

    def _findings(self, scan: ImageScan, given: Mapping[str, Any]) -> dict[str, Any]:
        name = "enhancedFindings" if scan.enhanced else "findings"
        every = list(scan.enhanced or scan.basic)
        paged = page(every, name, {**given, "maxResults": self.page_size}, self.page_size)
        counts: dict[str, int] = {}
        for one in every:
            counts[one["severity"]] = counts.get(one["severity"], 0) + 1
        if scan.enhanced:
            counts = {k: v for k, v in counts.items() if k != "UNTRIAGED"}
        findings = {
            "imageScanCompletedAt": SCANNED_AT,
            "vulnerabilitySourceUpdatedAt": SCANNED_AT,
            "findingSeverityCounts": dict(scan.counts if scan.counts is not None else counts),
            name: paged[name],
        }
        token = {"nextToken": paged["nextToken"]} if "nextToken" in paged else {}
        return {"imageScanFindings": findings, **token}

    def _start(self, given: Mapping[str, Any], scope: Scope) -> Result:
        digest, scan = self._scan(given)
        code = scan.starts.pop(0) if len(scan.starts) > 1 else scan.starts[0]
        if code is not None:
            raise ServiceError(code, _SAID.get(code, f"{code} on demand"))
        scan.statuses = list(scan.started)
        return {
            "registryId": self.account,
            "repositoryName": given["repositoryName"],
            "imageId": {"imageDigest": digest},
            "imageScanStatus": {"status": "IN_PROGRESS"},
        }


_SAID = {
    "LimitExceededException": "The scan quota per image has been exceeded. Wait and try again.",
    "ValidationException": "This feature is disabled",
    "UnsupportedImageTypeException": "The image type is not supported.",
}


def basic_finding(
    name: str, package: str = "openssl", version: str = "1.1.1d-0", severity: str = "HIGH"
) -> dict[str, Any]:
    """A finding of a basic scan, as the user guide shows one."""
    return {
        "name": name,
        "description": f"A flaw of {package} lets an attacker do harm.",
        "uri": f"https://security-tracker.debian.org/tracker/{name}",
        "severity": severity,
        "attributes": [
            {"key": "package_version", "value": version},
            {"key": "package_name", "value": package},
            {"key": "CVSS2_SCORE", "value": "6.8"},
        ],
    }


def enhanced_finding(
    name: str,
    package: str = "openssl",
    version: str = "3.0.11",
    severity: str = "HIGH",
    fixed: str = "0:3.0.15-1~deb12u1",
    **members: Any,
) -> dict[str, Any]:
    """A finding of an enhanced scan, as the API reference shows one."""
    arn = f"arn:aws:inspector2:eu-central-1:{ACCOUNT}:finding/{hashlib.md5(name.encode()).hexdigest()}"  # noqa: E501 - a name only
    vulnerable = {
        "name": package,
        "version": version,
        "release": "1~deb12u1",
        "epoch": 0,
        "arch": "ARM64",
        "packageManager": "OS",
        "fixedInVersion": fixed,
    }
    return {
        "awsAccountId": ACCOUNT,
        "findingArn": arn,
        "firstObservedAt": SCANNED_AT,
        "title": f"{name} - {package}",
        "description": f"A flaw of {package} lets an attacker do harm.",
        "type": "PACKAGE_VULNERABILITY",
        "severity": severity,
        "status": "ACTIVE",
        "score": 7.5,
        "fixAvailable": "YES" if fixed else "NO",
        "exploitAvailable": "NO",
        "remediation": {"recommendation": {"text": "None Provided"}},
        "packageVulnerabilityDetails": {
            "vulnerabilityId": name,
            "source": "DEBIAN_CVE",
            "sourceUrl": f"https://security-tracker.debian.org/tracker/{name}",
            "vulnerablePackages": [vulnerable],
        },
    } | members
