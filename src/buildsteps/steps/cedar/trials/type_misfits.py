"""Which value of an entity or a context has another type than the schema says.

Values are those of Cedar's JSON format for entities and contexts. Only what is sure is told: where
a schema is at hand, an entity and the value of an extension may be written in several ways.
"""

from collections.abc import Mapping
from typing import Any

from buildsteps.nearest import suggestion
from buildsteps.steps.cedar.schemas.model import (
    Attribute,
    EntityRef,
    Extension,
    Primitive,
    Record,
    SetOf,
    Type,
)

_PYTHON = {"Bool": bool, "Long": int, "String": str}
_CALLED: dict[type, str] = {
    bool: "Bool",
    int: "Long",
    float: "a number with a fraction",
    str: "String",
    list: "a list",
    dict: "an object",
    type(None): "null",
}


def attributes_misfit(
    values: Mapping[str, Any], attributes: Mapping[str, Attribute], path: str = ""
) -> str:
    """The first attribute that does not fit, as half a sentence, or nothing where none is found.

    ``path`` are the names that lead to these attributes, each with a dot behind it.
    """
    for name in values:
        if name not in attributes:
            return f"there is no attribute `{path}{name}`.{suggestion(name, attributes)}".rstrip(
                "."
            )
    for name, attribute in attributes.items():
        if name in values:
            found = _misfit(values[name], attribute.type, f"{path}{name}")
            if found:
                return found
        elif attribute.required:
            return f"the attribute `{path}{name}` is missing, which the schema requires"
    return ""


def _misfit(value: Any, wanted: Type, path: str) -> str:
    match wanted:
        case Primitive(name):
            fits = type(value) is _PYTHON.get(name, type(value))
            return "" if fits else _wrong(path, name, value)
        case SetOf(element):
            if not isinstance(value, list):
                return _wrong(path, "a list", value)
            found = (_misfit(one, element, path) for one in value)
            return next((one for one in found if one), "")
        case Record(attributes):
            if not isinstance(value, dict):
                return _wrong(path, "an object", value)
            return attributes_misfit(value, attributes, f"{path}.")
        case EntityRef(name):
            return _entity_misfit(value, name, path)
        case Extension(name):
            return "" if isinstance(value, dict | str) else _wrong(path, name, value)


def _entity_misfit(value: Any, wanted: str, path: str) -> str:
    inner = value.get("__entity", value) if isinstance(value, dict) else None
    kind = inner.get("type") if isinstance(inner, dict) else None
    if not isinstance(kind, str):
        return f"{_wrong(path, f'an entity of `{wanted}`', value)}; one is written as {_EXAMPLE}"
    return "" if kind == wanted else f"`{path}` must be an entity of `{wanted}`, and is of `{kind}`"


_EXAMPLE = '{"__entity": {"type": "User", "id": "alice"}}'


def _wrong(path: str, wanted: str, value: Any) -> str:
    return f"`{path}` must be {wanted}, and is {_CALLED.get(type(value), 'something else')}"
