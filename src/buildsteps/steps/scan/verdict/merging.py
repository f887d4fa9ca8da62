"""One finding of what several engines saw at one place."""

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Callable, Container, Iterable, Sequence

from buildsteps.results import Finding, Location, Severity
from buildsteps.steps.scan.sighting import Sighting

Naming = Callable[[Sighting], str]
"""The name under which a rule is known, whoever applies it: of ruff's ``S307`` it is ``B307``."""

_RANK = {severity: number for number, severity in enumerate(Severity)}
_NOWHERE = Location(path="")
_UNEXPLAINED = "without a reason"
_NEAR = 8
"""How many places on each side of a line are looked through for one that reaches over it."""


_Bucket = tuple[str, str, str]
"""The name of a rule, a file, and the identity of what is in none."""

_Group = list[Sighting]


def merged(sightings: Iterable[Sighting], naming: Naming) -> list[tuple[Sighting, ...]]:
    """Put sightings of the same rule by different engines together, in order of appearance.

    They are one where they name the same line, or else where the lines that one looked at hold the
    line of the other: of a call over several lines each engine names another. Two sightings of one
    engine stay two findings.
    """
    groups: list[_Group] = []
    on_line: dict[tuple[_Bucket, int], list[_Group]] = {}
    count: dict[tuple[_Bucket, int, str], int] = defaultdict(int)
    named: dict[tuple[str, str], str] = {}
    wide: set[_Bucket] = set()
    buckets: list[_Bucket] = []
    for one in sightings:
        known_as = (one.engine, one.rule)
        name = named.get(known_as) or named.setdefault(known_as, naming(one))
        place = one.locations[0] if one.locations else _NOWHERE
        bucket = (name, place.path, one.identity)
        line = place.line or 0
        # The second of an engine on a line goes with the second of another.
        beside = on_line.setdefault((bucket, line), [])
        nth = count[bucket, line, one.engine]
        count[bucket, line, one.engine] = nth + 1
        if nth < len(beside):
            beside[nth].append(one)
            continue
        beside.append([one])
        groups.append(beside[-1])
        buckets.append(bucket)
        if one.extent or place.end_line != place.line:
            wide.add(bucket)
    if wide:
        _join_wide(wide, zip(buckets, groups, strict=True))
    return [tuple(group) for group in groups if group]


def _join_wide(wide: Container[_Bucket], groups: Iterable[tuple[_Bucket, _Group]]) -> None:
    """Join groups on different lines; one that went into another is left empty."""
    in_bucket: dict[_Bucket, list[_Group]] = defaultdict(list)
    for bucket, group in groups:
        if bucket in wide:
            in_bucket[bucket].append(group)
    for members in in_bucket.values():
        kinds = list(dict.fromkeys(map(_engines, members)))
        for number, kind in enumerate(kinds):
            for other in kinds[:number]:
                if kind.isdisjoint(other):
                    into = [group for group in members if _engines(group) == other]
                    _join(into, [group for group in members if _engines(group) == kind])


def _join(into: list[_Group], groups: list[_Group]) -> None:
    """Put ``groups`` into those that they reach over, or that reach over them, nearest first."""
    free = sorted(into, key=lambda group: _span(group[0])[0])
    spans = [_span(group[0]) for group in free]
    reached: list[tuple[int, int, int]] = []
    for number, group in enumerate(groups):
        line, (first, last) = _span(group[0])
        at = bisect_left(spans, (line, (0, 0)))
        for index in range(max(at - _NEAR, 0), min(at + _NEAR, len(spans))):
            other, (begin, end) = spans[index]
            if first <= other <= last or begin <= line <= end:
                reached.append((abs(other - line), number, index))
    taken: set[int] = set()
    for _, number, index in sorted(reached):
        if groups[number] and index not in taken:
            taken.add(index)
            free[index].extend(groups[number])
            groups[number].clear()


def _engines(group: _Group) -> frozenset[str]:
    return frozenset([one.engine for one in group])


def _span(one: Sighting) -> tuple[int, tuple[int, int]]:
    """The line of a sighting, and the first and last of what the rule looked at; 0 for none."""
    place = one.locations[0] if one.locations else _NOWHERE
    line = place.line or 0
    return line, one.extent or (line, place.end_line or line)


def finding_of(group: Sequence[Sighting], naming: Naming) -> Finding:
    """The finding of one group: the most severe says how severe, the most exact says where.

    The exact one also gives the words. One that was told to let the place pass speaks for all:
    somebody wrote that comment there, and meant the place.
    """
    exact = max(group, key=_exactness)
    rule = naming(exact)
    best_first = (exact, *(one for one in group if one is not exact))
    return Finding(
        rule=rule,
        aliases=tuple(dict.fromkeys([one.rule for one in best_first if one.rule != rule])),
        severity=min([one.severity for one in group], key=_RANK.__getitem__),
        message=exact.message,
        locations=exact.locations,
        title=_first([one.title for one in best_first]),
        help=_first([one.help for one in best_first]),
        fix=_first([one.fix for one in best_first]),
        cwes=tuple(dict.fromkeys([cwe for one in group for cwe in one.cwes])),
        engines=tuple(dict.fromkeys([one.engine for one in group])),
        fingerprint=f"{rule}:{exact.locations[0] if exact.locations else exact.identity}",
        snippet="" if any(one.secret for one in group) else _first([o.snippet for o in best_first]),
        accepted=_reason(group),
    )


def _exactness(one: Sighting) -> tuple[int, int]:
    """How much of the place is known; of two that know the same, the one with more to say."""
    place = one.locations[0] if one.locations else _NOWHERE
    known = (place.column is not None) + (place.end_column is not None)
    return known, len(one.message)


def _first(texts: Iterable[str]) -> str:
    return next(filter(None, texts), "")


def _reason(group: Sequence[Sighting]) -> str:
    """The reason of the suppression, of those there are one that says something."""
    reasons = [one.suppressed for one in group if one.suppressed]
    return min(reasons, key=lambda reason: reason.endswith(_UNEXPLAINED), default="")
