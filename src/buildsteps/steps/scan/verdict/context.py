"""What stands around a line, in any language: its neighbours, and the block it is in."""

from collections.abc import Callable, Mapping
from typing import NamedTuple

_FARTHEST = 2_000
"""Lines that are searched upwards for the head of a block."""

_MOST_BLANK = 100
"""Lines that are searched for a neighbour that is not blank."""

_DEEPEST = 10
"""Blocks within each other that count."""

_MARKS = (
    (b"\xff\xfe\x00\x00", "utf-32"),
    (b"\x00\x00\xfe\xff", "utf-32"),
    (b"\xff\xfe", "utf-16"),
    (b"\xfe\xff", "utf-16"),
)


class Around(NamedTuple):
    """The texts around a line, white space apart; empty where there is none."""

    line: bytes
    above: bytes
    below: bytes
    within: bytes


class SourceLines:
    """The lines of a file, as bytes, in any encoding that ends them as ASCII does.

    ``masked`` gives the texts of the lines that hold secrets, by number from 1.
    """

    def __init__(self, data: bytes, masked: Callable[[list[bytes]], Mapping[int, bytes]]) -> None:
        self.lines = data.splitlines()
        for number, text in masked(self.lines).items():
            self.lines[number - 1] = text
        self._heads: dict[int, int] = {}
        self._blocks: dict[int, bytes] = {}

    def around(self, number: int) -> Around | None:
        """What stands around line ``number``, from 1; None where the file has no such line.

        The neighbours are the nearest lines that are not blank.
        """
        at = number - 1
        if not 0 <= at < len(self.lines):
            return None
        return Around(
            _plain(self.lines[at]),
            self._neighbour(at, -1),
            self._neighbour(at, 1),
            self._block(at),
        )

    def _neighbour(self, at: int, step: int) -> bytes:
        for _ in range(_MOST_BLANK):
            at += step
            if not 0 <= at < len(self.lines):
                break
            words = self.lines[at].split()
            if words:
                return b" ".join(words)
        return b""

    def _block(self, at: int) -> bytes:
        """The heads of the blocks around a line, from the nearest outwards."""
        first = self._head(at)
        if first not in self._blocks:
            heads: list[bytes] = []
            outer = first
            while outer >= 0 and len(heads) < _DEEPEST:
                heads.append(_plain(self.lines[outer]))
                outer = self._head(outer)
            self._blocks[first] = b"\n".join(heads)
        return self._blocks[first]

    def _head(self, at: int) -> int:
        """The nearest line above with less indentation, or -1."""
        found = self._heads.get(at)
        if found is None:
            found = self._heads[at] = self._searched(at)
        return found

    def _searched(self, at: int) -> int:
        lines, own = self.lines, _indentation(self.lines[at])
        above, last = at - 1, max(at - _FARTHEST, 0) if own else at
        while above >= last:
            line = lines[above]
            text = line.lstrip()
            if text and len(line) - len(text) < own:
                return above
            # A line seen before that stands as deep leads to the same head.
            jump = self._heads.get(above) if len(line) - len(text) >= own else None
            above = above - 1 if jump is None else jump
        return -1


def _plain(line: bytes) -> bytes:
    return b" ".join(line.split())


def _indentation(line: bytes) -> int:
    return len(line) - len(line.lstrip())


def decoded(data: bytes) -> bytes:
    """The bytes of a file as ASCII-like ones: what is UTF-16 or UTF-32 becomes UTF-8."""
    for mark, encoding in _MARKS:
        if data.startswith(mark):
            return data.decode(encoding, errors="replace").encode("utf-8", errors="replace")
    return data.removeprefix(b"\xef\xbb\xbf")
