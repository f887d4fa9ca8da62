"""``--fix``: files are changed only where the result means what it meant before."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path

from msgspec import Struct

from buildsteps.errors import WorldError
from buildsteps.results import Case, Cause, Location, Outcome, unjudged
from buildsteps.steps.cedar import engine
from buildsteps.steps.cedar.formatting.diff import unified_diff
from buildsteps.steps.cedar.formatting.pieces import Piece
from buildsteps.steps.cedar.linting.rule import Edit
from buildsteps.steps.cedar.linting.terms import constraints
from buildsteps.world import World
from buildsteps.world.rewriting import rewrite

GROUP = KIND = "fix"

_OTHERWISE = "would mean something else after the fix, so it is left as it is"
_MARK = b"\xef\xbb\xbf"


class Mended(Struct, frozen=True):
    """What came of it: a case a file, sentences, and the files that were changed."""

    cases: tuple[Case, ...] = ()
    notes: tuple[str, ...] = ()
    changed: tuple[str, ...] = ()


class StoreTexts(Struct, frozen=True):
    """The policies of a store as pairs of file and text."""

    policies: Sequence[tuple[str, str]]


class _Change(Struct, frozen=True, kw_only=True):
    path: Path
    shown: str
    before: str
    after: str
    edits: int


def mend(
    wanted: Iterable[tuple[Path, Edit]],
    stores: Sequence[StoreTexts],
    world: World,
    *,
    dry_run: bool,
) -> Mended:
    """Make the changes file by file, or show them; a store that would mean something else stays."""
    changes = list(_changes(wanted, world))
    refused: set[str] = set()
    for store in stores:
        files = {path for path, _ in store.policies}
        own = {one.shown: one.after for one in changes if one.shown in files}
        if own and not means_the_same(store, own):
            refused |= own.keys()
    cases, changed, edits = [], [], 0
    for change in changes:
        if change.shown in refused:
            cases.append(_error(change.shown, _OTHERWISE))
            continue
        try:
            if not dry_run:
                _write(change, world)
                changed.append(change.shown)
        except WorldError as error:
            cases.append(_error(change.shown, error.message, Cause.WORLD))
            continue
        edits += change.edits
        cases.append(_case(change, dry_run=dry_run))
    done = sum(case.outcome is Outcome.PASSED for case in cases)
    return Mended(tuple(cases), _notes(edits, done, dry_run=dry_run), tuple(changed))


def _changes(wanted: Iterable[tuple[Path, Edit]], world: World) -> Iterator[_Change]:
    """What becomes of each file; in several stores a file may be told the same thing twice."""
    by_file: dict[Path, list[Edit]] = {}
    for path, edit in wanted:
        by_file.setdefault(path, []).append(edit)
    for path, edits in by_file.items():
        before = edits[0].file.source.text
        after, made = edited(before, edits)
        yield _Change(
            path=path, shown=world.shown(path), before=before, after=after, edits=len(made)
        )


def edited(text: str, edits: Iterable[Edit]) -> tuple[str, list[Edit]]:
    """The text with the changes, and which those are; none where another takes text away."""
    pieces: list[str] = []
    made: list[Edit] = []
    at = 0
    distinct = {(one.start, -one.end, one.text): one for one in edits}
    for _, edit in sorted(distinct.items()):
        if edit.start >= at:
            pieces += [text[at : edit.start], edit.text]
            made.append(edit)
            at = edit.end
    return "".join([*pieces, text[at:]]), made


def means_the_same(store: StoreTexts, after: Mapping[str, str]) -> bool:
    """Whether a store with other texts for some files has the policies that it had.

    How often it has one does not matter to a decision.
    """
    kept = "\n".join(text for path, text in store.policies if path not in after)
    old = "\n".join(text for path, text in store.policies if path in after)
    try:
        new = "\n".join(after.values())
        return _meanings(f"{kept}\n{old}") == _meanings(f"{kept}\n{new}")
    except (ValueError, RecursionError):
        return False


def _meanings(text: str) -> set[object]:
    trees = engine.policy_documents(text).values() if text.strip() else ()
    return {(tree["effect"], constraints(tree)) for tree in trees}


def _write(change: _Change, world: World) -> None:
    content = world.files.read_bytes(change.path)
    mark = _MARK if content.startswith(_MARK) else b""
    if content.removeprefix(_MARK) != change.before.encode():
        message = "was changed while it was looked at; run it again"
        raise WorldError(message, Location(change.shown))
    rewrite(change.path, mark + change.after.encode(), world.cwd)


def _case(change: _Change, *, dry_run: bool) -> Case:
    return Case(
        name=f"{KIND} {change.shown}",
        group=GROUP,
        outcome=Outcome.PASSED,
        message="would be changed" if dry_run else "changed",
        detail=unified_diff(change.shown, [Piece(change.before, change.after)], "fixed"),
        locations=(Location(change.shown),),
    )


def _error(path: str, message: str, cause: Cause = Cause.SUBJECT) -> Case:
    return unjudged(
        f"{KIND} {path}", GROUP, message, kind=KIND, locations=(Location(path),), cause=cause
    )


def _notes(edits: int, files: int, *, dry_run: bool) -> tuple[str, ...]:
    if not edits:
        return ("--fix changes nothing here",)
    what = "1 finding" if edits == 1 else f"{edits:,} findings"
    where = "1 file" if files == 1 else f"{files:,} files"
    return (f"{what} {'would be fixed' if dry_run else 'fixed'} in {where}",)
