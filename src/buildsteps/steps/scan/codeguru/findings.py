"""From the service's findings to sightings on our scale."""

import re
from collections.abc import Iterable, Mapping
from functools import lru_cache

from buildsteps.reporting.text import encodable, web_address
from buildsteps.results import Location, Severity
from buildsteps.steps.scan.codeguru.answers import FilePath, Finding, Remediation
from buildsteps.steps.scan.sighting import Sighting

ENGINE = "codeguru"

SEVERITIES: Mapping[str | None, Severity] = {
    "Critical": Severity.CRITICAL,
    "High": Severity.HIGH,
    "Medium": Severity.MEDIUM,
    "Low": Severity.LOW,
    "Info": Severity.INFO,
    None: Severity.HIGH,
}
"""The service's five words are ours. A finding without one counts as high: nobody overlooks it."""

SECRET_CWES = frozenset({259, 321, 798})
"""Hard-coded passwords, cryptographic keys and credentials: the place holds the secret itself."""

_CWE = re.compile(r"\bCWE[-_ ]?0*(\d{1,5})\b|cwe\.mitre\.org/data/definitions/0*(\d{1,5})", re.I)
_SECRET = re.compile(r"hard-?\s?coded|\bsecrets?\b|credential|password|api.?key", re.I)
_LEADS_OUT = re.compile(r"(?:^|/)\.\.(?:/|$)")
_LARGEST_LINE = 2**31 - 1


def sighting_of(finding: Finding, names: Mapping[str, str] | None = None) -> Sighting:
    """One open finding; ``names`` leads from names in the archive to paths as we show them.

    Without ``names``, which a saved answer lacks, names are paths of the working folder.
    """
    place = _place(finding, names)
    cwes = _cwes(finding)
    secret = is_secret(finding, cwes)
    return Sighting(
        engine=ENGINE,
        rule=_rule(finding),
        title=_line(finding.detector_name) or _line(finding.title),
        severity=SEVERITIES[finding.severity],
        message=_line(finding.description) or _line(finding.title) or _rule(finding),
        locations=(place,) if place else (),
        # Where there is a place, it tells findings apart, and does so after the service, too.
        identity="" if place else _line(finding.id),
        cwes=cwes,
        help=_help(finding),
        fix=_fix(finding.remediation, secret=secret),
        snippet="" if secret else _snippet(_file_path(finding)),
        secret=secret,
    )


def is_secret(finding: Finding, cwes: Iterable[int]) -> bool:
    """Whether the code at the place is a secret, by weakness or by the detector's name."""
    words = (finding.rule_id, finding.detector_id, finding.detector_name, finding.title)
    return not SECRET_CWES.isdisjoint(cwes) or any(_names_secret(word) for word in words if word)


def _rule(finding: Finding) -> str:
    every = (finding.rule_id, finding.detector_id, finding.detector_name, finding.title)
    return next(rule for text in every if (rule := _line(text)))


def _place(finding: Finding, names: Mapping[str, str] | None) -> Location | None:
    """The place as we show it; None where the service names no file, or none of the project's."""
    told = _file_path(finding)
    name = (told.path or told.name or "") if told else ""
    name = encodable(name).replace("\\", "/").removeprefix("./").lstrip("/")
    if told is None or not name or _LEADS_OUT.search(name) or "\0" in name:
        return None
    line = _whole(told.start_line)
    end = _whole(told.end_line)
    return Location(
        path=(names or {}).get(name, name),
        line=line,
        end_line=end if line and end and end >= line else None,
    )


def _file_path(finding: Finding) -> FilePath | None:
    return finding.vulnerability.file_path if finding.vulnerability else None


def _whole(number: int | None) -> int | None:
    """A line; the service has written 0 and -1 for a whole file."""
    return number if number is not None and 0 < number <= _LARGEST_LINE else None


def _cwes(finding: Finding) -> tuple[int, ...]:
    found = finding.vulnerability
    texts: list[str | None] = [
        *((found.related_vulnerabilities or []) if found else []),
        *(finding.detector_tags or []),
        finding.title,
        *((found.reference_urls or []) if found else []),
    ]
    return tuple(dict.fromkeys(cwe for text in texts if text for cwe in _numbers(text)))


# What a detector says of itself stands in each of its findings, of which there may be 100,000.


@lru_cache(1000)
def _numbers(text: str) -> tuple[int, ...]:
    numbers = (int(one[1] or one[2]) for one in _CWE.finditer(text))
    return tuple(number for number in numbers if number)


@lru_cache(1000)
def _names_secret(text: str) -> bool:
    return bool(_SECRET.search(text))


@lru_cache(1000)
def _address(text: str) -> str:
    return web_address(text) or ""


def _help(finding: Finding) -> str:
    """The first address of those that lead to more: the recommendation's, then references."""
    advice = finding.remediation.recommendation if finding.remediation else None
    references = finding.vulnerability.reference_urls if finding.vulnerability else None
    every: Iterable[str | None] = (advice.url if advice else None, *(references or []))
    return next((url for text in every if text and (url := _address(text))), "")


def _fix(remediation: Remediation | None, *, secret: bool) -> str:
    """What to do, then each suggestion; its code is left out where it may hold the secret."""
    if remediation is None:
        return ""
    advice = remediation.recommendation
    parts = [advice.text if advice else ""]
    for suggested in remediation.suggested_fixes or []:
        parts += [suggested.description, "" if secret else suggested.code]
    return "\n".join(encodable(part.strip("\n")) for part in parts if part and part.strip())


def _snippet(place: FilePath | None) -> str:
    lines = (place.code_snippet or []) if place else []
    return encodable("\n".join(line.content or "" for line in lines).strip("\n"))


def _line(text: str | None) -> str:
    return " ".join(encodable(text or "").split())
