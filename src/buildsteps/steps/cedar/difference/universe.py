"""The entities that requests are asked about: what the tests see, each combination once."""

from collections.abc import Iterable, Sequence
from typing import Any

import msgspec
from msgspec import Struct

from buildsteps.errors import UsageError
from buildsteps.results import Case, unjudged
from buildsteps.steps.cedar.difference.compared import Compared
from buildsteps.steps.cedar.proposals.cast import Cast
from buildsteps.steps.cedar.proposals.placeholders import Uid
from buildsteps.steps.cedar.schemas.model import SchemaModel
from buildsteps.steps.cedar.trials.entities import entity_documents
from buildsteps.steps.cedar.trials.entity_mistakes import uid_of
from buildsteps.steps.cedar.trials.trial import EntitySource
from buildsteps.steps.cedar.versions.version import StoreVersion, Version
from buildsteps.world import World


class Universe(Struct, frozen=True, kw_only=True):
    """Entities in Cedar's JSON, and their uids; ``made_up`` are those that no file has."""

    text: str
    uids: tuple[Uid, ...]
    made_up: tuple[Uid, ...] = ()


def universes_of(
    stores: Sequence[tuple[Version, StoreVersion]],
    given: Sequence[str],
    world: World,
    compared: Compared | None = None,
) -> list[Universe]:
    """The combinations of entities that the tests of these stores see, or those ``given`` as files.

    Combinations are kept apart: what is an attribute in one test may be another in the next.
    What a store has as entities and cannot be read is an error case, where ``compared`` takes it.

    Raises:
        UsageError: a given file of entities that is none, or one of a store without ``compared``.
    """
    if given:
        paths = tuple(world.path(path) for path in given)
        return [_universe(entity_documents(EntitySource(paths=paths), world))]
    found: dict[str, Universe] = {}
    for version, store in reversed(stores):
        for source in _sources(store):
            try:
                universe = _universe(entity_documents(source, version.world))
            except UsageError as error:
                if compared is None:
                    raise
                case = _unreadable(store, error)
                if case not in compared.cases:  # many tests share a file
                    compared.cases.append(case)
                continue
            found.setdefault(universe.text, universe)
    return list(found.values()) or [_universe([])]


def _unreadable(store: StoreVersion, error: UsageError) -> Case:
    places = (error.location,) if error.location else ()
    return unjudged(
        "entities", store.inputs.store.name, error.message, kind="entities", locations=places
    )


def _sources(store: StoreVersion) -> list[EntitySource]:
    """Those of tests; the files that no test names count together."""
    seen = dict.fromkeys(one.entities for one in store.inputs.trials if one.error is None)
    named = {path for source in seen for path in source.paths}
    rest = tuple(path for path in store.inputs.store.entities if path not in named)
    return [*seen, *([EntitySource(paths=rest)] if rest else [])]


def _universe(entities: Iterable[Any]) -> Universe:
    kept = [one for one in entities if isinstance(one, dict)]
    uids = [uid_of(one.get("uid")) for one in kept]
    known = {
        uid: one for uid, one in zip(uids, kept, strict=True) if uid is not None
    }  # of two of a uid the later: the engine would refuse both
    text = msgspec.json.encode(list(known.values()), order="deterministic").decode()
    return Universe(text=text, uids=tuple(known))


def peopled(universe: Universe, models: Sequence[SchemaModel], policies: str) -> Universe:
    """The universe with an entity of each type that requests are about and no file has."""
    added: dict[Uid, dict[str, Any]] = {}
    present = {kind for kind, _ in universe.uids}
    for model in models:
        cast = Cast(model, universe.uids, policies)
        for kind in dict.fromkeys(
            kind for one in model.actions.values() for kind in (*one.principals, *one.resources)
        ):
            if kind not in present and kind in model.entity_types and cast.can_play(kind):
                for uid in cast.of(kind):
                    added.setdefault(uid, cast.entity(uid))
    if not added:
        return universe
    documents = msgspec.json.decode(universe.text)
    documents += [
        {"uid": {"type": kind, "id": name}, "attrs": body.get("attrs", {}), "parents": []}
        for (kind, name), body in added.items()
    ]
    text = msgspec.json.encode(documents, order="deterministic").decode()
    return Universe(text=text, uids=(*universe.uids, *added), made_up=tuple(added))
