"""Did you mean? The schema's names, for the name that an engine message complains of."""

import re
from collections.abc import Iterable

from buildsteps.nearest import suggestion
from buildsteps.steps.cedar.schemas.model import Record, SchemaModel
from buildsteps.steps.cedar.text.engine_messages import Named, names_in

# Messages about requests, from cedar-policy-core's validator/coreschema.rs and entities/json.
_IN_REQUESTS = (
    ("action", re.compile(r"action `(.+)` does not exist in the supplied schema")),
    (
        "entity type",
        re.compile(r"(?:principal|resource) type `(.+)` is not declared in the schema"),
    ),
    ("entity type", re.compile(r"entity type `(.+)` is not (?:declared|defined) in the schema")),
)


def nearest_name(message: str, model: SchemaModel | None) -> str:
    """The sentence that offers the nearest of the schema's names, to end ``message`` with.

    Empty where the message complains of no name, or none is near.
    """
    if model is None:
        return ""
    word, known = _unknown(message, model)
    offered = suggestion(word, known)
    return f".{offered}" if offered else ""


def _unknown(message: str, model: SchemaModel) -> tuple[str, Iterable[str]]:
    """The name that ``message`` complains of, and those it could have been."""
    named = names_in(message)
    if named is not None:
        return named.name, _candidates(named, model)
    for kind, pattern in _IN_REQUESTS:
        found = pattern.search(message)
        if found:
            return found[1], model.actions if kind == "action" else model.entity_types
    return "", ()


def _candidates(named: Named, model: SchemaModel) -> Iterable[str]:
    match named.kind:
        case "action":
            return model.actions
        case "entity type":
            return model.entity_types
        case "entity":
            known = model.entity_types.get(named.owner)
            return known.choices if known else ()
        case "attribute" if named.owner in model.entity_types:
            return _below(Record(model.entity_types[named.owner].attributes), named.path)
        case "context attribute" if named.owner in model.actions:
            return _below(model.actions[named.owner].context, named.path)
    return ()


def _below(record: Record, path: Iterable[str]) -> Iterable[str]:
    """The attributes of the record that ``path`` leads to."""
    for name in path:
        attribute = record.attributes.get(name)
        if attribute is None or not isinstance(attribute.type, Record):
            return ()
        record = attribute.type
    return record.attributes
