"""Which policy almost applied to a request, and which part of it did not hold.

The parts of policies are asked about as permits of their own: those that hold are exactly the
determining policies. All scopes come first, then the conditions of the nearest only.
"""

from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache
from typing import Any

from msgspec import Struct

from buildsteps.steps.cedar import engine
from buildsteps.steps.cedar.answers.clauses import Part, parts_of
from buildsteps.steps.cedar.policies.policy import PolicyIndex
from buildsteps.steps.cedar.text.syntax import split

LIMIT = 3
"""More near misses than this are no explanation."""

MOST_FAILED = 2
"""A policy whose scope does not match and of which more parts fail is not near."""

MOST_CLAUSES = 300
"""About so many clauses of conditions are evaluated for a request, the nearest scopes' first."""

Outcomes = Mapping[str, str | None]
"""By probe: None where it holds, else the error, which is empty where it is merely false."""


class Candidate(Struct, frozen=True):
    """A policy, or a link with its template's text; ``values`` are the uids of the slots."""

    engine_id: str
    text: str
    effect: str
    values: Mapping[str, str] = {}


class FailedPart(Struct, frozen=True):
    """A part that did not hold, or with ``error`` could not be evaluated."""

    part: Part
    error: str = ""

    def sentence(self) -> str:
        """What failed, as a clause that follows the policy's name."""
        kind, text = self.part.kind, self.part.text
        if kind not in ("when", "unless"):
            return f"its {kind} does not match `{text}`"
        what = (
            f"its condition `{text}`" if kind == "when" else f"its exception `unless {{ {text} }}`"
        )
        if self.error:
            return f"{what} cannot be evaluated: {self.error}"
        return f"{what} is false" if kind == "when" else f"{what} holds"


class NearMiss(Struct, frozen=True):
    """A policy that would have applied, had ``failed`` held as ``held`` other parts did.

    ``unknown`` counts the parts that cannot be evaluated for want of an earlier one.
    """

    engine_id: str
    failed: tuple[FailedPart, ...]
    held: int = 0
    unknown: int = 0

    def sentence(self) -> str:
        """All that failed."""
        return "; ".join(one.sentence() for one in self.failed)


class Parted(Struct, frozen=True):
    """A candidate taken apart."""

    engine_id: str
    scope: tuple[Part, ...]
    clauses: tuple[Part, ...]

    def miss(self, outcomes: Outcomes) -> NearMiss:
        """What failed; errors after the first failure say nothing: that part may be the guard."""
        failed: list[FailedPart] = []
        held = unknown = 0
        for part in (*self.scope, *self.clauses):
            error = outcomes[part.probe]
            if error is None:
                held += 1
            elif error and failed:
                unknown += 1
            else:
                failed.append(FailedPart(part, error))
        return NearMiss(self.engine_id, tuple(failed), held, unknown)

    def distance(self, outcomes: Outcomes) -> tuple[int, int]:
        """How many elements of the scope do not match; then how broad those are that do."""
        matching = [part for part in self.scope if outcomes[part.probe] is None]
        return len(self.scope) - len(matching), -sum(part.narrowness for part in matching)


class Probes(Struct, frozen=True):
    """The policies of one effect, taken apart once for many requests."""

    candidates: tuple[Parted, ...]

    def near_misses(
        self,
        request: dict[str, Any],
        entities: Any,
        schema: engine.Schema | None,
        limit: int = LIMIT,
    ) -> tuple[NearMiss, ...]:
        """The nearest policies, those with the fewest failed parts first, then the narrowest.

        None where the request does not fit the schema, or nothing is near.
        """
        scopes = [part for one in self.candidates for part in one.scope]
        outcomes = _outcomes(scopes, request, entities, schema)
        if outcomes is None:
            return ()
        chosen = _chosen([one for one in self.candidates if _known(one.scope, outcomes)], outcomes)
        clauses = [part for one in chosen for part in one.clauses]
        more = _outcomes(clauses, request, entities, schema)
        if more is None:
            return ()
        return _nearest(chosen, {**outcomes, **more}, limit)


def near_misses(
    candidates: Iterable[Candidate],
    effect: str,
    request: dict[str, Any],
    entities: Any,
    schema: engine.Schema | None,
    limit: int = LIMIT,
) -> tuple[NearMiss, ...]:
    """The candidates of an effect that almost applied; for many requests, keep the `Probes`."""
    return taken_apart(candidates, effect).near_misses(request, entities, schema, limit)


def taken_apart(candidates: Iterable[Candidate], effect: str) -> Probes:
    """Prepare the candidates of an effect; a template without values applies to nothing."""
    wanted = [one for one in candidates if one.effect == effect and not _is_unlinked(one)]
    return Probes(tuple(_parted(one) for one in wanted))


def probes_of(index: PolicyIndex, effect: str) -> Probes:
    """Prepare every policy and link of an effect."""
    static = (
        Candidate(f"policy{number}", policy.text, policy.effect)
        for number, policy in enumerate(index.policies)
        if policy.effect == effect and not policy.statement.is_template
    )
    linked = (
        Candidate(engine_id, one.template.text, one.template.effect, one.values)
        for engine_id, one in index.links.items()
    )
    return taken_apart((*static, *linked), effect)


def _is_unlinked(one: Candidate) -> bool:
    return "?" in one.text and not one.values and any(part.is_template for part in split(one.text))


def _parted(one: Candidate) -> Parted:
    parts = parts_of(one.text, one.values)
    scope = tuple(part for part in parts if part.kind not in ("when", "unless"))
    return Parted(one.engine_id, scope, parts[len(scope) :])


def _outcomes(
    parts: Iterable[Part], request: dict[str, Any], entities: Any, schema: engine.Schema | None
) -> Outcomes | None:
    """Which parts hold, without those that do not parse; None where the request is refused."""
    probes, policies = _parsed(tuple(dict.fromkeys(part.probe for part in parts)))
    if not probes:
        return {}
    (answer,) = engine.authorize([request], policies, entities, schema)
    if not answer.decision:
        return None
    held = set(answer.reasons)
    errors = dict(answer.errors)
    ids = [f"policy{number}" for number in range(len(probes))]
    return {
        probe: None if one in held else errors.get(one, "")
        for one, probe in zip(ids, probes, strict=True)
    }


@lru_cache(maxsize=64)
def _parsed(probes: tuple[str, ...]) -> tuple[tuple[str, ...], engine.PolicySet | str]:
    """Parse probes together; a bad one spoils no other, and the same are parsed only once."""
    policies = engine.parse_policies("\n".join(probes))
    if policies is None:
        probes = tuple(one for one in probes if engine.parse_error(one) is None)
        policies = engine.parse_policies("\n".join(probes))
    return probes, policies or ""


def _known(parts: Iterable[Part], outcomes: Outcomes) -> bool:
    return all(part.probe in outcomes for part in parts)


def _chosen(candidates: Sequence[Parted], outcomes: Outcomes) -> Sequence[Parted]:
    """Those whose conditions are worth asking about: all, or where they are many the nearest."""
    room = MOST_CLAUSES
    if sum(len(one.clauses) for one in candidates) <= room:
        return candidates
    acting = [one for one in candidates if _acts(one, outcomes)]
    chosen = []
    for one in sorted(acting, key=lambda one: one.distance(outcomes)):
        if room > 0 or not one.clauses:
            chosen.append(one)
            room -= len(one.clauses)
    return chosen


def _acts(one: Parted, outcomes: Outcomes) -> bool:
    return all(outcomes[part.probe] is None for part in one.scope if part.kind == "action")


def _nearest(candidates: Iterable[Parted], outcomes: Outcomes, limit: int) -> tuple[NearMiss, ...]:
    """The near ones in order; where only the action fits, none if they are too many to tell."""
    misses = [(one.miss(outcomes), one) for one in candidates if _known(one.clauses, outcomes)]
    ranked = sorted(
        (pair for pair in misses if _is_near(pair[0])),
        key=lambda pair: (len(pair[0].failed), pair[0].unknown, pair[1].distance(outcomes)[1]),
    )
    near = [miss for miss, _ in ranked]
    clear = [one for one in near if not {"principal", "resource"} <= _kinds(one)]
    return tuple(clear[:limit] if clear or len(near) > limit else near)


def _is_near(miss: NearMiss) -> bool:
    kinds = _kinds(miss)
    few = len(miss.failed) <= MOST_FAILED or kinds <= {"when", "unless"}
    return bool(kinds) and few and "action" not in kinds


def _kinds(miss: NearMiss) -> set[str]:
    return {one.part.kind for one in miss.failed}
