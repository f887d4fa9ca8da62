"""``--fix``: files are changed only where the result means what it meant before."""

from collections import Counter
from collections.abc import Iterable
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

_MARK = b"\xef\xbb\xbf"


class Mended(Struct, frozen=True):
    """What came of it: a case a file, sentences, and the files that were changed."""

    cases: tuple[Case, ...] = ()
    notes: tuple[str, ...] = ()
    changed: tuple[str, ...] = ()


def mend(wanted: Iterable[tuple[Path, Edit]], world: World, *, dry_run: bool) -> Mended:
    """Make the changes file by file, or show them."""
    by_file: dict[Path, list[Edit]] = {}
    for path, edit in wanted:
        by_file.setdefault(path, []).append(edit)
    cases, changed, edits = [], [], 0
    for path, own in by_file.items():
        before = own[0].file.source.text
        after, made = edited(before, own)
        shown = world.shown(path)
        if not means_the_same(before, after, sum(one.loses for one in made)):
            cases.append(_refused(shown))
            continue
        difference = unified_diff(shown, [Piece(before, after)])
        if not dry_run:
            try:
                _write(path, before, after, world)
            except WorldError as error:
                cases.append(_error(shown, error.message, Cause.WORLD))
                continue
            changed.append(shown)
        edits += len(made)
        cases.append(_case(shown, difference, dry_run=dry_run))
    return Mended(tuple(cases), _notes(edits, len(by_file), dry_run=dry_run), tuple(changed))


def edited(text: str, edits: Iterable[Edit]) -> tuple[str, list[Edit]]:
    """The text with the changes that do not touch each other, and which those are."""
    pieces, made, at = [], [], 0
    for edit in sorted(edits, key=lambda one: (one.start, one.end)):
        if edit.start < at:
            continue
        pieces += [text[at : edit.start], edit.text]
        made.append(edit)
        at = edit.end
    return "".join([*pieces, text[at:]]), made


def means_the_same(before: str, after: str, loses: int) -> bool:
    """Whether the policies of both texts are the same, but for ``loses`` that are there twice."""
    try:
        old, new = _meanings(before), _meanings(after)
    except (ValueError, RecursionError):
        return False
    return old.total() - new.total() == loses and not new - old and old.keys() == new.keys()


def _meanings(text: str) -> Counter[object]:
    trees = engine.policy_documents(text).values() if text.strip() else ()
    return Counter((tree["effect"], constraints(tree)) for tree in trees)


def _write(path: Path, before: str, after: str, world: World) -> None:
    content = world.files.read_bytes(path)
    mark = _MARK if content.startswith(_MARK) else b""
    if content.removeprefix(_MARK) != before.encode():
        raise WorldError("changed while it was looked at; run it again", Location(world.shown(path)))
    rewrite(path, mark + after.encode(), world.cwd)


def _case(path: str, difference: str, *, dry_run: bool) -> Case:
    return Case(
        name=f"{KIND} {path}",
        group=GROUP,
        outcome=Outcome.PASSED,
        message="would be changed" if dry_run else "changed",
        detail=difference,
        locations=(Location(path),),
    )


def _refused(path: str) -> Case:
    return _error(path, "would mean something else after the fix; it is left as it is")


def _error(path: str, message: str, cause: Cause = Cause.SUBJECT) -> Case:
    return unjudged(
        f"{KIND} {path}", GROUP, message, kind=KIND, locations=(Location(path),), cause=cause
    )


def _notes(edits: int, files: int, *, dry_run: bool) -> tuple[str, ...]:
    if not edits:
        return ("nothing to fix",)
    what = "1 finding" if edits == 1 else f"{edits:,} findings"
    where = "1 file" if files == 1 else f"{files:,} files"
    return (f"{what} {'would be' if dry_run else ''} fixed in {where}".replace("  ", " "),)
