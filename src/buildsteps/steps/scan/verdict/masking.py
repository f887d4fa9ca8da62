"""Lines that hold secrets, without the secrets: what may be hashed and kept of them."""

import re
from collections.abc import Iterable

from buildsteps.results import Location

_SIGNS = "=:\"'`(<@"
_SEPARATOR = re.compile(f"[{_SIGNS}]")
_BETWEEN_WORDS = f"{_SIGNS} \t"
_NOTHING = b"(secret)"
_LONGEST_SECRET = 1_000
"""Lines that one secret, such as a private key, is taken to have at most."""


def masked_lines(lines: list[bytes], places: Iterable[Location]) -> dict[int, bytes]:
    """The lines of a file at ``places``, by number from 1, each without its secret.

    Of a line stays what stands before the first sign that gives something a value, or before the
    secret where the place says at which column that begins: the name, never the value. A hash of
    the whole line would let anybody try values until one fits.
    """
    found: dict[int, bytes] = {}
    for place in places:
        first = place.line or 0
        if not 0 < first <= len(lines):
            continue
        head = _head(lines[first - 1], place.column)
        found[first] = min(head, found.get(first, head), key=len)
        last = min(place.end_line or first, len(lines), first + _LONGEST_SECRET)
        for number in range(first + 1, last + 1):
            found[number] = _NOTHING
    return found


def _head(line: bytes, column: int | None) -> bytes:
    text = line.decode("utf-8", errors="surrogateescape")
    found = _SEPARATOR.search(text)
    end = found.start() if found else 0
    if column is not None and column - 1 < end:
        # Some scanners count columns from 0: the word that the column is in goes, too.
        end = max(text.rfind(sign, 0, max(column - 1, 0)) for sign in _BETWEEN_WORDS) + 1
    return text[:end].encode("utf-8", errors="surrogateescape") + _NOTHING
