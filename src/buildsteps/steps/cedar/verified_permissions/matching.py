"""Which policy of the store is which of the repository.

By the ``@id``; then by the text; then by the name or description that it was given in the store;
and what is left by likeness, so that an edit in the console shows as an edit.
"""

from collections import deque
from collections.abc import Callable, Hashable, Mapping, Sequence
from difflib import SequenceMatcher
from typing import Generic, TypeVar

from msgspec import Struct

from buildsteps.steps.cedar.policies.links import Link
from buildsteps.steps.cedar.policies.policy import Policy
from buildsteps.steps.cedar.stores.inputs import StoreInputs
from buildsteps.steps.cedar.trials.request import uid_pair
from buildsteps.steps.cedar.verified_permissions.deployed import Deployed, DeployedPolicy
from buildsteps.steps.cedar.verified_permissions.naming import own_id
from buildsteps.steps.cedar.verified_permissions.normal_text import normal_text

_ALIKE = 0.8
_MOST_COMPARED = 400
"""Pairs whose likeness is measured; more would take seconds, and be nobody's edit."""

Ours = TypeVar("Ours")


class Pair(Struct, Generic[Ours], frozen=True):
    """A policy, template or link on both sides, or on one."""

    ours: Ours | None
    theirs: DeployedPolicy | None


class Matched(Struct, frozen=True, kw_only=True):
    """What belongs together; ``known_as`` has our ids by the service's."""

    policies: tuple[Pair[Policy], ...]
    templates: tuple[Pair[Policy], ...]
    links: tuple[Pair[Link], ...]

    @property
    def known_as(self) -> dict[str, str]:
        """Our ids of what is deployed, by the service's."""
        policies = (*self.policies, *self.templates)
        return {
            **{one.theirs.id: one.ours.id for one in policies if one.ours and one.theirs},
            **{one.theirs.id: one.ours.id for one in self.links if one.ours and one.theirs},
        }


def matched(inputs: StoreInputs, deployed: Deployed) -> Matched:
    """Match all that the repository and the store hold."""
    static = [one for one in inputs.policies if not one.statement.is_template]
    templates = [one for one in inputs.policies if one.statement.is_template]
    of_templates = _policies(templates, deployed.templates)
    return Matched(
        policies=_policies(static, deployed.policies),
        templates=of_templates,
        links=_links(inputs.links, deployed.links, of_templates),
    )


def _policies(ours: Sequence[Policy], theirs: Sequence[DeployedPolicy]) -> tuple[Pair[Policy], ...]:
    pairing = _Pairing(ours, theirs)
    pairing.by(
        lambda one: _identified(one.statement.id_annotation, one.text),
        lambda one: _identified(own_id(one.text), one.text),
    )
    pairing.by(lambda one: one.statement.id_annotation, lambda one: own_id(one.text))
    pairing.by(lambda one: normal_text(one.text), lambda one: normal_text(one.text))
    pairing.by(lambda one: one.id, lambda one: one.name)
    pairing.by(lambda one: one.id, lambda one: one.description.removesuffix(".cedar"))
    _pair_alike(pairing)
    return pairing.pairs()


def _identified(name: str | None, text: str) -> tuple[str, str] | None:
    return (name, normal_text(text)) if name else None


def _links(
    ours: Sequence[Link], theirs: Sequence[DeployedPolicy], templates: Sequence[Pair[Policy]]
) -> tuple[Pair[Link], ...]:
    known = {one.theirs.id: one.ours.id for one in templates if one.ours and one.theirs}
    pairing = _Pairing(ours, theirs)
    pairing.by(
        lambda one: (one.template_id, _filled(one.values)),
        lambda one: (known.get(one.template), _filled(one.values)),
    )
    pairing.by(lambda one: one.id, lambda one: one.name)
    return pairing.pairs()


def _filled(values: Mapping[str, str]) -> frozenset[tuple[str, tuple[str, str]]]:
    return frozenset((slot, uid_pair(uid)) for slot, uid in values.items())


class _Pairing(Generic[Ours]):
    """What is not matched yet, and what is."""

    def __init__(self, ours: Sequence[Ours], theirs: Sequence[DeployedPolicy]) -> None:
        self._all = list(ours)
        self._left = {id(one): one for one in ours}
        self._theirs = {id(one): one for one in theirs}
        self._found: dict[int, DeployedPolicy] = {}

    @property
    def ours(self) -> list[Ours]:
        """What of the repository is not matched yet."""
        return list(self._left.values())

    @property
    def theirs(self) -> list[DeployedPolicy]:
        """What of the store is not matched yet."""
        return list(self._theirs.values())

    def by(
        self,
        ours: Callable[[Ours], Hashable],
        theirs: Callable[[DeployedPolicy], Hashable],
    ) -> None:
        """Match those that have the same key; one that is false is no key."""
        waiting: dict[Hashable, deque[DeployedPolicy]] = {}
        for deployed in self.theirs:
            if key := theirs(deployed):
                waiting.setdefault(key, deque()).append(deployed)
        for one in self.ours:
            candidates = waiting.get(ours(one)) if waiting else None
            if candidates:
                self.take(one, candidates.popleft())

    def take(self, ours: Ours, theirs: DeployedPolicy) -> None:
        """Match two."""
        self._found[id(ours)] = theirs
        del self._left[id(ours)], self._theirs[id(theirs)]

    def pairs(self) -> tuple[Pair[Ours], ...]:
        """All, those of the repository in its order, then what only the store has."""
        here: list[Pair[Ours]] = [Pair(one, self._found.get(id(one))) for one in self._all]
        there: list[Pair[Ours]] = [Pair(None, one) for one in self.theirs]
        return (*here, *there)


def _pair_alike(pairing: _Pairing[Policy]) -> None:
    if len(pairing.ours) * len(pairing.theirs) > _MOST_COMPARED:
        return
    for one in pairing.ours:
        rated = [(_likeness(one.text, other.text), other) for other in pairing.theirs]
        likeness, best = max(rated, key=lambda pair: pair[0], default=(0.0, None))
        if best is not None and likeness >= _ALIKE:
            pairing.take(one, best)


def _likeness(first: str, second: str) -> float:
    one, other = normal_text(first).split(), normal_text(second).split()
    matcher = SequenceMatcher(None, one, other, autojunk=False)
    return matcher.ratio() if matcher.quick_ratio() >= _ALIKE else 0.0
