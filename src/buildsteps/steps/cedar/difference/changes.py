"""Changes by their kind: what requests have in common that two versions answer differently."""

from collections.abc import Iterable, Sequence

import msgspec
from msgspec import Struct

from buildsteps.steps.cedar.proposals.placeholders import Uid

EXAMPLES = 1_000
"""How many requests of one kind are kept; beyond, they are counted."""

MOST_KINDS = 500
"""Beyond so many kinds, requests are told apart by action and decision only."""


class Kind(Struct, frozen=True):
    """What changes have in common.

    ``before`` and ``after`` are ``ALLOW``, ``DENY``, or empty where that version's schema knows no
    such request. ``gone`` are the policies that determined the decision before and no longer do,
    ``new`` the others. ``action`` is None where the decision stays: the same policy then makes a
    change of many actions. ``several`` tells that the policies differ from request to request.
    """

    before: str
    after: str
    action: Uid | None
    gone: tuple[str, ...] = ()
    new: tuple[str, ...] = ()
    several: bool = False

    @property
    def decides(self) -> bool:
        """Whether what is permitted changed; no such request is no permission either."""
        return (self.before == "ALLOW") != (self.after == "ALLOW")

    @property
    def widens(self) -> bool:
        """Whether something is newly allowed."""
        return self.decides and self.after == "ALLOW"

    @property
    def overruled(self) -> bool:
        """Whether what permitted is behind it no more only because something forbids it now."""
        return self.before == "ALLOW" and self.after == "DENY" and bool(self.new)

    @property
    def culprits(self) -> tuple[str, ...]:
        """The policies that the change comes from."""
        return self.new if self.overruled else (*self.gone, *self.new)

    @property
    def only_possible(self) -> bool:
        """Whether a schema took the request in or out, and nothing is permitted for it."""
        return not self.decides and not (self.before and self.after)


class Change(Struct, kw_only=True):
    """All requests that changed in one way: how many, and the numbers of the first of them."""

    kind: Kind
    number: int = 0
    numbers: list[int] = msgspec.field(default_factory=list)

    def add(self, number: int, numbers: Iterable[int]) -> None:
        """Count further requests."""
        self.number += number
        self.numbers.extend(list(numbers)[: EXAMPLES - len(self.numbers)])


class Changes:
    """Changes gathered in the order of the requests; their number is bounded."""

    def __init__(self) -> None:
        self._found: dict[Kind, Change] = {}

    def add(self, kind: Kind, number: int, numbers: Sequence[int]) -> None:
        """Count requests of a kind."""
        if kind not in self._found and len(self._found) >= MOST_KINDS:
            kind = Kind(kind.before, kind.after, kind.action, several=True)
        self._found.setdefault(kind, Change(kind=kind)).add(number, numbers)

    def all(self) -> list[Change]:
        """As they were found."""
        return list(self._found.values())

    def by_weight(self) -> list[Change]:
        """What is newly allowed first, then what is newly denied; of each the most requests."""
        return sorted(
            self._found.values(),
            key=lambda one: (
                not one.kind.widens,
                not one.kind.decides,
                one.kind.only_possible,
                -one.number,
            ),
        )
