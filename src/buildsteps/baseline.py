"""Findings that were there before: recorded once, known again when lines and files move.

A baseline says nothing of lines' numbers, days or versions: it is sorted, has one finding a line,
and merges. Two findings are matched by what stands around them, in tiers, and counted: a second
one of the same kind is new. Sources of the tiers and the counting: see ``docs/decisions.md``.
"""

from collections.abc import Sequence

from msgspec import Struct


class Trace(Struct, frozen=True, kw_only=True):
    """What a finding is known again by; hashes, none of which tells a secret.

    ``path`` is relative to the folder of the baseline. ``line`` is of the text of its line,
    ``around`` of the lines above and below, too; ``within`` of the block it stands in. A finding in
    no file has its ``identity`` hashed as its line.
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

    ``known`` tells for each trace whether it was there before; ``fixed`` are the entries left over,
    each with the number that is left.
    """

    known: tuple[bool, ...]
    fixed: tuple[Entry, ...]


def matched(entries: Sequence[Entry], traces: Sequence[Trace]) -> Matched:
    """Find traces among the entries of a baseline; each entry serves as often as it counts."""
    raise NotImplementedError
