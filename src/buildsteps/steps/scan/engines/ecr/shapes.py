"""The answers of ``DescribeImageScanFindings``, as far as they are read (botocore's model ``ecr``).

The same shapes read what the AWS CLI prints. Members that we do not know are passed over.
"""

from typing import Any

from msgspec import Struct, field

from buildsteps.steps.scan.engines.package_shapes import PackageVulnerability


class _Answer(Struct, frozen=True, kw_only=True, rename="camel"):
    """Members are written ``likeThis``."""


class Attribute(Struct, frozen=True, kw_only=True):
    """What a basic scan says of a finding: ``package_name``, ``package_version``, scores."""

    key: str
    value: str = ""


class BasicFinding(_Answer, frozen=True, kw_only=True):
    """A finding of a basic scan."""

    name: str = ""
    description: str = ""
    uri: str = ""
    severity: str = "UNDEFINED"
    attributes: tuple[Attribute, ...] = ()


class EnhancedFinding(_Answer, frozen=True, kw_only=True):
    """A finding of an enhanced scan, which is one of Inspector's."""

    title: str = ""
    description: str = ""
    severity: str = "UNTRIAGED"
    status: str = "ACTIVE"
    type: str = ""
    score: float = 0.0
    fix_available: str = ""
    exploit_available: str = ""
    package_vulnerability_details: PackageVulnerability | None = None


class Findings(_Answer, frozen=True, kw_only=True):
    """The findings of a page; ``image_scan_completed_at`` is absent before the first scan ended."""

    image_scan_completed_at: Any = None
    finding_severity_counts: dict[str, int] = field(default_factory=dict)
    findings: tuple[BasicFinding, ...] = ()
    enhanced_findings: tuple[EnhancedFinding, ...] = ()


class Status(_Answer, frozen=True, kw_only=True):
    """How far a scan is."""

    status: str = ""
    description: str = ""


class ImageId(_Answer, frozen=True, kw_only=True):
    """Which image."""

    image_digest: str = ""
    image_tag: str = ""


class Page(_Answer, frozen=True, kw_only=True):
    """One answer of ``DescribeImageScanFindings``."""

    registry_id: str = ""
    repository_name: str = ""
    image_id: ImageId = ImageId()
    image_scan_status: Status = Status()
    image_scan_findings: Findings = Findings()
    next_token: str = ""
