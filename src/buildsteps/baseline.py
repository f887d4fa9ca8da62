"""Findings that were there before: recorded once, known again when lines and files move.

A baseline says nothing of lines' numbers, days or versions: it is sorted, has one finding a line,
and merges. Two findings are matched by what stands around them, in tiers, and counted: a second
one of the same kind is new. Sources of the tiers and the counting: see ``docs/decisions.md``; the
file itself is that of :mod:`buildsteps.baseline_file`.
"""

from collections.abc import Callable, Collection, Iterable, Sequence

from msgspec import Struct
from msgspec.structs import replace

from buildsteps.garbage import collector_paused


class Trace(Struct, frozen=True, kw_only=True):
    """What a finding is known again by; hashes, none of which tells a secret.

    ``path`` is relative to the folder of the baseline. ``line`` is of the text of its line,
    ``around`` of the lines above and below, too; ``within`` of the block it stands in. A finding in
    no file has its ``identity`` hashed as its line, and no path.
    """

    rule: str
    path: str
    line: str
    around: str = ""
    within: str = ""


class Entry(Struct, frozen=True, kw_only=True):
    """One line of a baseline: a trace, who saw it, and how often it is there."""

    trace: Trace
    engines: tuple[str, ...] = ()
    count: int = 1


class Matched(Struct, frozen=True, kw_only=True):
    """What a baseline says of a run.

    ``by`` gives for each trace the number of the entry that knows it, or None; ``left`` are the
    entries that served less often than they count, each with the number that is left.
    """

    by: tuple[int | None, ...]
    left: tuple[Entry, ...]


Key = Callable[[Trace], tuple[str, ...]]

_IN_PLACE: tuple[Key, ...] = (
    lambda one: (one.rule, one.line, one.path, one.around, one.within),
    lambda one: (one.rule, one.line, one.path, "", one.within),
    lambda one: (one.rule, one.line, one.path, one.around),
    lambda one: (one.rule, one.line, one.path),
)
"""The tiers: what must agree, the more exact first."""

_ELSEWHERE: tuple[Key, ...] = (
    lambda one: (one.rule, one.line, one.around, one.within),
    lambda one: (one.rule, one.line, "", one.within),
    lambda one: (one.rule, one.line, one.around),
    lambda one: (one.rule, one.line),
)
"""The same for findings of files that are gone, under any path."""


def matched(
    entries: Sequence[Entry], traces: Sequence[Trace], gone: Collection[str] = frozenset()
) -> Matched:
    """Find traces among the entries of a baseline; each entry serves as often as it counts.

    ``gone`` are paths of entries whose file is no longer there: renamed, perhaps, so what stood in
    them may be found under any path. Of traces that are alike the first ones are known.
    Takes time in proportion to entries and traces.
    """
    with collector_paused():
        return _matched(entries, traces, gone)


def _matched(entries: Sequence[Entry], traces: Sequence[Trace], gone: Collection[str]) -> Matched:
    left = [entry.count for entry in entries]
    by: list[int | None] = [None] * len(traces)
    for key in _IN_PLACE:
        _match(range(len(entries)), entries, left, traces, by, key)
    renamed = [number for number, one in enumerate(entries) if one.trace.path in gone]
    for key in _ELSEWHERE if renamed else ():
        _match(renamed, entries, left, traces, by, key)
    over = (
        one if one.count == count else replace(one, count=count)
        for one, count in zip(entries, left, strict=True)
        if count
    )
    return Matched(by=tuple(by), left=tuple(over))


def _match(
    among: Iterable[int],
    entries: Sequence[Entry],
    left: list[int],
    traces: Sequence[Trace],
    by: list[int | None],
    key: Key,
) -> None:
    """One tier: let the entries that are left serve the traces that are still unknown."""
    places: dict[tuple[str, ...], list[int]] = {}
    for number in among:
        if left[number]:
            places.setdefault(key(entries[number].trace), []).append(number)
    for candidates in places.values():
        candidates.reverse()  # the first is then the cheapest to take
    for number in [number for number, taken in enumerate(by) if taken is None and places]:
        found = places.get(key(traces[number]))
        if found:
            by[number] = found[-1]
            left[found[-1]] -= 1
            if not left[found[-1]]:
                found.pop()


def gathered(entries: Iterable[Entry]) -> tuple[Entry, ...]:
    """The entries sorted by path and rule, those of equal traces put together, counts added."""
    groups: dict[Trace, Entry] = {}
    for one in entries:
        other = groups.get(one.trace)
        if other is not None:
            engines = tuple(sorted({*one.engines, *other.engines}))
            one = replace(one, engines=engines, count=one.count + other.count)
        groups[one.trace] = one
    return tuple(sorted(groups.values(), key=_order))


def without(entries: Iterable[Entry], others: Iterable[Entry]) -> tuple[Entry, ...]:
    """The entries less those of ``others``, as often as these count."""
    take: dict[Trace, int] = {}
    for one in others:
        take[one.trace] = take.get(one.trace, 0) + one.count
    kept = []
    for one in entries:
        taken = min(one.count, take.get(one.trace, 0))
        if taken:
            take[one.trace] -= taken
        if one.count > taken:
            kept.append(replace(one, count=one.count - taken) if taken else one)
    return tuple(kept)


def _order(entry: Entry) -> tuple[str, ...]:
    trace = entry.trace
    return trace.path, trace.rule, trace.line, trace.within, trace.around
