"""Which notation it is."""

import re

from msgspec import Struct

from buildsteps.notation.errors import NotationMissingError

OLDEST = (1, 3)
"""1.3 is the first whose environment variables and reasons we rely on."""

_LINE = re.compile(r"^Version:\s+v?(\d+)\.(\d+)\.(\d+)(\S*)\s*$", re.MULTILINE)


class Version(Struct, frozen=True, order=True):
    """A version by semantic versioning; ``suffix`` is what follows the numbers."""

    major: int
    minor: int
    patch: int
    suffix: str = ""

    def __str__(self) -> str:
        return f"{self.major}.{self.minor}.{self.patch}{self.suffix}"

    @property
    def numbers(self) -> str:
        """The version without suffix, such as ``1.3.2``."""
        return f"{self.major}.{self.minor}.{self.patch}"

    @property
    def is_known(self) -> bool:
        """Whether it is 1.3 or a later 1.x."""
        return self.major == OLDEST[0] and self.minor >= OLDEST[1]


def read_version(stdout: str) -> Version:
    """Read what ``notation version`` prints.

    Raises:
        NotationMissingError: it is something else.
    """
    found = _LINE.search(stdout)
    if found is None or max(map(len, found.groups()[:3])) > 9:
        raise NotationMissingError("it does not say its version as notation does")
    return Version(int(found[1]), int(found[2]), int(found[3]), found[4])


def check_version(version: Version, path: object) -> None:
    """Refuse a version whose answers we do not know.

    Raises:
        NotationMissingError: it is older than 1.3, or not 1.x.
    """
    if not version.is_known:
        raise NotationMissingError(
            f"{path} is notation {version}; 1.3 or a later 1.x is needed"
            " (`buildsteps notation install` installs one)"
        )
