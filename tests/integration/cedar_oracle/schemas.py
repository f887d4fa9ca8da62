"""Random schemas: namespaces, common types, hierarchies, enumerations, tags, action groups."""

from collections.abc import Sequence
from random import Random
from typing import Any, Literal

from msgspec import Struct

Kind = Literal["Long", "String", "Bool", "Entity", "Set", "Record", "Extension"]

_PLAIN = ("name", "age", "owner", "label", "level", "score", "addr", "since", "home", "parts")
_QUOTED = ("zip code", "été", "if", "in", "a-b", "")
_EXTENSIONS = ("ipaddr", "decimal", "datetime", "duration")
_BASES = ("User", "Group", "Doc", "Folder", "Team", "Device", "Album", "Bot")
_ACTIONS = ("read", "write", "view photo", "delete", "share", "list")


class Type(Struct, frozen=True, kw_only=True):
    """A type; ``name`` is that of an entity or extension type, ``alias`` of a common type."""

    kind: Kind
    name: str = ""
    of: "Type | None" = None
    fields: "tuple[Field, ...]" = ()
    alias: str = ""


class Field(Struct, frozen=True):
    """An attribute of an entity, a record or the context."""

    name: str
    type: Type
    required: bool


class Entity(Struct, frozen=True, kw_only=True):
    """An entity type; ``choices`` are the ids of an enumerated one."""

    name: str
    parents: tuple[str, ...] = ()
    fields: tuple[Field, ...] = ()
    tags: Type | None = None
    choices: tuple[str, ...] = ()


class Action(Struct, frozen=True, kw_only=True):
    """An action, or without ``principals`` a group of actions."""

    namespace: str
    name: str
    groups: tuple[str, ...] = ()
    principals: tuple[str, ...] = ()
    resources: tuple[str, ...] = ()
    context: tuple[Field, ...] = ()

    @property
    def uid(self) -> str:
        """As policies and requests write it."""
        return f'{qualified(self.namespace, "Action")}::"{self.name}"'


class Schema(Struct, frozen=True, kw_only=True):
    """A whole schema; the names of types are full ones, with their namespace."""

    namespaces: tuple[str, ...]
    entities: tuple[Entity, ...]
    actions: tuple[Action, ...]
    commons: tuple[Type, ...]

    @property
    def applicable(self) -> list[Action]:
        """The actions that are no groups."""
        return [one for one in self.actions if one.principals]

    def entity(self, name: str) -> Entity:
        """The entity type of that name."""
        return next(one for one in self.entities if one.name == name)


def qualified(namespace: str, name: str) -> str:
    """A name with its namespace, which may be the empty one."""
    return f"{namespace}::{name}" if namespace else name


def random_schema(rng: Random) -> Schema:
    """A valid schema with an action that applies to something."""
    namespaces = rng.choice([("App",), ("",), ("Org::App",), ("App", "Lib"), ("", "Lib")])
    bases = rng.sample(_BASES, rng.randint(3, 6))
    names = tuple(qualified(rng.choice(namespaces), base) for base in bases)
    enum = qualified(namespaces[0], "Color") if rng.random() < 0.4 else ""
    every = (*names, enum) if enum else names
    commons: list[Type] = []
    for number in range(rng.randint(0, 2)):
        alias = qualified(rng.choice(namespaces), f"Common{number}")
        body = _type(rng, every, (), 2)
        commons.append(
            Type(kind=body.kind, name=body.name, of=body.of, fields=body.fields, alias=alias)
        )
    entities = [
        _entity(rng, name, names[: index + 1], every, commons) for index, name in enumerate(names)
    ]
    if enum:
        entities.append(Entity(name=enum, choices=("red", "green", "sky blue")))
    return Schema(
        namespaces=namespaces,
        entities=tuple(entities),
        actions=_actions(rng, namespaces, names, every, commons),
        commons=tuple(commons),
    )


def _entity(
    rng: Random, name: str, above: Sequence[str], names: Sequence[str], commons: Sequence[Type]
) -> Entity:
    return Entity(
        name=name,
        parents=tuple(sorted(rng.sample(above, rng.randint(0, min(2, len(above)))))),
        fields=_fields(rng, names, commons, rng.randint(0, 5), 2),
        tags=_type(rng, names, commons, 0) if rng.random() < 0.3 else None,
    )


def _actions(
    rng: Random,
    namespaces: Sequence[str],
    names: Sequence[str],
    every: Sequence[str],
    commons: Sequence[Type],
) -> tuple[Action, ...]:
    home = namespaces[0]
    groups = [Action(namespace=home, name="all")]
    if rng.random() < 0.5:
        groups.append(Action(namespace=home, name="some", groups=(groups[0].uid,)))
    plain = [
        Action(
            namespace=home,
            name=name,
            groups=tuple(sorted(g.uid for g in rng.sample(groups, rng.randint(0, len(groups))))),
            principals=tuple(rng.sample(names, rng.randint(1, 2))),
            resources=tuple(rng.sample(every, rng.randint(1, 2))),
            context=_fields(rng, every, commons, rng.randint(0, 3), 1),
        )
        for name in rng.sample(_ACTIONS, rng.randint(1, 4))
    ]
    return (*groups, *plain)


def _fields(
    rng: Random, names: Sequence[str], commons: Sequence[Type], count: int, depth: int
) -> tuple[Field, ...]:
    pool = list(_PLAIN)
    if rng.random() < 0.3:
        pool += _QUOTED
    return tuple(
        Field(name, _type(rng, names, commons, depth), rng.random() < 0.6)
        for name in rng.sample(pool, count)
    )


def _type(rng: Random, names: Sequence[str], commons: Sequence[Type], depth: int) -> Type:
    if commons and rng.random() < 0.25:
        return rng.choice(list(commons))
    kinds: list[Kind] = ["Long", "String", "Bool", "Entity", "Extension"]
    if depth:
        kinds += ["Set", "Record"]
    kind = rng.choice(kinds)
    match kind:
        case "Entity":
            return Type(kind=kind, name=rng.choice(list(names)))
        case "Extension":
            return Type(kind=kind, name=rng.choice(_EXTENSIONS))
        case "Set":
            return Type(kind=kind, of=_type(rng, names, commons, 0))
        case "Record":
            return Type(
                kind=kind, fields=_fields(rng, names, commons, rng.randint(1, 3), depth - 1)
            )
        case _:
            return Type(kind=kind)


def as_cedar(schema: Schema) -> str:
    """The schema in Cedar's own syntax."""
    parts = []
    for namespace in schema.namespaces:
        body = "".join(f"  {line};\n" for line in _declarations(schema, namespace))
        parts.append(f"namespace {namespace} {{\n{body}}}\n" if namespace else body)
    return '// made at random; "not" { a type }\n' + "\n".join(parts)


def _declarations(schema: Schema, namespace: str) -> list[str]:
    def mine(name: str) -> bool:
        return name.rpartition("::")[0] == namespace

    def short(name: str) -> str:
        return name.rpartition("::")[2]

    lines = [
        f"type {short(one.alias)} = {_cedar_type(one, named=False)}"
        for one in schema.commons
        if mine(one.alias)
    ]
    for one in schema.entities:
        if mine(one.name) and one.choices:
            lines.append(f"entity {short(one.name)} enum [{', '.join(map(_text, one.choices))}]")
        elif mine(one.name):
            within = f" in [{', '.join(one.parents)}]" if one.parents else ""
            tags = f" tags {_cedar_type(one.tags)}" if one.tags else ""
            lines.append(f"entity {short(one.name)}{within} = {_cedar_record(one.fields)}{tags}")
    for action in schema.actions:
        if action.namespace == namespace:
            within = f" in [{', '.join(action.groups)}]" if action.groups else ""
            lines.append(f"action {_text(action.name)}{within}{_applies(action)}")
    return lines


def _applies(action: Action) -> str:
    if not action.principals:
        return ""
    return (
        f" appliesTo {{\n    principal: [{', '.join(action.principals)}],"
        f" resource: [{', '.join(action.resources)}],\n"
        f"    context: {_cedar_record(action.context)}\n  }}"
    )


def _cedar_record(fields: Sequence[Field]) -> str:
    inside = ", ".join(
        f"{_text(one.name)}{'' if one.required else '?'}: {_cedar_type(one.type)}" for one in fields
    )
    return f"{{{inside}}}"


def _cedar_type(kind: Type, *, named: bool = True) -> str:
    if named and kind.alias:
        return kind.alias
    if kind.kind == "Set" and kind.of:
        return f"Set<{_cedar_type(kind.of)}>"
    return _cedar_record(kind.fields) if kind.kind == "Record" else kind.name or kind.kind


def _text(value: str) -> str:
    return f'"{value}"'


def as_json(schema: Schema) -> dict[str, Any]:
    """The schema in Cedar's JSON format."""
    made: dict[str, Any] = {
        one: {"commonTypes": {}, "entityTypes": {}, "actions": {}} for one in schema.namespaces
    }
    for common in schema.commons:
        namespace, _, name = common.alias.rpartition("::")
        made[namespace]["commonTypes"][name] = _json_type(common, named=False)
    for one in schema.entities:
        namespace, _, name = one.name.rpartition("::")
        made[namespace]["entityTypes"][name] = _json_entity(one)
    for action in schema.actions:
        made[action.namespace]["actions"][action.name] = _json_action(action)
    return made


def _json_entity(one: Entity) -> dict[str, Any]:
    if one.choices:
        return {"enum": list(one.choices)}
    tags = {"tags": _json_type(one.tags)} if one.tags else {}
    return {"memberOfTypes": list(one.parents), "shape": _json_record(one.fields), **tags}


def _json_action(action: Action) -> dict[str, Any]:
    groups = [one.rpartition('::"') for one in action.groups]
    made: dict[str, Any] = {"memberOf": [{"type": g[0], "id": g[2][:-1]} for g in groups]}
    if action.principals:
        made["appliesTo"] = {
            "principalTypes": list(action.principals),
            "resourceTypes": list(action.resources),
            "context": _json_record(action.context),
        }
    return made


def _json_record(fields: Sequence[Field]) -> dict[str, Any]:
    attributes = {one.name: {**_json_type(one.type), "required": one.required} for one in fields}
    return {"type": "Record", "attributes": attributes}


def _json_type(kind: Type, *, named: bool = True) -> dict[str, Any]:
    if named and kind.alias:
        return {"type": kind.alias}
    match kind.kind:
        case "Set" if kind.of:
            return {"type": "Set", "element": _json_type(kind.of)}
        case "Record":
            return _json_record(kind.fields)
        case "Bool":
            return {"type": "Boolean"}
        case "Entity" | "Extension":
            return {"type": kind.kind, "name": kind.name}
        case _:
            return {"type": kind.kind}
