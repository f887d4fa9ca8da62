"""Vulnerabilities of packages, as sightings: one for each vulnerability and package."""

from collections.abc import Iterable

from msgspec import Struct
from msgspec.structs import replace

from buildsteps.reporting.text import clipped, printable, web_address
from buildsteps.results import Location, Severity
from buildsteps.steps.scan.sighting import Sighting

LONGEST_DESCRIPTION = 240
"""Characters of a description that a message shows; all of it is behind the link."""


class Vulnerable(Struct, frozen=True, kw_only=True):
    """One package with one vulnerability.

    ``package`` and ``vulnerability`` are what it is known again by, whatever the version: an
    upgrade that does not mend it makes no new finding. ``versions`` are all that were found of the
    package, ``platforms`` those of an image of several that have it (empty: all).
    ``places`` are files that hold or name it. ``known_exploit`` tells that an exploit is known.
    """

    engine: str
    vulnerability: str
    package: str
    severity: Severity
    versions: tuple[str, ...] = ()
    fixed_in: tuple[str, ...] = ()
    fix_unknown: bool = False
    description: str = ""
    help: str = ""
    cwes: tuple[int, ...] = ()
    places: tuple[str, ...] = ()
    purl: str = ""
    platforms: tuple[str, ...] = ()
    known_exploit: bool = False
    suppressed: str = ""


def gathered(found: Iterable[Vulnerable]) -> list[Vulnerable]:
    """Put together what was found of the same package and vulnerability more than once."""
    together: dict[tuple[str, str], Vulnerable] = {}
    for one in found:
        key = (one.vulnerability, one.package)
        together[key] = _both(together[key], one) if key in together else one
    return list(together.values())


def sighting_of(one: Vulnerable, locations: tuple[Location, ...]) -> Sighting:
    """The sighting of one vulnerable package at its place."""
    return Sighting(
        engine=one.engine,
        rule=printable(one.vulnerability),
        severity=one.severity,
        message=_message(one),
        locations=locations,
        identity=printable(one.package),
        cwes=one.cwes,
        help=web_address(one.help) or "",
        fix=_fix(one),
        suppressed=printable(one.suppressed),
    )


def _message(one: Vulnerable) -> str:
    name = f"{one.package} {', '.join(one.versions)}".strip() or "the image"
    where = f" ({', '.join(one.platforms)})" if one.platforms else ""
    said = " ".join(one.description.split())
    parts = [f"{name}{where}:", clipped(said, LONGEST_DESCRIPTION) or f"has {one.vulnerability}."]
    if one.known_exploit:
        parts.append("An exploit is known.")
    if not (one.fixed_in or one.fix_unknown):
        parts.append("No version without it is known.")
    return printable(" ".join(parts))


def _fix(one: Vulnerable) -> str:
    if not one.fixed_in:
        return ""
    return printable(f"Upgrade {one.package} to {' or '.join(one.fixed_in)}.")


def _both(first: Vulnerable, second: Vulnerable) -> Vulnerable:
    severities = list(Severity)
    return replace(
        first,
        severity=min(first.severity, second.severity, key=severities.index),
        versions=_union(first.versions, second.versions),
        fixed_in=_union(first.fixed_in, second.fixed_in),
        fix_unknown=first.fix_unknown or second.fix_unknown,
        places=_union(first.places, second.places),
        platforms=_union(first.platforms, second.platforms),
        cwes=tuple(dict.fromkeys((*first.cwes, *second.cwes))),
        known_exploit=first.known_exploit or second.known_exploit,
        suppressed=first.suppressed if second.suppressed else "",
    )


def _union(first: tuple[str, ...], second: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(dict.fromkeys((*first, *second)))
