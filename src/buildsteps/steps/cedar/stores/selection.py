"""Which cases are meant: ``--filter``."""

from collections.abc import Sequence
from fnmatch import fnmatchcase

from msgspec import Struct


class Selection(Struct, frozen=True):
    """The patterns of ``--filter``; without any, everything is selected."""

    patterns: tuple[str, ...] = ()

    @classmethod
    def of(cls, patterns: Sequence[str]) -> "Selection":
        """The selection that these patterns make, letter case aside."""
        return cls(tuple(pattern.casefold() for pattern in patterns))

    def has(self, group: str, name: str, prefix: str = "") -> bool:
        """Whether a case is selected by its own name or by the one shown among several stores."""
        return (group, name) in self or (prefix + group, name) in self

    def __contains__(self, case: object) -> bool:
        """Whether a ``(group, name)`` is selected."""
        if not self.patterns:
            return True
        if not isinstance(case, tuple):
            return False
        title = f"{case[0]} > {case[1]}".casefold()
        return any(_matches(title, pattern) for pattern in self.patterns)


def _matches(title: str, pattern: str) -> bool:
    if any(letter in pattern for letter in "*?["):
        return fnmatchcase(title, pattern) or fnmatchcase(title, f"*> {pattern}")
    return pattern in title
