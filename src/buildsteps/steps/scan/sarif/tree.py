"""The source tree that results speak of: which files are there, and how columns are counted."""

import os
import re
from functools import cache
from pathlib import Path

from msgspec import Struct

from buildsteps.errors import UnreadableError
from buildsteps.world import World

MAX_SOURCE_BYTES = 16 * 1024 * 1024
"""A larger source is not opened for the sake of a column."""


_DRIVE = re.compile("/[A-Za-z]:/")


class Tree(Struct, frozen=True, dict=True):
    """The folder that relative paths begin at, as this machine has it.

    Each question about a file is answered once and kept: results come by the thousand a file.
    """

    root: Path
    world: World

    def __post_init__(self) -> None:
        real = os.path.realpath(self.root)
        self.__dict__["prefixes"] = tuple(dict.fromkeys((_folder(self.root), _folder(real))))
        self.__dict__["has"] = cache(self._has)
        self.__dict__["lines"] = cache(self._lines)

    def below(self, absolute: str) -> str | None:
        """An absolute path relative to the root, with forward slashes; None where it is not below.

        The root counts under its real name, too: tools resolve symbolic links.
        """
        prefixes: tuple[str, ...] = self.__dict__["prefixes"]
        if _DRIVE.match(
            absolute
        ):  # as it stands in a URI; Windows' own paths begin with the letter
            absolute = absolute[1:]
        for prefix in prefixes:
            if absolute.startswith(prefix):
                return absolute[len(prefix) :]
            if absolute + "/" == prefix:
                return "."
        return None

    def leads_out(self, path: str) -> bool:
        """Whether a symbolic link takes a relative path out of the root."""
        try:
            real = os.path.realpath(self.root / path).replace(os.sep, "/")
        except (OSError, ValueError):
            return False
        return self.below(real) is None

    def shown(self, path: str) -> str:
        """A path relative to the root as we show it."""
        return self.world.shown(self.world.path(os.fspath(self.root / path)))

    def exists(self, path: str) -> bool:
        """Whether there is something at a path relative to the root."""
        answer: bool = self.__dict__["has"](path)
        return answer

    def line(self, path: str, number: int) -> str | None:
        """A line that is not all ASCII, else an empty one; None where the file is not readable.

        Only there do columns depend on what is counted.
        """
        lines: dict[int, str] | None = self.__dict__["lines"](path)
        return None if lines is None else lines.get(number, "")

    def _has(self, path: str) -> bool:
        try:
            return (self.root / path).exists()
        except (OSError, ValueError):  # a NUL, or a name longer than any
            return False

    def _lines(self, path: str) -> dict[int, str] | None:
        if not self.exists(path):
            return None
        try:
            text = self.world.files.read_text(self.root / path, MAX_SOURCE_BYTES)
        except (UnreadableError, ValueError):
            return None
        if text.isascii():
            return {}
        numbered = enumerate(text.replace("\r\n", "\n").replace("\r", "\n").split("\n"), 1)
        return {number: line for number, line in numbered if not line.isascii()}


def _folder(path: Path | str) -> str:
    text = os.fspath(path).replace(os.sep, "/")
    return text if text.endswith("/") else f"{text}/"
