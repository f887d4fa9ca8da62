"""The types of a schema in Cedar's JSON format, as the same declarations as those of its syntax.

Format: "JSON schema format" of Cedar's reference. What is not as it should be is passed over: the
engine says what is wrong with it.
"""

from typing import Any

from buildsteps.steps.cedar.schemas.grammar import ActionDeclaration, Declarations
from buildsteps.steps.cedar.schemas.model import (
    MAX_DEPTH,
    Action,
    Attribute,
    EntityRef,
    EntityType,
    Primitive,
    Record,
    SetOf,
    Type,
)

_NOT_EXPANDED = ("Boolean", "Entity", "Extension", "Long", "String")


def json_declarations(document: Any) -> Declarations:
    """Read the types that a decoded schema declares and uses."""
    found = Declarations({}, {}, {})
    for namespace, declared in _members(document):
        for name, one in _members(_member(declared, "commonTypes")):
            found.types[_qualified(namespace, name)] = namespace, _type(one)
        for name, one in _members(_member(declared, "entityTypes")):
            entity = EntityType(name, attributes=_attributes(one), tags=_type(_member(one, "tags")))
            found.entities[_qualified(namespace, name)] = namespace, entity
        for name, one in _members(_member(declared, "actions")):
            context = _type(_member(_member(one, "appliesTo"), "context"))
            action = ActionDeclaration(Action(name, name), (), context)
            found.actions[_qualified(namespace, "Action"), name] = namespace, action
    return found


def _attributes(entity: Any) -> dict[str, Attribute]:
    """The shape of an entity type: a record, or the name of one."""
    return {"": Attribute(_type(_member(entity, "shape")))}


def _type(declared: Any, depth: int = 0) -> Type:
    """Read a type, but none deeper than the 128 levels of JSON that the engine reads."""
    kind = _member(declared, "type")
    if depth > MAX_DEPTH or not isinstance(kind, str) or kind in _NOT_EXPANDED:
        return Primitive(str(kind))
    if kind == "Record":
        attributes = _members(_member(declared, "attributes"))
        return Record({name: Attribute(_type(one, depth + 1)) for name, one in attributes})
    if kind == "Set":
        return SetOf(_type(_member(declared, "element"), depth + 1))
    name = _member(declared, "name") if kind == "EntityOrCommon" else kind
    return EntityRef(str(name))


def _member(value: Any, key: str) -> Any:
    return value.get(key) if isinstance(value, dict) else None


def _members(value: Any) -> list[tuple[str, Any]]:
    return list(value.items()) if isinstance(value, dict) else []


def _qualified(namespace: str, name: str) -> str:
    return f"{namespace}::{name}" if namespace else name
