"""What is wrong with an entity, in the words of whoever wrote it."""

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

import msgspec

from buildsteps.nearest import suggestion
from buildsteps.steps.cedar import engine
from buildsteps.steps.cedar.trials.type_misfits import attributes_misfit

if TYPE_CHECKING:
    from buildsteps.steps.cedar.schemas.model import SchemaModel

Model = Callable[[], "SchemaModel | None"]
Uid = tuple[str, str]

NO_OBJECT = "expected an object with `uid`, `attrs` and `parents`"
KEYS = frozenset({"uid", "attrs", "parents", "tags"})


def refusal(entity: Any, number: int, schema: engine.Schema | None, model: Model) -> str:
    """Why the engine does not take this entity on its own, or nothing where it does."""
    try:
        engine.Entities.from_json_str(msgspec.json.encode([entity]).decode(), schema)
    except ValueError as error:
        shape = _shape_problem(entity)
        reason = shape or (_misfit(entity, model()) if schema else "") or str(error)
        return f"entity {shown_uid(entity, number)}: {reason}"
    return ""


def shown_uid(entity: Any, number: int) -> str:
    """An entity as messages name it: its uid, else its number in the file."""
    uid = uid_of(entity.get("uid")) if isinstance(entity, Mapping) else None
    return f"number {number + 1}" if uid is None else f'{uid[0]}::"{uid[1]}"'


def uid_of(value: Any) -> Uid | None:
    """Type and id of a uid in Cedar's JSON, or None where it is none."""
    if not isinstance(value, Mapping):
        return None
    inner = value["__entity"] if isinstance(value.get("__entity"), Mapping) else value
    kind, name = inner.get("type"), inner.get("id")
    return (kind, name) if isinstance(kind, str) and isinstance(name, str) else None


def _shape_problem(entity: Any) -> str:
    """What is wrong with the form that Cedar's JSON entities have, or nothing."""
    if not isinstance(entity, Mapping):
        return NO_OBJECT
    missing = [key for key in ("uid", "attrs", "parents") if key not in entity]
    if missing:
        return f"the key `{missing[0]}` is missing"
    unknown = [key for key in entity if key not in KEYS]
    if unknown:
        return f"unknown key `{unknown[0]}`.{suggestion(unknown[0], ('attrs', 'parents', 'tags'))}"
    if uid_of(entity["uid"]) is None:
        return "`uid` must be an object with `type` and `id`, both text"
    parents = entity["parents"]
    if not isinstance(parents, list) or not all(map(uid_of, parents)):
        return "`parents` must be a list of objects with `type` and `id`, both text"
    return "" if isinstance(entity["attrs"], Mapping) else "`attrs` must be an object"


def _misfit(entity: Mapping[str, Any], model: "SchemaModel | None") -> str:
    """Why an entity of sound form does not fit the schema, as far as names tell."""
    if model is None:
        return ""
    kind, name = uid_of(entity["uid"]) or ("", "")
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
        parent_type, _ = uid_of(parent) or ("", "")
        if parent_type not in model.ancestors(kind):
            return f"the schema lets no `{parent_type}` be a parent of a `{kind}`"
    found = attributes_misfit(entity["attrs"], known.attributes)
    return found or "an attribute has another type than the schema says"


def unknown_key(entity: Mapping[str, Any], number: int) -> str:
    """The complaint about the first key that means nothing, with the nearest that does."""
    key = next(key for key in entity if key not in KEYS)
    nearest = suggestion(key, ("attrs", "parents", "tags"))
    return f"entity {shown_uid(entity, number)}: unknown key `{key}`.{nearest}"
