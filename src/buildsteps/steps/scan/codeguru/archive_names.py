"""Names in the archive: relative, in UTF-8, with forward slashes only, and each its own file's.

Sources: APPNOTE.TXT 6.3.10, sections 4.4.17 (names) and 4.4.4 (bit 11, UTF-8).
"""

import os
import re
from collections.abc import Iterable

_UNUSABLE = re.compile("[\x00-\x1f\x7f\\\\\ud800-\udfff]")
"""Control characters, the other slash, and bytes that are no UTF-8 as Python holds them."""


def archive_names(names: Iterable[str]) -> dict[str, str]:
    """Give each name below the root its name in the archive; no two get the same.

    What a reader of the archive could not take is written as in an address: ``%E9``.
    """
    every = sorted(set(names), key=os.fsencode)
    taken = {name for name in every if not _UNUSABLE.search(name)}
    given = {}
    for name in every:
        given[name] = name if name in taken else _free(_escaped(name), taken)
        taken.add(given[name])
    return given


def _escaped(name: str) -> str:
    return _UNUSABLE.sub(lambda found: _percent(found[0]), name)


def _percent(character: str) -> str:
    data = character.encode("utf-8", "surrogatepass")
    if "\udc80" <= character <= "\udcff":  # a byte that is no UTF-8 (PEP 383)
        data = bytes([ord(character) - 0xDC00])
    return "".join(f"%{byte:02X}" for byte in data)


def _free(name: str, taken: Iterable[str]) -> str:
    """The name, or where another file has it the same with a number before its suffix."""
    stem, suffix = os.path.splitext(name)  # noqa: PTH122 - a name in an archive, no path
    number, free = 1, name
    while free in taken:
        number += 1
        free = f"{stem}-{number}{suffix}"
    return free
