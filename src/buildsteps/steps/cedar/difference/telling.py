"""A change in sentences: who may now do what, and because of which policy."""

from collections.abc import Iterable, Iterator

from msgspec import Struct

from buildsteps.reporting.text import counted
from buildsteps.results import Location
from buildsteps.steps.cedar.difference.because import Because
from buildsteps.steps.cedar.difference.changes import Change, Kind
from buildsteps.steps.cedar.difference.numbering import Question, Space
from buildsteps.steps.cedar.proposals.placeholders import Uid
from buildsteps.steps.cedar.trials.request import shown

_NAMED = 3
_SHORTLY = 2
_REASONS = 5
_LISTED = 8
_LISTED_OF_REASONS = 3


class Told(Struct, frozen=True, kw_only=True):
    """A change for people: a name, a sentence, the reasons and requests, where to look."""

    name: str
    sentence: str
    detail: str
    places: tuple[Location, ...]


def told(change: Change, space: Space, sets: int, because: Because) -> Told:
    """Say what changed, why, and for which requests; ``sets`` of entities were tried."""
    kind = change.kind
    kept = [space.question(number) for number in change.numbers]
    why = list(because.sentences(kind, kept[0]))
    shortly = "; ".join(why[:_SHORTLY]) + ("; ..." if len(why) > _SHORTLY else "")
    return Told(
        name=_name(kind, kept[0]),
        sentence=f"{_what(change, kept, sets)}{': ' if shortly else ''}{shortly}",
        detail="\n".join([*_reasons(why), *_requests(change, kept)]),
        places=tuple(_places(kind, because)),
    )


def _reasons(why: list[str]) -> Iterator[str]:
    """All reasons, where the sentence had no room for them."""
    if len(why) <= _SHORTLY:
        return
    yield from (f"because  {one}" for one in why[:_REASONS])
    if len(why) > _REASONS:
        yield f"         and {counted(len(why) - _REASONS, 'more reason')}"


def _name(kind: Kind, first: Question) -> str:
    """Which kind of change this is, by the policies that it comes from."""
    policies = ", ".join(kind.culprits[:_NAMED]) or "no policy"
    policies = "several policies" if kind.several else policies
    if kind.decides:
        verb = "newly allowed" if kind.widens else "newly denied"
        return f"{verb} {first.action[1]} ({policies})"
    return f"{'other requests' if kind.only_possible else 'other reason'} ({policies})"


def _what(change: Change, kept: list[Question], sets: int) -> str:
    kind = change.kind
    number = counted(change.number, "request")
    if sets > 1:
        number += f" in {counted(len({one.universe for one in kept}), 'set')} of entities"
    who, what = (_some(one.principal for one in kept), _some(one.resource for one in kept))
    if kind.decides:
        verb = "may now" if kind.widens else "may no longer"
        return f"{who} {verb} {kept[0].action[1]} {what} ({number})"
    actions = _some(one.action for one in kept)
    if kind.only_possible:
        are, were = ("is", "was") if change.number == 1 else ("are", "were")
        if kind.after:
            return f"{number} about {actions} {are} new in the schema, and denied"
        what = "it" if change.number == 1 else "they"
        return f"{number} about {actions} {are} no longer in the schema; {what} {were} denied"
    decision = "allowed" if kind.after == "ALLOW" else "denied"
    return f"{number} still {decision}, but for another reason ({actions} by {who})"


def _some(uids: Iterable[Uid]) -> str:
    each = list(dict.fromkeys(uids))
    named = [f"`{uid[1]}`" for uid in each[:_NAMED]]
    if len(each) > _NAMED:
        return f"{', '.join(named)} and {len(each) - _NAMED:,} more"
    return " and ".join([", ".join(named[:-1]), named[-1]] if named[1:] else named)


def _requests(change: Change, kept: list[Question]) -> Iterator[str]:
    distinct: dict[tuple[Uid, Uid, Uid, str], int] = {}
    for one in kept:
        key = (one.principal, one.action, one.resource, one.context_json)
        distinct[key] = distinct.get(key, 0) + 1
    most = _LISTED if change.kind.decides else _LISTED_OF_REASONS
    listed = list(distinct.items())[:most]
    for (principal, action, resource, context), number in listed:
        uids = (principal, action, resource)
        words = "  ".join(shown({"type": kind, "id": name}) for kind, name in uids)
        within = f"  context {context}" if context != "{}" else ""
        several = f"  (in {number} sets of entities)" if number > 1 else ""
        yield f"request  {words}{within}{several}"
    left = change.number - sum(number for _, number in listed)
    if left:
        yield f"         and {counted(left, 'more request')}"


def _places(kind: Kind, because: Because) -> Iterator[Location]:
    """Where the policies stand that no longer apply, or now do; in the new version if there."""
    for name in kind.culprits:
        place = because.after.location(name) or because.before.location(name)
        if place is not None:
            yield place
