"""The findings of a run beside its baseline: which are old, and which are no more."""

import os
from collections.abc import Collection, Iterable, Mapping, Sequence
from pathlib import Path

from msgspec import Struct

from buildsteps.baseline import Entry, Trace, matched
from buildsteps.reporting.text import encodable
from buildsteps.results import Finding
from buildsteps.steps.scan.verdict.looked import Looked


class Compared(Struct, frozen=True, kw_only=True):
    """Findings, by fingerprint, and entries of the baseline.

    ``open`` are the findings that nobody accepted, each as an entry; ``known`` those that the
    baseline has, accepted ones among them. ``fixed`` are the entries known to be no more,
    ``unseen`` those that this run did not look for.
    """

    open: Mapping[str, Entry]
    known: Collection[str]
    fixed: tuple[Entry, ...]
    unseen: tuple[Entry, ...]


def compared(
    entries: Sequence[Entry],
    findings: Iterable[Finding],
    traces: Mapping[str, Trace],
    looked: Looked,
    folder: Path,
) -> Compared:
    """Match the findings that have a trace with ``entries``, whose paths begin at ``folder``."""
    # What is accepted comes last: of two that are alike, the other one is the old one.
    ordered = sorted((one for one in findings if one.fingerprint in traces), key=_is_accepted)
    wanted = [traces[one.fingerprint] for one in ordered]
    gone = _gone(entries, wanted, folder)
    found = matched(entries, wanted, gone)
    known = {
        one.fingerprint: entries[by] for one, by in _pairs(ordered, found.by) if by is not None
    }
    fixed: list[Entry] = []
    unseen: list[Entry] = []
    for entry in found.left:
        (fixed if looked.at(entry, gone=entry.trace.path in gone) else unseen).append(entry)
    return Compared(
        open={
            one.fingerprint: _entry(one, traces, known.get(one.fingerprint), looked)
            for one in ordered
            if not one.accepted
        },
        known=known.keys(),
        fixed=tuple(fixed),
        unseen=tuple(unseen),
    )


def _pairs(
    findings: Iterable[Finding], by: Iterable[int | None]
) -> Iterable[tuple[Finding, int | None]]:
    return zip(findings, by, strict=True)


def _is_accepted(finding: Finding) -> bool:
    return bool(finding.accepted)


def _gone(entries: Iterable[Entry], traces: Iterable[Trace], folder: Path) -> frozenset[str]:
    """The paths of entries whose file is no longer there."""
    paths = {one.trace.path for one in entries} - {"", *(one.path for one in traces)}
    return frozenset(path for path in paths if not os.path.lexists(folder / path))


def _entry(
    finding: Finding, traces: Mapping[str, Trace], old: Entry | None, looked: Looked
) -> Entry:
    """A finding as an entry: an engine that saw it before, and was not asked, is kept."""
    before = old.engines if old is not None else ()
    absent = (name for name in before if name not in looked.engines)
    engines = tuple(sorted({*map(encodable, finding.engines), *absent}))
    return Entry(trace=traces[finding.fingerprint], engines=engines)
