"""The entities that tests see; when the engine refuses them, which one and why."""

from collections.abc import Iterator, Mapping, Sequence
from functools import cached_property
from typing import Any

import msgspec
from msgspec import Struct

from buildsteps.errors import BuildstepsError, UnreadableError, UsageError
from buildsteps.results import Location
from buildsteps.source import SourceText
from buildsteps.steps.cedar import engine
from buildsteps.steps.cedar.text import json_text
from buildsteps.steps.cedar.trials.entity_mistakes import (
    KEYS,
    NO_OBJECT,
    Model,
    Uid,
    refusal,
    shown_uid,
    uid_of,
    unknown_key,
)
from buildsteps.steps.cedar.trials.trial import EntitySource
from buildsteps.world import World


class UnknownKey(Struct, frozen=True):
    """A key of an entity that the engine passes over; without a place it is in the test itself."""

    message: str
    location: Location | None


class EntityData(Struct, frozen=True):
    """Entities ready for the engine; ``error`` says why there are none.

    ``uids`` are ``(type, id)`` pairs. ``unchecked`` is the complaint of the schema that was set
    aside because checks are off. An error without a place is about what the test itself holds.
    """

    handle: Any = "[]"
    uids: frozenset[Uid] = frozenset()
    error: BuildstepsError | None = None
    unchecked: str = ""
    unknown_keys: tuple[UnknownKey, ...] = ()


class _File(Struct, frozen=True, dict=True):
    """An entities file and what it holds."""

    source: SourceText
    entities: list[Any]

    @cached_property
    def _offsets(self) -> list[int]:
        return json_text.element_offsets(self.source.text)

    def place(self, number: int) -> tuple[Location, str]:
        """Where the entity of that number stands, and the line."""
        start = self._offsets[number] if number < len(self._offsets) else 0
        return self.source.location(start), self.source.excerpt(start)


def load_entities(
    wanted: EntitySource,
    schema: engine.Schema | None,
    model: Model,
    world: World,
    *,
    checked: bool = True,
) -> EntityData:
    """Load the entities that a test sees: its files together, then what it lays over them.

    With ``checked`` they must conform to the schema; without, the schema is used where they do,
    because it also brings the action groups.
    """
    try:
        files = [_read(SourceText(world.shown(p), world.files.read_text(p))) for p in wanted.paths]
        overlay = _overlay(wanted.overlay) if wanted.overlay else []
        return _parse(files, overlay, schema, model)
    except UsageError as error:
        if checked or schema is None or isinstance(error, UnreadableError):
            return EntityData(error=error)
        without = load_entities(wanted, None, model, world)
        if without.error:
            return without
        return msgspec.structs.replace(without, unchecked=str(error))


def entity_documents(wanted: EntitySource, world: World) -> list[Any]:
    """The entities that a test sees as JSON, with what it lays over them.

    Raises:
        UsageError: a file cannot be read, or is no list of entities.
    """
    files = [_read(SourceText(world.shown(p), world.files.read_text(p))) for p in wanted.paths]
    overlay = _overlay(wanted.overlay) if wanted.overlay else []
    return _laid_over([entity for file in files for entity in file.entities], overlay)


def _read(source: SourceText) -> _File:
    document = json_text.decode(source)
    if not isinstance(document, list):
        raise UsageError("expected a list of entities", source.location(0))
    return _File(source, document)


def _overlay(text: str) -> list[Any]:
    overlay: list[Any] = msgspec.json.decode(text)
    for number, entity in enumerate(overlay):
        if not isinstance(entity, Mapping):
            raise UsageError(f"entity number {number + 1} of the test: {NO_OBJECT}")
    return overlay


def _parse(
    files: Sequence[_File], overlay: Sequence[Any], schema: engine.Schema | None, model: Model
) -> EntityData:
    entities = [entity for file in files for entity in file.entities]
    try:
        if overlay:
            entities = _laid_over(entities, overlay)
            text = msgspec.json.encode(entities).decode()
            handle = engine.Entities.from_json_str(text, schema)
        else:
            handle = engine.Entities.from_json_str(files[0].source.text if files else "[]", schema)
            for file in files[1:]:
                handle = handle.with_added_json_str(file.source.text, schema)
    except ValueError as error:
        _blame(files, overlay, schema, model)
        place = files[0].source.location(0) if files else None
        raise UsageError(f"the entities do not fit together: {error}", place) from None
    known = (uid_of(entity["uid"]) for entity in entities)
    return EntityData(
        handle,
        frozenset(uid for uid in known if uid is not None),
        unknown_keys=tuple(_unknown_keys(files, overlay)),
    )


def _laid_over(entities: Sequence[Any], overlay: Sequence[Any]) -> list[Any]:
    """Entities of the same uid become one: the later one's attributes, parents and tags win."""
    merged: dict[object, Any] = {}
    for number, entity in enumerate(entities):
        key = uid_of(entity.get("uid")) if isinstance(entity, Mapping) else None
        # a second one in the files is left for the engine to refuse
        merged[number if key is None or key in merged else key] = entity
    for number, entity in enumerate(overlay):
        key = uid_of(entity.get("uid"))
        below = {"attrs": {}, "parents": []} if key is None else merged.get(key)
        merged[("overlay", number) if key is None else key] = _merged(below, entity)
    return list(merged.values())


def _merged(below: Any, entity: Mapping[str, Any]) -> dict[str, Any]:
    if not isinstance(below, Mapping):
        return {"attrs": {}, "parents": [], **entity}
    both = {**below, **entity}
    for part in ("attrs", "tags"):
        if isinstance(below.get(part), Mapping) and isinstance(entity.get(part), Mapping):
            both[part] = {**below[part], **entity[part]}
    return both


def _unknown_keys(files: Sequence[_File], overlay: Sequence[Any]) -> Iterator[UnknownKey]:
    for file in files:
        for number, entity in enumerate(file.entities):
            if not entity.keys() <= KEYS:
                yield UnknownKey(unknown_key(entity, number), file.place(number)[0])
    for number, entity in enumerate(overlay):
        if not entity.keys() <= KEYS:
            yield UnknownKey(unknown_key(entity, number), None)


def _blame(
    files: Sequence[_File], overlay: Sequence[Any], schema: engine.Schema | None, model: Model
) -> None:
    """Find the entity that the engine refuses on its own, and say why.

    Raises:
        UsageError: there is one; without a place where the test itself had a hand in it.
    """
    over = {shown_uid(entity, number) for number, entity in enumerate(overlay)}
    for file in files:
        for number, entity in enumerate(file.entities):
            if shown_uid(entity, number) not in over:
                reason = refusal(entity, number, schema, model)
                if reason:
                    place, excerpt = file.place(number)
                    raise UsageError(reason, place, excerpt)
    if overlay:
        entities = [entity for file in files for entity in file.entities]
        for number, entity in enumerate(_laid_over(entities, overlay)):
            reason = refusal(entity, number, schema, model)
            if reason:
                raise UsageError(reason)
