"""From the declarations of a schema to its model: each name becomes what it stands for.

Rules: Cedar RFC 24 (schema syntax) and RFC 70 (a namespace's own name before that of the empty
namespace).
"""

from msgspec import structs

from buildsteps.steps.cedar.schemas.grammar import ActionDeclaration, Declarations, Parser
from buildsteps.steps.cedar.schemas.model import (
    MAX_DEPTH,
    Action,
    Attribute,
    EntityRef,
    EntityType,
    Extension,
    Primitive,
    Record,
    SchemaModel,
    SetOf,
    Type,
)

_EXTENSIONS = ("datetime", "decimal", "duration", "ipaddr")
_UNRENDERABLE = "<unrenderable Schema: "  # how cedarpy's ``str`` begins when it cannot write one


def parse_schema(text: str) -> SchemaModel:
    """Read a schema from Cedar's schema syntax, best from what ``str(cedarpy.Schema)`` gives.

    The text is taken to be a schema that the engine accepts: what the engine would refuse
    although it is well formed (a name declared twice, a cycle of groups) is not looked for.

    Raises:
        ValueError: a text that cannot be understood, a name that is not declared, types nested
            more than `MAX_DEPTH` deep or in a cycle, or a schema that cedarpy could not write.
    """
    if text.startswith(_UNRENDERABLE):
        reason = text.removeprefix(_UNRENDERABLE).rstrip(">\n")
        raise ValueError(f"The schema cannot be written in Cedar's schema syntax: {reason}.")
    return _Resolver(Parser(text).schema()).model()


class _Resolver:
    """Makes a model of declarations: each name becomes what it stands for."""

    def __init__(self, found: Declarations) -> None:
        self._found = found
        self._action_types = {entity_type for entity_type, _ in found.actions}
        self._common: dict[str, Type] = {}

    def model(self) -> SchemaModel:
        entities = [self._entity(*found) for found in self._found.entities.values()]
        actions = [self._action(*found) for found in self._found.actions.values()]
        return SchemaModel({one.name: one for one in entities}, {one.uid: one for one in actions})

    def _entity(self, namespace: str, declared: EntityType) -> EntityType:
        attributes = self._attributes(declared.attributes, namespace, 0)
        tags = declared.tags and self._type(declared.tags, namespace, 0)
        parents = self._entities(declared.parents, namespace)
        return structs.replace(declared, parents=parents, attributes=attributes, tags=tags)

    def _action(self, namespace: str, declared: ActionDeclaration) -> Action:
        action = declared.action
        context = self._type(declared.context, namespace, 0)
        if not isinstance(context, Record):
            raise ValueError(f"The schema gives {action.uid} a context that is no record.")  # noqa: TRY004
        return structs.replace(
            action,
            principals=self._entities(action.principals, namespace),
            resources=self._entities(action.resources, namespace),
            context=context,
            parents=tuple(self._group(group, namespace) for group in declared.groups),
        )

    def _group(self, group: tuple[str, str], namespace: str) -> str:
        path, name = group
        for candidate in candidates(path, namespace):
            if found := self._found.actions.get((candidate, name)):
                return found[1].action.uid
        raise ValueError(f'The schema names the action `{path}::"{name}"` but does not declare it.')

    def _entities(self, names: tuple[str, ...], namespace: str) -> tuple[str, ...]:
        return tuple(dict.fromkeys(self._entity_name(name, namespace) for name in names))

    def _entity_name(self, name: str, namespace: str) -> str:
        for candidate in candidates(name, namespace):
            if candidate in self._found.entities:
                return candidate
        raise ValueError(f"The schema names the entity type `{name}` but does not declare it.")

    def _type(self, declared: Type, namespace: str, depth: int) -> Type:
        if depth > MAX_DEPTH:
            raise ValueError(f"The schema's types nest over {MAX_DEPTH} deep, or in a cycle.")
        match declared:
            case EntityRef(name):
                return self._named(name, namespace, depth)
            case SetOf(element):
                return SetOf(self._type(element, namespace, depth + 1))
            case Record(attributes):
                return Record(self._attributes(attributes, namespace, depth))
        return declared

    def _attributes(
        self, declared: dict[str, Attribute], namespace: str, depth: int
    ) -> dict[str, Attribute]:
        return {
            name: Attribute(self._type(one.type, namespace, depth + 1), one.required)
            for name, one in declared.items()
        }

    def _named(self, name: str, namespace: str, depth: int) -> Type:
        for candidate in candidates(name, namespace):
            if candidate in self._found.types:
                return self._common_type(candidate, depth)
            if candidate in self._found.entities or candidate in self._action_types:
                return EntityRef(candidate)
        own = name.removeprefix("__cedar::")
        if own in ("Bool", "Long", "String"):
            return Primitive(own)
        if own in _EXTENSIONS:
            return Extension(own)
        raise ValueError(f"The schema names the type `{name}` but does not declare it.")

    def _common_type(self, name: str, depth: int) -> Type:
        if name not in self._common:
            namespace, declared = self._found.types[name]
            self._common[name] = self._type(declared, namespace, depth + 1)
        return self._common[name]


def candidates(name: str, namespace: str) -> tuple[str, ...]:
    """Give what a name may stand for, best first: one with ``::`` is always fully qualified."""
    return (name,) if "::" in name or not namespace else (f"{namespace}::{name}", name)
