"""Which policy almost applied to a request, and which part of it did not hold."""

from collections.abc import Sequence
from typing import Any

from msgspec import Struct

from buildsteps.steps.cedar import engine
from buildsteps.steps.cedar.clauses import Part, parts_of
from buildsteps.steps.cedar.policies import PolicyIndex

LIMIT = 3
"""More near misses than this are no explanation."""

MOST_FAILED = 2
"""A policy of which more parts fail is not near."""


class FailedPart(Struct, frozen=True):
    """A part that did not hold, or with ``error`` could not be evaluated."""

    part: Part
    error: str = ""

    def sentence(self) -> str:
        """What failed, as a clause that follows the policy's name."""
        if self.part.kind == "unless":
            what = f"its exception `unless {{ {self.part.text} }}`"
            return f"{what} cannot be evaluated: {self.error}" if self.error else f"{what} holds"
        if self.part.kind != "when":
            return f"its {self.part.kind} does not match `{self.part.text}`"
        what = f"its condition `{self.part.text}`"
        return f"{what} cannot be evaluated: {self.error}" if self.error else f"{what} is false"


class NearMiss(Struct, frozen=True):
    """A policy that would have applied, had ``failed`` held."""

    engine_id: str
    failed: tuple[FailedPart, ...]

    def sentence(self) -> str:
        """All that failed."""
        return "; ".join(one.sentence() for one in self.failed)


class Probes(Struct, frozen=True):
    """The parts of all policies of one effect, parsed once as a set of permits."""

    owners: tuple[str, ...]
    parts: tuple[Part, ...]
    policies: engine.PolicySet

    def near_misses(
        self, request: dict[str, Any], entities: Any, schema: engine.Schema | None
    ) -> list[NearMiss]:
        """The nearest policies, those with the fewest failed parts first."""
        if not self.parts:
            return []
        (answer,) = engine.authorize([request], self.policies, entities, schema)
        held = {engine.position(one) for one in answer.reasons}
        errors = {engine.position(one): message for one, message in answer.errors}
        failed: dict[str, list[FailedPart]] = {}
        for number, (owner, part) in enumerate(zip(self.owners, self.parts, strict=True)):
            failed.setdefault(owner, [])
            if number not in held:
                failed[owner].append(FailedPart(part, errors.get(number, "")))
        misses = [NearMiss(owner, _telling(parts)) for owner, parts in failed.items()]
        near = [one for one in misses if _is_near(one)]
        return sorted(near, key=lambda one: len(one.failed))[:LIMIT]


def probes_of(index: PolicyIndex, effect: str) -> Probes:
    """Take apart every policy and link of an effect; one that has no parts is never a miss."""
    candidates: list[tuple[str, str, dict[str, str]]] = [
        (f"policy{number}", policy.text, {})
        for number, policy in enumerate(index.policies)
        if policy.effect == effect and not policy.statement.is_template
    ] + [
        (engine_id, one.template.text, dict(one.values))
        for engine_id, one in index.links.items()
        if one.template.effect == effect
    ]
    found = [(owner, part) for owner, text, values in candidates for part in parts_of(text, values)]
    policies = engine.parse_policies("\n".join(part.probe for _, part in found))
    if policies is None:  # a probe that does not parse spoils no other policy's explanation
        broken = {owner for owner, part in found if engine.parse_error(part.probe)}
        found = [(owner, part) for owner, part in found if owner not in broken]
        policies = engine.PolicySet.from_str("\n".join(part.probe for _, part in found))
    return Probes(tuple(owner for owner, _ in found), tuple(part for _, part in found), policies)


def _telling(failed: Sequence[FailedPart]) -> tuple[FailedPart, ...]:
    """Leave out errors of clauses that an earlier one guards: ``x has y && x.y == 1``."""
    kept: list[FailedPart] = []
    for one in failed:
        guarded = any(other.part.kind in ("when", "unless") for other in kept)
        if not (one.error and guarded):
            kept.append(one)
    return tuple(kept)


def _is_near(miss: NearMiss) -> bool:
    kinds = [one.part.kind for one in miss.failed]
    return 0 < len(kinds) <= MOST_FAILED and "action" not in kinds
