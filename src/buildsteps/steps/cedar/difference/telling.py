"""A change in sentences: who may now do what, and because of which policy."""

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

import msgspec
from msgspec import Struct

from buildsteps.reporting.text import counted
from buildsteps.results import Location
from buildsteps.steps.cedar import engine
from buildsteps.steps.cedar.difference.asking import Change, Kind
from buildsteps.steps.cedar.difference.side import Built, policy_named
from buildsteps.steps.cedar.difference.space import Question
from buildsteps.steps.cedar.difference.universe import Universe
from buildsteps.steps.cedar.proposals.placeholders import Uid
from buildsteps.steps.cedar.trials.request import shown

_NAMED = 3
_LISTED = 20


class Told(Struct, frozen=True, kw_only=True):
    """A change for people: one line, the reasons and requests below it, where to look."""

    sentence: str
    detail: str
    places: tuple[Location, ...]


def told(change: Change, before: Built, after: Built, universes: Sequence[Universe]) -> Told:
    """Say what changed, why, and for which requests."""
    kind, first = change.kind, change.examples[0]
    why = list(_reasons(kind, first, before, after, universes))
    lines = [f"because  {one}" for one in why] + list(_requests(change))
    sentence = f"{_who(change)} {_verb(kind)} {_what(change)}"
    number = len(_distinct(change)) if change.number == len(change.examples) else change.number
    if number > 1:
        sentence += f" ({counted(number, 'request')})"
    if why:
        sentence += f": {why[0]}"
    return Told(
        sentence=sentence, detail="\n".join(lines), places=tuple(_places(kind, before, after))
    )


def _verb(kind: Kind) -> str:
    if kind.widens:
        return f"may now {kind.action[1]}"
    if kind.decides:
        return f"may no longer {kind.action[1]}"
    if kind.before.decision and kind.after.decision:
        still = "may still" if kind.after.decision == "ALLOW" else "may still not"
        return f"{still}, for another reason, {kind.action[1]}"
    return f"can {'now' if kind.after.decision else 'no longer'} be asked about {kind.action[1]}"


def _who(change: Change) -> str:
    return _some([one.principal for one in change.examples])


def _what(change: Change) -> str:
    return _some([one.resource for one in change.examples])


def _some(uids: Iterable[Uid]) -> str:
    each = list(dict.fromkeys(uids))
    named = ", ".join(f"`{uid[1]}`" for uid in each[:_NAMED])
    return f"{named} and {len(each) - _NAMED:,} more" if len(each) > _NAMED else named


def _reasons(
    kind: Kind, first: Question, before: Built, after: Built, universes: Sequence[Universe]
) -> Iterator[str]:
    for name in kind.before.reasons:
        if name not in kind.after.reasons:
            yield _gone(name, kind, first, after, universes)
    for name in kind.after.reasons:
        if name not in kind.before.reasons:
            new = policy_named(before, name) is None
            effect = _effect(name, after)
            yield f"`{name}` is new and {effect}s it" if new else f"`{name}` now {effect}s it"
    if kind.before.decision == "ALLOW" and kind.after.decision == "DENY" and not kind.after.reasons:
        yield "no other policy permits it"
    if (
        kind.before.decision == "DENY"
        and not kind.before.reasons
        and kind.after.decision == "ALLOW"
    ):
        return
    if not kind.before.decision or not kind.after.decision:
        version = "new" if kind.before.decision else "old"
        yield f"the {version} schema knows no such request"


def _gone(
    name: str, kind: Kind, first: Question, after: Built, universes: Sequence[Universe]
) -> str:
    if policy_named(after, name) is None:
        return f"`{name}` is gone"
    if not kind.after.decision:
        return f"`{name}` is not asked"
    engine_id = next(key for key, one in after.side.names.items() if one == name)
    schema = after.side.schema_handle()
    entities = _entities(universes[first.universe].text, schema)
    (answer,) = engine.authorize([first.arguments()], after.side.policy_set(), entities, schema)
    for policy, message in answer.errors:
        if policy == engine_id:
            return f"`{name}` no longer applies, its evaluation fails: {message}"
    miss = _miss(engine_id, _effect(name, after), first, after, entities, schema)
    return f"`{name}` no longer applies{miss}"


def _entities(text: str, schema: engine.Schema | None) -> Any:
    try:
        return engine.Entities.from_json_str(text, schema)
    except ValueError:
        return engine.Entities.from_json_str(text, None)


def _miss(
    engine_id: str,
    effect: str,
    first: Question,
    after: Built,
    entities: Any,
    schema: engine.Schema | None,
) -> str:
    """Which part of a policy does not hold any more."""
    from buildsteps.steps.cedar.answers.near_miss import Probes, probes_of

    only = tuple(
        one for one in probes_of(after.index, effect).candidates if one.engine_id == engine_id
    )
    for found in Probes(only).near_misses(first.arguments(), entities, schema):
        return f": {found.sentence()}"
    return ""


def _effect(name: str, built: Built) -> str:
    policy = policy_named(built, name)
    return "forbid" if policy is not None and policy.statement.effect == "forbid" else "permit"


def _requests(change: Change) -> Iterator[str]:
    distinct = _distinct(change)
    for (principal, action, resource, context), number in list(distinct.items())[:_LISTED]:
        uids = (principal, action, resource)
        words = "  ".join(shown({"type": kind, "id": name}) for kind, name in uids)
        within = f"  context {context}" if context != "{}" else ""
        several = f"  (in {number} sets of entities)" if number > 1 else ""
        yield f"request  {words}{within}{several}"
    more = len(distinct) - _LISTED
    beyond = change.number - len(change.examples)
    if more > 0 or beyond > 0:
        yield f"         and {counted(max(more, 0) + beyond, 'more request')}"


def _distinct(change: Change) -> dict[tuple[Uid, Uid, Uid, str], int]:
    """The requests that are kept, and in how many sets of entities each changed."""
    found: dict[tuple[Uid, Uid, Uid, str], int] = {}
    for one in change.examples:
        key = (one.principal, one.action, one.resource, _json(one.context))
        found[key] = found.get(key, 0) + 1
    return found


def _json(value: Any) -> str:
    return msgspec.json.encode(value).decode()


def _places(kind: Kind, before: Built, after: Built) -> Iterator[Location]:
    """Where the policies stand that no longer apply, or now do; in the new version if there."""
    named = [one for one in kind.before.reasons if one not in kind.after.reasons]
    named += [one for one in kind.after.reasons if one not in kind.before.reasons]
    for name in named:
        policy = policy_named(after, name) or policy_named(before, name)
        if policy is not None:
            yield policy.location
