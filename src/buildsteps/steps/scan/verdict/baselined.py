"""Which findings are old, and what becomes of the baseline: read, matched, written, pruned."""

from collections.abc import Mapping, Sequence

from msgspec import Struct
from msgspec.structs import replace

from buildsteps import baseline_file
from buildsteps.baseline import Entry, Trace, gathered, without
from buildsteps.reporting.text import counted
from buildsteps.results import Finding, Table
from buildsteps.steps.scan.settings import ScanOptions
from buildsteps.steps.scan.verdict.baseline_in_force import Baseline
from buildsteps.steps.scan.verdict.compared import Compared, compared
from buildsteps.steps.scan.verdict.looked import Looked
from buildsteps.steps.scan.verdict.old_and_new import counts, tables, total
from buildsteps.steps.scan.verdict.since import Changed
from buildsteps.world import World


class Baselined(Struct, frozen=True, kw_only=True):
    """The findings to judge and show, the old ones marked as known, and what to say of them."""

    findings: tuple[Finding, ...]
    facts: Mapping[str, object]
    notes: tuple[str, ...] = ()
    tables: tuple[Table, ...] = ()


def against(
    baseline: Baseline,
    findings: Sequence[Finding],
    traces: Mapping[str, Trace],
    looked: Looked,
    options: ScanOptions,
    world: World,
    changed: Changed | None = None,
) -> Baselined:
    """Mark the findings that the baseline has, and write it where that is asked for.

    With ``changed`` only findings on these lines are shown and recorded. Findings without a trace
    are none of a scanner's and stay as they are. Accepted ones are not recorded, but those
    recorded before they were accepted do not count as fixed.

    Raises:
        WorldError: the file cannot be written.
    """
    found = compared(baseline.entries, findings, traces, looked, baseline.folder)
    shown = [one for one in findings if changed is None or changed.has(one)]
    change = _change(baseline, found, looked, options, shown, partly=changed is not None)
    if change.entries is not None:
        world.files.write(baseline.path, baseline_file.written(change.entries))
    recorded = change.recorded | set(found.known)
    marked = [replace(one, known=True) if one.fingerprint in recorded else one for one in shown]
    told = [one for one in marked if one.fingerprint in traces]
    fixed, unseen = total(found.fixed), total(found.unseen)
    facts = {"file": world.shown(baseline.path), **counts(told), "fixed": fixed, "unseen": unseen}
    in_use = baseline.there or change.recorded
    return Baselined(
        findings=tuple(marked),
        facts={"baseline": facts, **_since(changed, findings, shown)},
        notes=(*change.notes(world.shown(baseline.path)), *_left_out(changed, findings, shown)),
        tables=tables(told, found.fixed) if in_use else (),
    )


class _Change(Struct, frozen=True, kw_only=True):
    """What becomes of the file: ``entries`` to write, or None; ``said`` tells it."""

    entries: tuple[Entry, ...] | None = None
    recorded: frozenset[str] = frozenset()
    said: str = ""

    def notes(self, shown: str) -> tuple[str, ...]:
        return (f"baseline {shown}: {self.said}",) if self.said else ()


def _change(
    baseline: Baseline,
    found: Compared,
    looked: Looked,
    options: ScanOptions,
    shown: Sequence[Finding],
    *,
    partly: bool,
) -> _Change:
    if not (options.write_baseline or options.prune_baseline):
        return _Change()
    if looked.failed or looked.nothing:
        why = "not all could be scanned" if looked.failed else "nothing was scanned"
        return _Change(said=f"nothing was written, because {why}")
    if options.prune_baseline:
        left = without(baseline.entries, found.fixed)
        return _Change(entries=left, said=_dropped(found.fixed, found.unseen))
    recorded = frozenset(one.fingerprint for one in shown if one.fingerprint in found.open)
    new = [found.open[name] for name in sorted(recorded - set(found.known))]
    if partly:
        said = f"{counted(len(new), 'new finding')} recorded, all others kept"
        return _Change(entries=gathered((*baseline.entries, *new)), recorded=recorded, said=said)
    said = f"{counted(len(recorded), 'finding')} recorded, {len(new):,} of them new; "
    return _Change(
        entries=gathered((*found.open.values(), *found.unseen)),
        recorded=recorded,
        said=said + _dropped(found.fixed, found.unseen),
    )


def _dropped(fixed: Sequence[Entry], unseen: Sequence[Entry]) -> str:
    kept = f", {total(unseen):,} kept that this run did not look for" if unseen else ""
    return f"{counted(total(fixed), 'fixed one')} dropped{kept}"


def _since(
    changed: Changed | None, findings: Sequence[Finding], shown: Sequence[Finding]
) -> dict[str, object]:
    if changed is None:
        return {}
    nowhere = sum(not one.locations for one in findings)
    unchanged = len(findings) - len(shown) - nowhere
    return {"since": {"ref": changed.ref, "unchanged": unchanged, "in_no_file": nowhere}}


def _left_out(
    changed: Changed | None, findings: Sequence[Finding], shown: Sequence[Finding]
) -> tuple[str, ...]:
    """What ``--since`` hides, in a sentence."""
    if changed is None or len(findings) == len(shown):
        return ()
    nowhere = sum(not one.locations for one in findings)
    unchanged = len(findings) - len(shown) - nowhere
    told = f"not shown are {counted(unchanged, 'finding')} on lines that did not change"
    and_nowhere = f" and {nowhere:,} in no file" if nowhere else ""
    return (f"since {changed.ref}: {told}{and_nowhere}",)
