"""The findings of scans as sightings, of both kinds of scans."""

from collections.abc import Iterable, Iterator, Sequence

from msgspec.structs import replace

from buildsteps.results import Location
from buildsteps.steps.scan.engines.aws_severities import severity_of
from buildsteps.steps.scan.engines.ecr.shapes import BasicFinding, EnhancedFinding, Page
from buildsteps.steps.scan.engines.package_shapes import Package
from buildsteps.steps.scan.engines.packages import Vulnerable, gathered, sighting_of
from buildsteps.steps.scan.sighting import Sighting

_NOT_FIXED = frozenset({"", "NotAvailable", "Not Available", "NOT AVAILABLE"})


def sightings_of(scans: Sequence[tuple[str, Sequence[Page]]], path: str) -> list[Sighting]:
    """The sightings of one image; ``scans`` are the pages of each platform's scan.

    ``path`` is the image's name without tag and digest, which change with each build.
    """
    every = {platform for platform, _ in scans}
    found = [
        replace(one, platforms=(platform,) if len(every) > 1 else ())
        for platform, pages in scans
        for page in pages
        for one in vulnerable_in(page)
    ]
    told = (
        replace(one, platforms=() if set(one.platforms) == every else one.platforms)
        for one in gathered(found)
    )
    return [sighting_of(one, (Location(path=path),)) for one in told]


def vulnerable_in(page: Page) -> Iterator[Vulnerable]:
    """Every vulnerable package of a page."""
    for basic in page.image_scan_findings.findings:
        yield _of_basic(basic)
    for enhanced in page.image_scan_findings.enhanced_findings:
        if enhanced.status != "CLOSED":
            yield from _of_enhanced(enhanced)


def _of_basic(finding: BasicFinding) -> Vulnerable:
    said = {one.key: one.value for one in finding.attributes}
    version = said.get("package_version", "")
    return Vulnerable(
        engine="ecr",
        vulnerability=finding.name or "unnamed",
        package=said.get("package_name", ""),
        severity=severity_of(finding.severity, _scores(said)),
        versions=(version,) if version else (),
        fix_unknown=True,
        description=finding.description,
        help=finding.uri,
    )


def _scores(said: dict[str, str]) -> Iterator[float]:
    for name in ("CVSS4_SCORE", "CVSS3_SCORE", "CVSS2_SCORE"):
        try:
            yield float(said.get(name, ""))
        except ValueError:
            continue


def _of_enhanced(finding: EnhancedFinding) -> Iterable[Vulnerable]:
    details = finding.package_vulnerability_details
    name = (details.vulnerability_id if details else "") or finding.title or finding.type
    packages: Sequence[Package] = details.vulnerable_packages if details else ()
    scores = (finding.score, *(one.base_score for one in (details.cvss if details else ())))
    for package in packages or (Package(),):
        fixed = package.fixed_in_version
        yield Vulnerable(
            engine="ecr",
            vulnerability=name or "unnamed",
            package=package.name,
            severity=severity_of(finding.severity, scores),
            versions=(version,) if (version := _version(package)) else (),
            fixed_in=() if fixed in _NOT_FIXED else (fixed,),
            fix_unknown=fixed in _NOT_FIXED and finding.fix_available != "NO",
            description=finding.description,
            help=details.source_url if details else "",
            places=(package.file_path,) if package.file_path else (),
            known_exploit=finding.exploit_available == "YES",
            suppressed="suppressed in Amazon Inspector" if finding.status == "SUPPRESSED" else "",
        )


def _version(package: Package) -> str:
    """As its package manager writes it: ``epoch:version-release``."""
    epoch = f"{package.epoch}:" if package.epoch else ""
    release = f"-{package.release}" if package.release else ""
    return f"{epoch}{package.version}{release}" if package.version else ""
