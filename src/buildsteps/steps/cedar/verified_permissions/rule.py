"""A rule of the service, and a breach of one."""

from collections.abc import Callable, Iterator

from msgspec import Struct

from buildsteps.results import Location


class Wrong(Struct, frozen=True):
    """A breach of a rule: by what, why, where, and what helps."""

    name: str
    message: str
    locations: tuple[Location, ...]
    fix: str = ""


class Rule(Struct, frozen=True):
    """A rule: its id for acceptances, its name for people, and what breaks it."""

    id: str
    title: str
    check: Callable[[], Iterator[Wrong]]
