"""The entities that tests see; when the engine refuses them, which one and why."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import msgspec
from msgspec import Struct

from buildsteps.errors import BuildstepsError, UnreadableError, UsageError
from buildsteps.nearest import suggestion
from buildsteps.source import SourceText
from buildsteps.steps.cedar import engine
from buildsteps.steps.cedar.text import json_text
from buildsteps.steps.cedar.trials.trial import EntitySource
from buildsteps.world import World

if TYPE_CHECKING:
    from buildsteps.steps.cedar.schemas.model import SchemaModel

Model = Callable[[], "SchemaModel | None"]

_NO_OBJECT = "expected an object with `uid`, `attrs` and `parents`"


class EntityData(Struct, frozen=True):
    """Entities ready for the engine; ``error`` says why there are none.

    ``uids`` are ``(type, id)`` pairs. ``unchecked`` is the complaint of the schema that was set
    aside because checks are off.
    """

    handle: Any = "[]"
    uids: frozenset[tuple[str, str]] = frozenset()
    error: BuildstepsError | None = None
    unchecked: str = ""


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
        sources = [
            SourceText(world.shown(path), world.files.read_text(path)) for path in wanted.paths
        ]
        documents = [_decode(source) for source in sources]
        if wanted.overlay:
            sources, documents = _laid_over(sources, documents, wanted)
        return _parse(sources, documents, schema, model)
    except UsageError as error:
        if checked or schema is None or isinstance(error, UnreadableError):
            return EntityData(error=error)
        without = load_entities(wanted, None, model, world)
        if without.error:
            return without
        return msgspec.structs.replace(without, unchecked=str(error))


def _laid_over(
    sources: Sequence[SourceText], documents: Sequence[list[Any]], wanted: EntitySource
) -> tuple[list[SourceText], list[list[Any]]]:
    """Entities of the same uid become one: the later one's attributes, parents and tags win."""
    over: dict[str, Mapping[str, Any]] = {}
    for number, entity in enumerate(msgspec.json.decode(wanted.overlay)):
        if not isinstance(entity, Mapping):
            raise UsageError(f"entity number {number + 1} of the test: {_NO_OBJECT}")
        uid = shown_uid(entity, number)
        over[uid] = _merged(over[uid], entity) if uid in over else entity
    merged = []
    for entity in (entity for document in documents for entity in document):
        new = over.pop(shown_uid(entity, -1), None) if isinstance(entity, Mapping) else None
        merged.append(entity if new is None else _merged(entity, new))
    merged += [{"attrs": {}, "parents": [], **entity} for entity in over.values()]
    path = sources[0].path if sources else "the test's entities"
    return [SourceText(path, msgspec.json.encode(merged).decode())], [merged]


def _merged(entity: Mapping[str, Any], new: Mapping[str, Any]) -> dict[str, Any]:
    both = {**entity, **new}
    for part in ("attrs", "tags"):
        if isinstance(entity.get(part), Mapping) and isinstance(new.get(part), Mapping):
            both[part] = {**entity[part], **new[part]}
    return both


def _decode(source: SourceText) -> list[Any]:
    document = json_text.decode(source)
    if not isinstance(document, list):
        raise UsageError("expected a list of entities", source.location(0))
    return document


def _parse(
    sources: Sequence[SourceText],
    documents: Sequence[list[Any]],
    schema: engine.Schema | None,
    model: Model,
) -> EntityData:
    try:
        first = sources[0].text if sources else "[]"
        handle = engine.Entities.from_json_str(first, schema)
        for source in sources[1:]:
            handle = handle.with_added_json_str(source.text, schema)
    except ValueError as error:
        for source, document in zip(sources, documents, strict=True):
            _blame(source, document, schema, model)
        place = sources[0].location(0)
        raise UsageError(f"the entities do not fit together: {error}", place) from None
    uids = frozenset(uid for document in documents for uid in _uids(document))
    return EntityData(handle, uids)


def _uids(document: Sequence[Any]) -> Iterator[tuple[str, str]]:
    for entity in document:
        uid = _uid(entity["uid"])
        if uid is not None:
            yield uid


def _blame(
    source: SourceText, document: Sequence[Any], schema: engine.Schema | None, model: Model
) -> None:
    """Find the entity that the engine refuses on its own, and say why."""
    offsets = json_text.element_offsets(source.text)
    for number, entity in enumerate(document):
        text = msgspec.json.encode([entity]).decode()
        try:
            engine.Entities.from_json_str(text, schema)
        except ValueError as error:
            start = offsets[number] if number < len(offsets) else 0
            shape = _shape_problem(entity)
            reason = shape or (_misfit(entity, model()) if schema else "") or str(error)
            message = f"entity {shown_uid(entity, number)}: {reason}"
            raise UsageError(message, source.location(start), source.excerpt(start)) from None


def shown_uid(entity: Any, number: int) -> str:
    """An entity as messages name it: its uid, else its number in the file."""
    uid = _uid(entity.get("uid")) if isinstance(entity, Mapping) else None
    return f"number {number + 1}" if uid is None else f'{uid[0]}::"{uid[1]}"'


def _uid(value: Any) -> tuple[str, str] | None:
    """Type and id of a uid in Cedar's JSON, or None where it is none."""
    if not isinstance(value, Mapping):
        return None
    inner = value["__entity"] if isinstance(value.get("__entity"), Mapping) else value
    kind, name = inner.get("type"), inner.get("id")
    return (kind, name) if isinstance(kind, str) and isinstance(name, str) else None


def _shape_problem(entity: Any) -> str:
    """What is wrong with the form that Cedar's JSON entities have, or nothing."""
    if not isinstance(entity, Mapping):
        return _NO_OBJECT
    missing = [key for key in ("uid", "attrs", "parents") if key not in entity]
    if missing:
        return f"the key `{missing[0]}` is missing"
    unknown = [key for key in entity if key not in ("uid", "attrs", "parents", "tags")]
    if unknown:
        return f"unknown key `{unknown[0]}`.{suggestion(unknown[0], ('attrs', 'parents', 'tags'))}"
    if _uid(entity["uid"]) is None:
        return "`uid` must be an object with `type` and `id`, both text"
    parents = entity["parents"]
    if not isinstance(parents, list) or not all(map(_uid, parents)):
        return "`parents` must be a list of objects with `type` and `id`, both text"
    return "" if isinstance(entity["attrs"], Mapping) else "`attrs` must be an object"


def _misfit(entity: Mapping[str, Any], model: "SchemaModel | None") -> str:
    """Why an entity of sound form does not fit the schema, as far as names tell."""
    if model is None:
        return ""
    kind, name = _uid(entity["uid"]) or ("", "")
    known = model.entity_types.get(kind)
    if known is None:
        return f"the schema has no entity type `{kind}`.{suggestion(kind, model.entity_types)}"
    if known.choices and name not in known.choices:
        return f"`{kind}` allows only {', '.join(known.choices)}"
    for name in entity["attrs"]:
        if name not in known.attributes:
            nearest = suggestion(name, known.attributes)
            return f"the schema gives `{kind}` no attribute `{name}`.{nearest}"
    for name, attribute in known.attributes.items():
        if attribute.required and name not in entity["attrs"]:
            return f"the attribute `{name}` is missing, which the schema requires"
    for parent in entity["parents"]:
        parent_type, _ = _uid(parent) or ("", "")
        if parent_type not in model.ancestors(kind):
            return f"the schema lets no `{parent_type}` be a parent of a `{kind}`"
    return "an attribute has another type than the schema says"
