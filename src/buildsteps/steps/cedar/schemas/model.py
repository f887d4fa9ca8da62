"""A schema as values: its entity types, its actions, and every name in them resolved.

cedarpy offers no view into a schema, but ``str(cedarpy.Schema)`` writes any schema, given in
either format, in Cedar's schema syntax. ``schema_grammar.py`` reads that text,
``schema_resolution.py`` makes this model of it.
"""

from typing import TypeAlias

from msgspec import Struct

MAX_DEPTH = 100
"""How deeply types may nest, common types followed. The engine's JSON reader allows 128 levels."""


class Primitive(Struct, frozen=True, tag=True):
    """One of Cedar's own types: ``Bool``, ``Long`` or ``String``."""

    name: str


class Extension(Struct, frozen=True, tag=True):
    """A type that an extension brings: ``datetime``, ``decimal``, ``duration`` or ``ipaddr``."""

    name: str


class EntityRef(Struct, frozen=True, tag=True):
    """An entity of the type ``name``, or an action where the name ends in ``Action``."""

    name: str


class SetOf(Struct, frozen=True, tag=True):
    """A set whose elements are all of one type."""

    element: "Type"


class Record(Struct, frozen=True, tag=True):
    """A record with known attributes, by name."""

    attributes: "dict[str, Attribute]"


Type: TypeAlias = Primitive | Extension | EntityRef | SetOf | Record


class Attribute(Struct, frozen=True):
    """What an attribute holds, and whether it is always there."""

    type: Type
    required: bool = True


class EntityType(Struct, frozen=True):
    """A declared entity type; ``parents`` are the types it may be directly in.

    ``choices`` are the only ids that an enumerated type has; they are empty for all others.
    """

    name: str
    parents: tuple[str, ...] = ()
    attributes: dict[str, Attribute] = {}
    tags: Type | None = None
    choices: tuple[str, ...] = ()


class Action(Struct, frozen=True):
    """A declared action: ``name`` is its id, ``uid`` the whole as the engine writes it.

    ``parents`` are the uids of the groups it is directly in. An action that applies to nothing,
    such as a group, has no principals and no resources.
    """

    uid: str
    name: str
    principals: tuple[str, ...] = ()
    resources: tuple[str, ...] = ()
    context: Record = Record({})
    parents: tuple[str, ...] = ()


class SchemaModel(Struct, frozen=True):
    """A schema, with entity types by fully qualified name and actions by uid."""

    entity_types: dict[str, EntityType]
    actions: dict[str, Action]

    def entity_type_names(self) -> tuple[str, ...]:
        """Give the fully qualified names of all entity types."""
        return tuple(self.entity_types)

    def action_uids(self) -> tuple[str, ...]:
        """Give the uids of all actions, groups among them."""
        return tuple(self.actions)

    def attribute_names(self, entity_type: str) -> tuple[str, ...]:
        """Give the attributes of an entity type; none for a type that is not declared."""
        found = self.entity_types.get(entity_type)
        return tuple(found.attributes) if found else ()

    def ancestors(self, entity_type: str) -> frozenset[str]:
        """Give the types an entity of this type may be in, at any distance.

        The type itself is among them only where it may be in another entity of its own type.
        """
        found: set[str] = set()
        waiting = [entity_type]
        while waiting:
            declared = self.entity_types.get(waiting.pop())
            new = set(declared.parents) - found if declared else set()
            found |= new
            waiting += new
        return frozenset(found)
