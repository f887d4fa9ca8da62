"""Every request that two versions together make possible, by number: none is held in memory."""

from bisect import bisect_right
from collections.abc import Iterator
from functools import cached_property
from itertools import accumulate
from typing import Any

import msgspec
from msgspec import Struct

from buildsteps.steps.cedar.proposals.placeholders import Uid


class Question(Struct, frozen=True):
    """One request, its context in JSON, and the number of the universe that it is asked in."""

    universe: int
    principal: Uid
    action: Uid
    resource: Uid
    context_json: str

    @property
    def context(self) -> dict[str, Any]:
        """The context."""
        found: dict[str, Any] = msgspec.json.decode(self.context_json)
        return found

    def arguments(self) -> dict[str, Any]:
        """The request as cedarpy takes it, and as tests hold it."""
        return {
            "principal": _uid(self.principal),
            "action": _uid(self.action),
            "resource": _uid(self.resource),
            "context": self.context,
        }


def _uid(uid: Uid) -> dict[str, str]:
    return {"type": uid[0], "id": uid[1]}


class Asking(Struct, frozen=True):
    """Requests of one universe to ask at once, as cedarpy takes them, with their numbers."""

    universe: int
    numbers: list[int]
    requests: list[dict[str, Any]]


class Block(Struct, frozen=True, kw_only=True, dict=True):
    """All combinations of some principals, resources and contexts for one action.

    Contexts are JSON already: cedarpy would write each anew for every request.
    """

    universe: int
    action: Uid
    principals: tuple[Uid, ...]
    resources: tuple[Uid, ...]
    contexts: tuple[str, ...]

    @property
    def size(self) -> int:
        """The number of its requests."""
        return len(self.principals) * len(self.resources) * len(self.contexts)

    def _place(self, number: int) -> tuple[int, int, int]:
        number, context = divmod(number, len(self.contexts))
        principal, resource = divmod(number, len(self.resources))
        return principal, resource, context

    def question(self, number: int) -> Question:
        """The request of this number, from 0."""
        principal, resource, context = self._place(number)
        return Question(
            self.universe,
            self.principals[principal],
            self.action,
            self.resources[resource],
            self.contexts[context],
        )

    @cached_property
    def _uids(self) -> tuple[list[dict[str, str]], dict[str, str], list[dict[str, str]]]:
        return list(map(_uid, self.principals)), _uid(self.action), list(map(_uid, self.resources))

    def request(self, number: int) -> dict[str, Any]:
        """The same as cedarpy takes it; not to be changed, as its parts are shared."""
        principal, resource, context = self._place(number)
        principals, action, resources = self._uids
        return {
            "principal": principals[principal],
            "action": action,
            "resource": resources[resource],
            "context": self.contexts[context],
        }


class Space(Struct, frozen=True, dict=True):
    """All requests, numbered; of more than ``most`` of them a sample that ``seed`` decides.

    Of a sample each request stands for a stretch of the possible ones, and is taken from it at
    random: so every part of the space is in it, and any process finds the same.
    """

    blocks: tuple[Block, ...]
    most: int
    seed: int = 0

    @cached_property
    def _ends(self) -> list[int]:
        return list(accumulate(block.size for block in self.blocks))

    @cached_property
    def total(self) -> int:
        """How many requests are possible."""
        return self._ends[-1] if self.blocks else 0

    @cached_property
    def asked(self) -> int:
        """How many are asked."""
        return min(self.total, self.most)

    def question(self, number: int) -> Question:
        """The request of this number among those asked."""
        block, place = self._found(number)
        return block.question(place)

    def questions(self, start: int, stop: int) -> Iterator[Question]:
        """The requests of these numbers among those asked."""
        return map(self.question, range(start, stop))

    def batches(self, start: int, stop: int, most: int) -> Iterator[Asking]:
        """The requests of these numbers, at most ``most`` of one universe at once."""
        batch = Asking(-1, [], [])
        for number in range(start, stop):
            block, place = self._found(number)
            if block.universe != batch.universe or len(batch.numbers) >= most:
                if batch.numbers:
                    yield batch
                batch = Asking(block.universe, [], [])
            batch.numbers.append(number)
            batch.requests.append(block.request(place))
        if batch.numbers:
            yield batch

    def _found(self, number: int) -> tuple[Block, int]:
        """The block of a request, and its number there."""
        total, asked = self.total, self.asked
        place = number
        if asked < total:
            first, last = number * total // asked, (number + 1) * total // asked
            place = first + _scattered(self.seed, number) % (last - first)
        block = bisect_right(self._ends, place)
        return self.blocks[block], place - (self._ends[block - 1] if block else 0)


_MASK = 2**64 - 1


def _scattered(seed: int, number: int) -> int:
    """A number of 64 bits that looks random and is the same anywhere: SplitMix64's output."""
    mixed = (seed * 0x9E3779B97F4A7C15 + (number + 1) * 0xD1B54A32D192ED03) & _MASK
    mixed = ((mixed ^ (mixed >> 30)) * 0xBF58476D1CE4E5B9) & _MASK
    mixed = ((mixed ^ (mixed >> 27)) * 0x94D049BB133111EB) & _MASK
    return mixed ^ (mixed >> 31)
