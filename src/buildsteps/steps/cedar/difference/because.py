"""Why a request is decided differently: which policy came, went, or no longer applies."""

from collections.abc import Iterator, Sequence
from functools import lru_cache

from buildsteps.steps.cedar import engine
from buildsteps.steps.cedar.answers.near_miss import Probes, probes_of
from buildsteps.steps.cedar.difference.changes import Kind
from buildsteps.steps.cedar.difference.numbering import Question
from buildsteps.steps.cedar.difference.side import Built


class Because:
    """The reasons of changes between two sides; asks the newer one again where it must."""

    def __init__(self, before: Built, after: Built, universes: Sequence[str]) -> None:
        self.before, self.after = before, after
        self._schema = after.side.schema_handle()
        self._policies = after.side.policy_set()
        self._probes = lru_cache(maxsize=2)(lambda effect: probes_of(after.index, effect))
        self._entities = lru_cache(maxsize=8)(
            lambda number: engine.any_entities(universes[number], self._schema)[0]
        )

    def sentences(self, kind: Kind, first: Question) -> Iterator[str]:
        """Why requests of this kind changed, told by the first of them."""
        if kind.several:
            yield "the policies behind it differ from request to request"
            return
        if kind.decides and not (kind.before and kind.after):
            yield f"the {'old' if kind.after else 'new'} schema knows no such request"
        if kind.after and not kind.overruled:
            for name in kind.gone:
                yield self._gone(name, first)
        for name in kind.new:
            yield self._came(name, kind)
        if kind.before == "ALLOW" and kind.after == "DENY" and not kind.new:
            yield "no other policy permits it"

    def _came(self, name: str, kind: Kind) -> str:
        effect = _effect(self.after, name)
        if self.before.policy(name) is None:
            return f"`{name}` is new and {effect}s it"
        after_forbid = kind.before == "DENY" and effect == "permit" and bool(kind.gone)
        return f"`{name}` {'' if after_forbid else 'now '}{effect}s it"

    def _gone(self, name: str, first: Question) -> str:
        engine_id = self.after.engine_id(name)
        if engine_id is None:
            return f"`{name}` is gone"
        (answer,) = engine.authorize(
            [first.arguments()], self._policies, self._entities(first.universe), self._schema
        )
        for policy, message in answer.errors:
            if policy == engine_id:
                return f"`{name}` no longer applies, its evaluation fails: {message}"
        return f"`{name}` no longer applies{self._miss(engine_id, name, first)}"

    def _miss(self, engine_id: str, name: str, first: Question) -> str:
        """Which part of a policy does not hold any more."""
        candidates = self._probes(_effect(self.after, name)).candidates
        only = Probes(tuple(one for one in candidates if one.engine_id == engine_id))
        entities = self._entities(first.universe)
        for found in only.near_misses(first.arguments(), entities, self._schema):
            return f": {found.sentence()}"
        return ""


def _effect(built: Built, name: str) -> str:
    policy = built.policy(name)
    return "forbid" if policy is not None and policy.statement.effect == "forbid" else "permit"
