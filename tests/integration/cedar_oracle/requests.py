"""Random entities and requests of a schema, as JSON."""

from random import Random
from typing import Any

from tests.integration.cedar_oracle.expressions import IDS, LITERALS
from tests.integration.cedar_oracle.schemas import Action, Entity, Field, Schema, Type

Json = Any

_LARGEST = 2**53 - 1
"""Of what JavaScript, and so the oracle, can read; squared it overflows Cedar's integers."""


def random_entities(rng: Random, schema: Schema) -> list[dict[str, Json]]:
    """Some entities of each type; parents stand above their children, never in a circle."""
    made = []
    for one in schema.entities:
        for rank, name in enumerate(IDS) if not one.choices else ():
            if rng.random() < 0.5:
                made.append(_entity(rng, schema, one, name, rank))
    return made


def _entity(rng: Random, schema: Schema, one: Entity, name: str, rank: int) -> dict[str, Json]:
    parents = [
        {"type": parent, "id": id_}
        for parent in one.parents
        for above, id_ in enumerate(IDS)
        if (above > rank or parent != one.name) and rng.random() < 0.3
    ]
    made = {
        "uid": {"type": one.name, "id": name},
        "parents": parents,
        "attrs": _record(rng, schema, one.fields),
    }
    if one.tags:
        made["tags"] = {tag: _value(rng, schema, one.tags) for tag in ("a", "k;")}
    return made


def random_request(rng: Random, schema: Schema) -> dict[str, Json]:
    """A request; one in eight does not fit the schema."""
    action = rng.choice(schema.applicable)
    request = {
        "principal": _uid(rng, schema, rng.choice(action.principals)),
        "action": _action_uid(action),
        "resource": _uid(rng, schema, rng.choice(action.resources)),
        "context": _record(rng, schema, action.context),
    }
    if rng.random() < 0.125:
        _misfit(rng, schema, request)
    return request


def _misfit(rng: Random, schema: Schema, request: dict[str, Json]) -> None:
    stranger = rng.choice(schema.entities).name
    key, value = rng.choice(
        [
            ("principal", _uid(rng, schema, stranger)),
            ("resource", {"type": "Unknown", "id": "a"}),
            ("resource", _uid(rng, schema, stranger)),
            ("action", {**request["action"], "id": "raed"}),
            ("context", {**request["context"], "extra": 1}),
            ("context", {**request["context"], "age": ["not", "that"]}),
            ("context", dict(list(request["context"].items())[1:])),
        ]
    )
    request[key] = value


def _action_uid(action: Action) -> dict[str, str]:
    return {"type": action.uid.rpartition('::"')[0], "id": action.name}


def _uid(rng: Random, schema: Schema, name: str) -> dict[str, str]:
    return {"type": name, "id": rng.choice(schema.entity(name).choices or IDS)}


def _record(rng: Random, schema: Schema, fields: tuple[Field, ...]) -> dict[str, Json]:
    return {
        one.name: _value(rng, schema, one.type)
        for one in fields
        if one.required or rng.random() < 0.6
    }


def _value(rng: Random, schema: Schema, kind: Type) -> Json:
    match kind.kind:
        case "Long":
            return rng.choice([0, 1, 2, 39, 40, -5, _LARGEST])
        case "String":
            return rng.choice(["a", "x;y", "ünï", "", "text"])
        case "Bool":
            return rng.random() < 0.5
        case "Entity":
            return {"__entity": _uid(rng, schema, kind.name)}
        case "Set" if kind.of:
            return [_value(rng, schema, kind.of) for _ in range(rng.randint(0, 3))]
        case "Record":
            return _record(rng, schema, kind.fields)
        case _:
            name = "ip" if kind.name == "ipaddr" else kind.name
            argument = rng.choice(LITERALS[kind.name])
            return {"__extn": {"fn": name, "arg": argument}}
