"""The unified difference between a policy file and its formatted text."""

from collections.abc import Iterable, Iterator
from difflib import SequenceMatcher
from itertools import islice

from buildsteps.steps.cedar.formatting.pieces import Piece

MOST_LINES = 500
"""Longer differences are cut: nobody reads them, and they cost time and memory."""

_NO_LINE_END = "\\ No newline at end of file"


def unified_diff(path: str, pieces: Iterable[Piece], after: str = "formatted") -> str:
    """Show what changes, as ``diff -u`` does, at most :data:`MOST_LINES` lines.

    The parts are compared one by one, which takes linear time and never mixes them up; ``after``
    says in a word what became of the file.
    """
    lines = [f"--- {path}", f"+++ {path} ({after})"]
    lines += islice(_hunks(pieces), MOST_LINES)
    if len(lines) > MOST_LINES:
        lines[MOST_LINES:] = ["(more is not shown)"]
    return "\n".join(lines)


def first_changed_line(pieces: Iterable[Piece]) -> int:
    """The number of the first line that formatting changes."""
    line = 1
    for piece in pieces:
        for old, new in zip(_lines(piece.before), [*_lines(piece.after), None], strict=False):
            if old != new:
                return line
            line += 1
    return line


def _hunks(pieces: Iterable[Piece]) -> Iterator[str]:
    old_line = new_line = 1
    for piece in _whole_lines(pieces):
        old, new = _lines(piece.before), _lines(piece.after)
        if old != new:
            yield from _hunks_of(old, new, old_line, new_line)
        old_line += len(old)
        new_line += len(new)


def _whole_lines(pieces: Iterable[Piece]) -> Iterator[Piece]:
    """Join the parts of which one begins in the line where the one before it ends."""
    before = after = ""
    for piece in pieces:
        before, after = before + piece.before, after + piece.after
        if before.endswith("\n"):
            yield Piece(before, after)
            before = after = ""
    if before or after:
        yield Piece(before, after)


def _lines(text: str) -> list[str]:
    *lines, rest = text.split("\n")
    return [*lines, f"{rest}\n{_NO_LINE_END}"] if rest else lines


def _hunks_of(old: list[str], new: list[str], old_line: int, new_line: int) -> Iterator[str]:
    for group in SequenceMatcher(None, old, new).get_grouped_opcodes(3):
        first, last = group[0], group[-1]
        old_range = _range(old_line + first[1], last[2] - first[1])
        new_range = _range(new_line + first[3], last[4] - first[3])
        yield f"@@ -{old_range} +{new_range} @@"
        for tag, old_start, old_end, new_start, new_end in group:
            if tag == "equal":
                yield from (f" {line}" for line in old[old_start:old_end])
                continue
            yield from (f"-{line}" for line in old[old_start:old_end])
            yield from (f"+{line}" for line in new[new_start:new_end])


def _range(start: int, length: int) -> str:
    """A range as unified differences write it; an empty one counts from the line before."""
    if length == 1:
        return str(start)
    return f"{start if length else start - 1},{length}"
