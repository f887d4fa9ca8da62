"""The scan of one image in ECR: waited for, and started where nobody did.

A scan on push shows after a while: before that, ECR knows of none (``ScanNotFoundException``). With
enhanced scanning the status ``ACTIVE`` can come before the first findings do, so a scan is over
only when it says when it ended. Sources: the ECR user guide, "Scan images for software
vulnerabilities", and botocore's model.
"""

from collections.abc import Callable
from typing import Any

import msgspec
from msgspec import Struct

from buildsteps.errors import WorldError
from buildsteps.steps.scan.engines.ecr.shapes import Page
from buildsteps.steps.scan.engines.unjudgeable import UnjudgeableError
from buildsteps.world.aws import AccessDeniedError, Aws, AwsError
from buildsteps.world.clock import Clock
from buildsteps.world.waiting import OutOfTimeError, wait_for

PATIENCE = 30.0
"""Seconds that a scan on push gets to show itself, before one is started."""

PAGE = 1000

_DISABLED = "ValidationException"
"""``StartImageScan`` answers so where the registry has enhanced scanning, which starts itself."""

_UNDER_WAY = frozenset({"IN_PROGRESS", "PENDING"})
_SUBJECT = {
    "UNSUPPORTED_IMAGE": "ECR cannot scan this kind of image",
    "IMAGE_ARCHIVED": "the image is archived; restore it, and ECR scans it again",
    "IMAGE_SIZE_EXCEEDED": "the image is larger than what Amazon Inspector scans",
}
_WORLD = {
    "FAILED": "the scan failed",
    "SCAN_ELIGIBILITY_EXPIRED": (
        "Amazon Inspector watches this image no longer, so what it knows is old; push it again, "
        "or lengthen the re-scan duration"
    ),
    "FINDINGS_UNAVAILABLE": "the findings cannot be had at the moment",
    "LIMIT_EXCEEDED": "the account's limit of scans is reached",
}


class Scan(Struct, frozen=True, kw_only=True):
    """A scan that came to its end: all its pages."""

    pages: tuple[Page, ...]

    @property
    def completed_at(self) -> str:
        """When it ended, as the service or the AWS CLI writes it."""
        moment = self.pages[0].image_scan_findings.image_scan_completed_at
        return str(moment.isoformat() if hasattr(moment, "isoformat") else moment)

    @property
    def enhanced(self) -> bool:
        """Whether Amazon Inspector made it."""
        active = self.pages[0].image_scan_status.status == "ACTIVE"
        return active or any(page.image_scan_findings.enhanced_findings for page in self.pages)


class Awaited:
    """The scan of one image, asked for until it is there."""

    def __init__(
        self, aws: Aws, clock: Clock, note: Callable[[str], None], request: dict[str, Any]
    ) -> None:
        """``request`` has the members of an operation that name the image, and its ``region``."""
        self._aws = aws
        self._clock = clock
        self._note = note
        self._region = request.pop("region")
        self._request = request
        self._asked_since = clock.monotonic()
        self._started = False
        self._seen = "ECR knows of no scan"

    def scan(self, limit: float) -> Scan:
        """Wait for the scan for at most ``limit`` seconds.

        Raises:
            UnjudgeableError: the image cannot be scanned.
            WorldError: the scan failed, cannot be started, or did not end in time.
        """
        try:
            return wait_for(self._probe, "the scan", clock=self._clock, limit=limit)
        except OutOfTimeError as error:
            raise OutOfTimeError(f"{error.message}: {self._seen}") from None

    def _probe(self) -> Scan | None:
        try:
            answers = list(
                self._aws.pages(
                    "ecr",
                    "DescribeImageScanFindings",
                    {**self._request, "maxResults": PAGE},
                    region=self._region,
                )
            )
        except AwsError as error:
            if error.code == "ImageNotFoundException":
                raise UnjudgeableError("the image was deleted while its scan was awaited") from None
            if error.code != "ScanNotFoundException":
                raise
            self._start_if_nobody_does()
            return None
        return self._judged(tuple(page_of(answer) for answer in answers))

    def _judged(self, pages: tuple[Page, ...]) -> Scan | None:
        status = pages[0].image_scan_status
        raise_for(status.status, status.description)
        self._seen = f"its status is {status.status or 'unknown'}"
        if status.status in _UNDER_WAY or not is_complete(pages[0]):
            self._note("note: waiting for Amazon ECR to end the scan")
            return None
        return complete(pages)

    def _start_if_nobody_does(self) -> None:
        self._note("note: waiting for Amazon ECR to begin the scan")
        if self._started or self._clock.monotonic() - self._asked_since < PATIENCE:
            return
        self._started = True
        try:
            self._aws.call("ecr", "StartImageScan", self._request, region=self._region)
        except AccessDeniedError as error:
            raise AccessDeniedError(
                f"nobody scanned the image, and {error.message}", error.code, error.said
            ) from None
        except AwsError as error:
            if error.code == _DISABLED:
                self._seen = (
                    "ECR knows of no scan, and starts none on demand, as with enhanced scanning; "
                    "does a filter of the registry's scanning configuration name this repository?"
                )
                return
            raise _not_started(error) from None


def _not_started(error: AwsError) -> UnjudgeableError | WorldError:
    if error.code == "UnsupportedImageTypeException":
        return UnjudgeableError(f"{_SUBJECT['UNSUPPORTED_IMAGE']}: {error.said}")
    if error.code == "ImageArchivedException":
        return UnjudgeableError(_SUBJECT["IMAGE_ARCHIVED"])
    if error.code == "LimitExceededException":
        return WorldError(
            "ECR knows of no scan and starts none: an image is scanned on demand once in 24 hours: "
            f"{error.said}"
        )
    return error


def page_of(answer: Any) -> Page:
    """Read one answer.

    Raises:
        AwsError: it has not the shape that the API gives.
    """
    try:
        return msgspec.convert(answer, Page)
    except msgspec.ValidationError as error:
        what = "ecr:DescribeImageScanFindings: the answer is none that the API gives"
        raise AwsError(f"{what}: {error}") from None


def raise_for(status: str, description: str) -> None:
    """Raise for a status that will never have findings.

    Raises:
        UnjudgeableError: because of what the image is.
        WorldError: because of the scan.
    """
    said = f": {' '.join(description.split())}" if description.strip() else ""
    unsupported = status == "FAILED" and "UnsupportedImage" in description
    if status in _SUBJECT or unsupported:
        raise UnjudgeableError(_SUBJECT.get(status, _SUBJECT["UNSUPPORTED_IMAGE"]) + said)
    if status in _WORLD:
        raise WorldError(_WORLD[status] + said)
    if status not in _UNDER_WAY | {"COMPLETE", "ACTIVE"}:
        raise WorldError(f"ECR gives the scan a status that is not known: `{status}`{said}")


def is_complete(page: Page) -> bool:
    """Whether this is an answer about a scan that came to its end."""
    return page.image_scan_findings.image_scan_completed_at is not None


def complete(pages: tuple[Page, ...]) -> Scan:
    """The scan of all its pages.

    Raises:
        WorldError: ECR counted findings, and gave none.
    """
    given = sum(
        len(one.image_scan_findings.findings) + len(one.image_scan_findings.enhanced_findings)
        for one in pages
    )
    counted = sum(pages[0].image_scan_findings.finding_severity_counts.values())
    if counted > 0 and not given:
        raise WorldError(f"ECR counts {counted:,} findings of the scan, and gives none of them")
    return Scan(pages=pages)
