"""Values that a schema would accept, where nobody gave any: required attributes filled by type."""

from collections.abc import Callable, Mapping
from typing import Any

from buildsteps.steps.cedar.schemas.model import (
    Attribute,
    EntityRef,
    Extension,
    Primitive,
    Record,
    Type,
)

Uid = tuple[str, str]
"""Type and id of an entity."""

MOST_VALUES = 60
"""How many values one entity or context is filled with; more would not be read by anybody."""

_PRIMITIVES: dict[str, Any] = {"Bool": False, "Long": 0, "String": "text"}
_EXTENSIONS = {
    "datetime": ("datetime", "2026-01-01"),
    "decimal": ("decimal", "0.0"),
    "duration": ("duration", "1h"),
    "ipaddr": ("ip", "192.0.2.1"),
}


class TooManyValuesError(ValueError):
    """A type needs more than :data:`MOST_VALUES` values."""


def filled(attributes: Mapping[str, Attribute], uid_of: Callable[[str], Uid]) -> dict[str, Any]:
    """The required attributes in Cedar's JSON; ``uid_of`` gives an entity of a type.

    Raises:
        TooManyValuesError: common types can multiply a few lines of schema without end.
    """
    return _Filling(uid_of).record(attributes)


class _Filling:
    """Fills one record, and counts."""

    def __init__(self, uid_of: Callable[[str], Uid]) -> None:
        self.uid_of = uid_of
        self.left = MOST_VALUES

    def record(self, attributes: Mapping[str, Attribute]) -> dict[str, Any]:
        return {name: self.value(one.type) for name, one in attributes.items() if one.required}

    def value(self, wanted: Type) -> Any:
        self.left -= 1
        if self.left < 0:
            raise TooManyValuesError
        match wanted:
            case Primitive(name):
                return _PRIMITIVES[name]
            case Extension(name):
                function, argument = _EXTENSIONS[name]
                return {"__extn": {"fn": function, "arg": argument}}
            case EntityRef(name):
                kind, ident = self.uid_of(name)
                return {"__entity": {"type": kind, "id": ident}}
            case Record(attributes):
                return self.record(attributes)
        return []  # a set may be empty
