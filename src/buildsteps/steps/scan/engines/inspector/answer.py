"""What ``ScanSbom`` answers: a CycloneDX document with vulnerabilities, and Inspector's properties.

Sources: "Creating a custom CI/CD pipeline integration with Amazon Inspector Scan" and "Using
CycloneDX namespaces with Amazon Inspector" in the Inspector user guide.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import msgspec
from msgspec import Struct, field

from buildsteps.results import Severity
from buildsteps.steps.scan.engines.aws_severities import (
    UNRATED,
    known_severity,
    severity_of_score,
)
from buildsteps.steps.scan.engines.inspector.sbom import (
    Component,
    RawComponent,
    component_of,
    flattened,
)
from buildsteps.steps.scan.engines.packages import Vulnerable
from buildsteps.world.aws import AwsError

_OURS = "amazon:inspector:sbom_scanner:"
_COUNTS = tuple(f"{_OURS}{word}_vulnerabilities" for word in ("critical", "high", "medium", "low"))
SOURCES = ("NVD", "MITRE", "GITHUB", "GITLAB", "REDHAT_CVE", "UBUNTU_CVE", "AMAZON_INSPECTOR")
"""Whose rating counts, the first that has one; the order of AWS's own GitHub action."""

_METHODS = ("CVSSv4", "CVSSv31", "CVSSv3", "CVSSv2")
_HARMLESS = frozenset({"not_affected", "false_positive", "resolved", "resolved_with_pedigree"})
"""States of CycloneDX's impact analysis that say: not here."""


class _Property(Struct, frozen=True):
    name: str | None = None
    value: str | None = None


class _Source(Struct, frozen=True):
    name: str | None = None
    url: str | None = None


class _Rating(Struct, frozen=True):
    source: _Source | None = None
    score: float | None = None
    severity: str | None = None
    method: str | None = None


class _Affected(Struct, frozen=True):
    ref: str | None = None


class _Advisory(Struct, frozen=True):
    url: str | None = None


class _Analysis(Struct, frozen=True):
    state: str | None = None
    justification: str | None = None
    detail: str | None = None


class _Vulnerability(Struct, frozen=True):
    id: str | None = None
    source: _Source | None = None
    ratings: tuple[_Rating, ...] | None = None
    cwes: tuple[int, ...] | None = None
    description: str | None = None
    advisories: tuple[_Advisory, ...] | None = None
    affects: tuple[_Affected, ...] | None = None
    properties: tuple[_Property, ...] | None = None
    analysis: _Analysis | None = None


class _Metadata(Struct, frozen=True):
    properties: tuple[_Property, ...] | None = None


class _Document(Struct, frozen=True):
    metadata: _Metadata | None = None
    components: tuple[RawComponent, ...] | None = None
    vulnerabilities: tuple[_Vulnerability, ...] | None = None


class Answer(Struct, frozen=True, kw_only=True):
    """An answer that is one: what was found, and how many components the service says it skipped.

    ``skipped`` has its reasons, each with how many components it holds for.
    """

    found: tuple[tuple[Vulnerable, Component], ...]
    components: int
    skipped: Mapping[str, int] = field(default_factory=dict)


def answer_of(document: Any) -> Answer:
    """Read the member ``sbom`` of an answer.

    Raises:
        AwsError: it is not what the API gives; a bill of materials without a report is not, either.
    """
    if isinstance(document, dict) and "vulnerability_count" in document:
        raise AwsError(
            "inspector-scan:ScanSbom: the answer has the format INSPECTOR; "
            "ask for --output-format CYCLONE_DX_1_5"
        )
    try:
        read = msgspec.convert(document, _Document)
        raw = list(flattened(read.components or ()))
    except (msgspec.ValidationError, RecursionError) as error:
        raise AwsError(f"{_NO_ANSWER}: {error}") from None
    vulnerabilities = read.vulnerabilities or ()
    _check_counts(_values(read.metadata.properties if read.metadata else ()), vulnerabilities)
    components = {one.reference or "": component_of(one) for one in raw}
    found = tuple(pair for one in vulnerabilities for pair in _pairs(one, components))
    return Answer(found=found, components=len(raw), skipped=_skipped(raw))


_NO_ANSWER = "inspector-scan:ScanSbom: the answer is none that the API gives"


def _check_counts(counts: Mapping[str, str], vulnerabilities: Sequence[_Vulnerability]) -> None:
    """Without its counts a document is a bill of materials that nobody scanned."""
    told = [counts[name] for name in _COUNTS if name in counts]
    if not told:
        raise AwsError(f"{_NO_ANSWER}: it does not count vulnerabilities, so nobody scanned it")
    if any(number.strip() not in ("", "0") for number in told) and not vulnerabilities:
        raise AwsError(f"{_NO_ANSWER}: it counts vulnerabilities, and lists none")


def _skipped(components: Sequence[RawComponent]) -> dict[str, int]:
    reasons: dict[str, int] = {}
    for one in components:
        said = one.property("warning") or one.property("info")
        if "skipped" in said:
            reasons[said] = reasons.get(said, 0) + 1
    return reasons


def _pairs(
    one: _Vulnerability, components: Mapping[str, Component]
) -> Iterator[tuple[Vulnerable, Component]]:
    said = _values(one.properties)
    for reference in dict.fromkeys(affected.ref or "" for affected in one.affects or ()):
        component = components.get(reference) or Component(name=reference or "unnamed")
        yield _vulnerable(one, said, component), component
    if not one.affects:
        unnamed = Component(name="the software")
        yield _vulnerable(one, said, unnamed), unnamed


def _vulnerable(one: _Vulnerability, said: Mapping[str, str], component: Component) -> Vulnerable:
    fixed = said.get(f"{_OURS}fixed_version:{component.reference}", "")
    malicious = said.get(f"{_OURS}is_malicious", "").lower() == "true"
    return Vulnerable(
        engine="inspector",
        vulnerability=one.id or "unnamed",
        package=component.package,
        severity=Severity.CRITICAL if malicious else severity_of_ratings(one.ratings or ()),
        versions=(component.version,) if component.version else (),
        fixed_in=(fixed,) if fixed else (),
        description=one.description or "",
        help=_help(one),
        cwes=one.cwes or (),
        places=(component.path,) if component.path else (),
        known_exploit=said.get(f"{_OURS}exploit_available", "").lower() == "true",
        suppressed=_suppressed(one.analysis),
    )


def severity_of_ratings(ratings: Sequence[_Rating]) -> Severity:
    """The severity by the first source that knows one; EPSS says how likely, not how severe."""
    told = ((_rank(rating), rating) for rating in ratings if _source(rating) != "EPSS")
    for _, rating in sorted(told, key=lambda pair: pair[0]):
        known = known_severity(rating.severity or "") or severity_of_score(rating.score or 0.0)
        if known is not None:
            return known
    return UNRATED


def _rank(rating: _Rating) -> tuple[int, int]:
    source, method = _source(rating), rating.method or ""
    return (
        SOURCES.index(source) if source in SOURCES else len(SOURCES),
        _METHODS.index(method) if method in _METHODS else len(_METHODS),
    )


def _source(rating: _Rating) -> str:
    return (rating.source.name if rating.source else None) or ""


def _help(one: _Vulnerability) -> str:
    own = one.source.url if one.source else None
    return own or next((advisory.url for advisory in one.advisories or () if advisory.url), "")


def _suppressed(analysis: _Analysis | None) -> str:
    if analysis is None or analysis.state not in _HARMLESS:
        return ""
    why = analysis.detail or analysis.justification or ""
    return f"the SBOM says {analysis.state}{f': {why}' if why else ''}"


def _values(properties: Sequence[_Property] | None) -> dict[str, str]:
    return {one.name: one.value or "" for one in properties or () if one.name}
