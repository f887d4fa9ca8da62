"""Inspector's findings of a repository as sightings: flaws of code, and of packages.

Source: botocore's model ``inspector2``: ``ListFindings``.
"""

import re
from collections.abc import Iterable, Iterator, Sequence

import msgspec
from msgspec import Struct, field

from buildsteps.reporting.text import printable, web_address
from buildsteps.results import Location
from buildsteps.steps.scan.engines.aws_severities import severity_of
from buildsteps.steps.scan.engines.inspector_code.paths import Placing
from buildsteps.steps.scan.engines.package_shapes import PackageVulnerability
from buildsteps.steps.scan.engines.packages import Vulnerable, gathered, sighting_of
from buildsteps.steps.scan.engines.purl import parse_purl
from buildsteps.steps.scan.sighting import Sighting
from buildsteps.world.aws import AwsError

_SUPPRESSED = "suppressed in Amazon Inspector"
_NO_TEXT = frozenset({"", "none provided"})
_CWE = re.compile(r"(?:CWE-)?([0-9]{1,6})", re.ASCII | re.IGNORECASE)
_DETECTOR_VERSION = re.compile(r"@v?[0-9][0-9.]*")


class _Camel(Struct, frozen=True, kw_only=True, rename="camel"):
    """Members are written ``likeThis``."""


class _FilePath(_Camel, frozen=True, kw_only=True):
    file_path: str = ""
    start_line: int = 0
    end_line: int = 0


class _Code(_Camel, frozen=True, kw_only=True):
    file_path: _FilePath = _FilePath()
    detector_id: str = ""
    detector_name: str = ""
    rule_id: str = ""
    cwes: tuple[str, ...] = ()
    reference_urls: tuple[str, ...] = ()


class _Recommendation(Struct, frozen=True, kw_only=True):
    text: str = ""
    url: str = field(default="", name="Url")


class _Remediation(Struct, frozen=True, kw_only=True):
    recommendation: _Recommendation = _Recommendation()


class _Repository(_Camel, frozen=True, kw_only=True):
    project_name: str = ""


class _Details(_Camel, frozen=True, kw_only=True):
    code_repository: _Repository | None = None


class _Resource(_Camel, frozen=True, kw_only=True):
    type: str = ""
    id: str = ""
    details: _Details = _Details()


class Finding(_Camel, frozen=True, kw_only=True):
    """One finding, as far as it is read."""

    finding_arn: str = ""
    title: str = ""
    description: str = ""
    type: str = ""
    severity: str = "UNTRIAGED"
    status: str = "ACTIVE"
    inspector_score: float = 0.0
    fix_available: str = ""
    exploit_available: str = ""
    remediation: _Remediation = _Remediation()
    resources: tuple[_Resource, ...] = ()
    code_vulnerability_details: _Code | None = None
    package_vulnerability_details: PackageVulnerability | None = None

    def is_of(self, project: str) -> bool:
        """Whether it is of the project of this id."""
        return any(project in one.id for one in self.resources)

    def is_called(self, text: str) -> bool:
        """Whether the text is its project's id, or an ARN with it, or the project's name."""
        names = [one.details.code_repository for one in self.resources]
        ids = [part for one in self.resources for part in one.id.split("/")[-1:]]
        return any(name and name.project_name == text for name in names) or any(
            one and one == text.split("/")[-1] for one in ids
        )

    @property
    def of_code(self) -> bool:
        """Whether it is of a repository, and not of an image, a function or a machine."""
        return any(one.type == "CODE_REPOSITORY" for one in self.resources)


class Page(_Camel, frozen=True, kw_only=True):
    """One answer of ``ListFindings``."""

    findings: tuple[Finding, ...] = ()
    next_token: str = ""


def page_of(answer: object) -> Page:
    """Read one answer.

    Raises:
        AwsError: it has not the shape that the API gives.
    """
    try:
        return msgspec.convert(answer, Page)
    except msgspec.ValidationError as error:
        what = "inspector2:ListFindings: the answer is none that the API gives"
        raise AwsError(f"{what}: {error}") from None


def sightings_of(findings: Sequence[Finding], placing: Placing) -> list[Sighting]:
    """The sightings of findings that are not closed."""
    there = [one for one in findings if one.status != "CLOSED"]
    code = [_of_code(one, placing) for one in there if one.package_vulnerability_details is None]
    packages = gathered(each for one in there for each in _of_packages(one))
    return [*code, *(sighting_of(one, _places(one, placing)) for one in packages)]


def _of_code(finding: Finding, placing: Placing) -> Sighting:
    details = finding.code_vulnerability_details or _Code()
    detector = _DETECTOR_VERSION.sub("", details.detector_id)
    path = details.file_path
    place = placing.lines(path.file_path, path.start_line, path.end_line)
    said = " ".join((finding.description or finding.title).split())
    return Sighting(
        engine="inspector-code",
        rule=printable(detector or details.rule_id or finding.title or finding.type) or "unnamed",
        severity=severity_of(finding.severity, (finding.inspector_score,)),
        message=printable(said) or "a finding without a description",
        title=printable(details.detector_name or finding.title),
        locations=(place,) if place else (),
        identity="" if place else printable(path.file_path),
        cwes=tuple(_cwes(details.cwes)),
        help=_help(finding, details.reference_urls),
        fix=_fix(finding),
        suppressed=_SUPPRESSED if finding.status == "SUPPRESSED" else "",
    )


def _of_packages(finding: Finding) -> Iterator[Vulnerable]:
    details = finding.package_vulnerability_details or PackageVulnerability()
    for package in details.vulnerable_packages:
        fixed = package.fixed_in_version
        known = fixed.strip().lower().replace(" ", "") not in ("", "notavailable")
        scores = (finding.inspector_score, *(one.base_score for one in details.cvss))
        yield Vulnerable(
            engine="inspector-code",
            vulnerability=details.vulnerability_id or finding.title or "unnamed",
            package=package.name,
            severity=severity_of(finding.severity, scores),
            versions=(package.version,) if package.version else (),
            fixed_in=(fixed,) if known else (),
            fix_unknown=not known and finding.fix_available != "NO",
            description=finding.description,
            help=details.source_url,
            places=(package.file_path,) if package.file_path else (),
            purl=package.purl,
            known_exploit=finding.exploit_available == "YES",
            suppressed=_SUPPRESSED if finding.status == "SUPPRESSED" else "",
        )


def _places(one: Vulnerable, placing: Placing) -> tuple[Location, ...]:
    found = (placing.package(path, parse_purl(one.purl)) for path in one.places)
    return tuple(place for place in found if place is not None)


def _cwes(written: Iterable[str]) -> Iterator[int]:
    for text in written:
        if found := _CWE.fullmatch(text.strip()):
            yield int(found[1])


def _help(finding: Finding, references: Sequence[str]) -> str:
    given = (finding.remediation.recommendation.url, *references)
    return next((address for url in given if (address := web_address(url))), "")


def _fix(finding: Finding) -> str:
    text = " ".join(finding.remediation.recommendation.text.split())
    return "" if text.lower() in _NO_TEXT else printable(text)
