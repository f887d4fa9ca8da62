"""The lines of Python files as Python reads them: their encoding declared, or UTF-8."""

import codecs
import re
import tokenize
from functools import lru_cache
from io import BytesIO

from buildsteps.errors import UnreadableError
from buildsteps.world import World

_LINE_END = re.compile(r"\r\n?|\n")


_MARKS = {codecs.BOM_UTF16_LE: "UTF-16", codecs.BOM_UTF16_BE: "UTF-16"}


def decoded(data: bytes) -> str:
    """The text of a Python file (PEP 263); a byte order mark is dropped.

    Raises:
        ValueError: it is in no encoding that Python would take, or not in the one it declares; it
            says so as the end of a sentence about the file.
    """
    if other := _MARKS.get(data[:2]):
        raise ValueError(f"is {other}, not UTF-8; save it as UTF-8")
    try:
        encoding, _ = tokenize.detect_encoding(BytesIO(data).readline)
        return data.decode(encoding)
    except SyntaxError as error:
        why = str(error).partition(" for ")[0]
        raise ValueError(f"is in no encoding that Python knows: {why}; save it as UTF-8") from None
    except UnicodeDecodeError as error:
        encoding = error.encoding.upper()
        line = data.count(b"\n", 0, error.start) + 1
        raise ValueError(f"is not {encoding} in line {line}; save it as UTF-8") from None


class Sources:
    """The files of a folder; asked for file by file, since it keeps the last few only."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._lines = lru_cache(maxsize=4)(self._read)

    def line(self, path: str, number: int) -> str:
        """One line without its end, or nothing where there is none, or no text."""
        lines = self._lines(path)
        return lines[number - 1] if 0 < number <= len(lines) else ""

    def lines(self, path: str) -> tuple[str, ...]:
        """All lines of a file; none where it cannot be read as text."""
        return self._lines(path)

    def column(self, path: str, line: int, offset: int) -> int:
        """The column in code points, from 1, of a byte of a line's UTF-8, as ``ast`` counts."""
        return len(self.line(path, line).encode()[:offset].decode(errors="replace")) + 1

    def _read(self, path: str) -> tuple[str, ...]:
        try:
            return tuple(
                _LINE_END.split(decoded(self._world.files.read_bytes(self._world.path(path))))
            )
        except (UnreadableError, ValueError):
            return ()
