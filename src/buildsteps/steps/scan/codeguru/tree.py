"""The folder that the archive is made of: which files lie in it, and opening none outside of it."""

import os
import stat
from collections.abc import Iterable, Sequence
from enum import Enum

from buildsteps.errors import UsageError

_OPENING = (
    os.O_RDONLY
    | getattr(os, "O_NONBLOCK", 0)
    | getattr(os, "O_NOFOLLOW", 0)
    | getattr(os, "O_BINARY", 0)
)


class Left(Enum):
    """Why a file is not in the archive."""

    LINK = "symbolic link"
    SPECIAL = "special file"
    GONE = "vanished file"
    UNREADABLE = "unreadable file"


class LeftOut(Exception):  # noqa: N818 - it is no error that a link is left out
    """A file is not sent; ``why`` says for which reason, ``said`` what the system said."""

    def __init__(self, why: Left, said: str = "") -> None:
        super().__init__(why.value)
        self.why = why
        self.said = said


class Tree:
    """The folder at ``root``; names below it have forward slashes."""

    def __init__(self, root: str) -> None:
        self.root = root
        self._real = os.path.realpath(root)
        self._inside: dict[str, bool] = {}

    def opened(self, name: str) -> int:
        """A descriptor of a regular file that really lies in the folder.

        No link is followed, neither the last part of the name nor one before it that leads out.

        Raises:
            LeftOut: it is no such file, is gone, or cannot be read.
        """
        path = os.path.join(self.root, *name.split("/"))  # noqa: PTH118 - 100,000 of them
        try:
            if stat.S_ISLNK(os.lstat(path).st_mode) or not self._holds(os.path.dirname(path)):  # noqa: PTH120
                raise LeftOut(Left.LINK)
            descriptor = os.open(path, _OPENING)
        except FileNotFoundError:
            raise LeftOut(Left.GONE) from None
        except (NotADirectoryError, IsADirectoryError):
            raise LeftOut(Left.GONE) from None
        except OSError as error:
            raise _left(path, error) from None
        if not stat.S_ISREG(os.fstat(descriptor).st_mode):
            os.close(descriptor)
            raise LeftOut(Left.SPECIAL)
        return descriptor

    def _holds(self, folder: str) -> bool:
        if folder not in self._inside:
            real = os.path.realpath(folder)
            self._inside[folder] = os.path.commonpath((self._real, real)) == self._real
        return self._inside[folder]


def tree_and_names(paths: Sequence[str], cwd: str) -> tuple[Tree, dict[str, str]]:
    """The folder that holds all files, and each file's name below it with its path as given.

    That is the working folder where all lie below it: names stay the same from scan to scan.

    Raises:
        UsageError: the files lie on several drives.
    """
    whole = {os.path.normpath(os.path.join(cwd, path)): path for path in paths}  # noqa: PTH118
    root = cwd
    if not all(path.startswith(os.path.join(cwd, "")) for path in whole):  # noqa: PTH118
        root = _common(whole)
    start = len(os.path.join(root, ""))  # noqa: PTH118
    return Tree(root), {path[start:].replace(os.sep, "/"): given for path, given in whole.items()}


def _common(paths: Iterable[str]) -> str:
    try:
        return os.path.commonpath([os.path.dirname(path) for path in paths])  # noqa: PTH120
    except ValueError:
        raise UsageError(
            "the files lie on several drives, and one archive needs a folder that holds them all"
        ) from None


def _left(path: str, error: OSError) -> LeftOut:
    """What an error of opening means: a socket or a device without a driver cannot be opened."""
    try:
        mode = os.lstat(path).st_mode
    except OSError:
        return LeftOut(Left.GONE)
    if stat.S_ISLNK(mode):
        return LeftOut(Left.LINK)
    if not stat.S_ISREG(mode):
        return LeftOut(Left.SPECIAL)
    return LeftOut(Left.UNREADABLE, (error.strerror or str(error)).lower())
