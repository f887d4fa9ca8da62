"""A vulnerability and its packages, as ECR and Amazon Inspector both write them.

Source: ``PackageVulnerabilityDetails`` of botocore's models ``ecr`` and ``inspector2``.
"""

from msgspec import Struct


class _Answer(Struct, frozen=True, kw_only=True, rename="camel"):
    """Members are written ``likeThis``."""


class Package(_Answer, frozen=True, kw_only=True):
    """A package with a vulnerability."""

    name: str = ""
    version: str = ""
    release: str = ""
    epoch: int = 0
    file_path: str = ""
    fixed_in_version: str = ""
    purl: str = ""


class Cvss(_Answer, frozen=True, kw_only=True):
    """A score of one source."""

    base_score: float = 0.0


class PackageVulnerability(_Answer, frozen=True, kw_only=True):
    """A vulnerability and the packages that have it; Inspector writes it the same way."""

    vulnerability_id: str = ""
    vulnerable_packages: tuple[Package, ...] = ()
    source_url: str = ""
    cvss: tuple[Cvss, ...] = ()
