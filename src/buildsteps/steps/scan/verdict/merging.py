"""One finding of what several engines saw at one place."""

from collections.abc import Callable, Iterable, Sequence

from buildsteps.results import Finding, Location, Severity
from buildsteps.steps.scan.sighting import Sighting

Naming = Callable[[Sighting], str]
"""The name under which a rule is known, whoever applies it: of ruff's ``S307`` it is ``B307``."""

_SEVERITIES = list(Severity)


def merged(sightings: Iterable[Sighting], naming: Naming) -> list[tuple[Sighting, ...]]:
    """Put sightings of the same rule on the same line together, in order of appearance."""
    groups: dict[tuple[str, str, int | None, str, str], list[Sighting]] = {}
    for number, sighting in enumerate(sightings):
        place = sighting.locations[0] if sighting.locations else Location(path="")
        name = naming(sighting)
        # Two of one engine are two findings, whatever they have in common.
        twin = sum(
            1
            for one in groups.get((name, place.path, place.line, sighting.identity, ""), ())
            if one.engine == sighting.engine
        )
        key = (name, place.path, place.line, sighting.identity, str(number) if twin else "")
        groups.setdefault(key, []).append(sighting)
    return [tuple(group) for group in groups.values()]


def finding_of(group: Sequence[Sighting], naming: Naming) -> Finding:
    """The finding of one group: the most severe says how severe, the most exact says where."""
    first = group[0]
    rule = naming(first)
    names = dict.fromkeys(one.rule for one in group)
    return Finding(
        rule=rule,
        aliases=tuple(name for name in names if name != rule),
        severity=min((one.severity for one in group), key=_SEVERITIES.index),
        message=first.message,
        locations=first.locations,
        title=next((one.title for one in group if one.title), ""),
        help=next((one.help for one in group if one.help), ""),
        fix=next((one.fix for one in group if one.fix), ""),
        cwes=tuple(dict.fromkeys(cwe for one in group for cwe in one.cwes)),
        engines=tuple(dict.fromkeys(one.engine for one in group)),
        fingerprint=f"{rule}:{first.locations[0] if first.locations else first.identity}",
        snippet=next((one.snippet for one in group if one.snippet), ""),
        accepted=first.suppressed if all(one.suppressed for one in group) else "",
    )
