"""Entities and contexts of Verified Permissions' API as Cedar's JSON.

Sources: botocore's shapes ``AttributeValue`` and ``EntityItem``; Cedar's "Entities JSON format".
"""

import json
from collections.abc import Mapping
from typing import Any

from tests.loopback_aws.services.verified_permissions_store import invalid, uid

MOST_PRINCIPALS = MOST_RESOURCES = 100
MOST_PARENTS = 99

_FUNCTIONS = {"ipaddr": "ip", "decimal": "decimal", "datetime": "datetime", "duration": "duration"}


def entities_of(given: Mapping[str, Any], principals: set[str], resources: set[str]) -> str:
    """The entities of a request; the types say which of them are principals and resources."""
    definition = given.get("entities") or {"cedarJson": "[]"}
    if "cedarJson" in definition:
        try:
            found = json.loads(definition["cedarJson"])
        except ValueError as error:
            raise invalid(f"Invalid entities: {error}") from None
    else:
        found = [_entity(one) for one in definition["entityList"]]
    _check(found, principals, resources)
    return json.dumps(found)


def context_of(given: Mapping[str, Any]) -> dict[str, Any]:
    """The context of a request."""
    definition = given.get("context") or {"cedarJson": "{}"}
    if "cedarJson" in definition:
        read: dict[str, Any] = json.loads(definition["cedarJson"])
        return read
    return {name: _value(one) for name, one in definition["contextMap"].items()}


def _check(found: list[Any], principals: set[str], resources: set[str]) -> None:
    uids = [one["uid"].get("__entity", one["uid"]) for one in found]
    types = [str(one["type"]) for one in uids]
    if any(one == "Action" or one.endswith("::Action") for one in types):
        raise invalid("Actions must not be included in the entities: they belong into the schema")
    for kind, most in ((principals, MOST_PRINCIPALS), (resources, MOST_RESOURCES)):
        if sum(one in kind for one in types) > most:
            raise invalid(f"There are more than {most} entities")
    parents = {
        _key(name): [_key(up) for up in one.get("parents", [])]
        for name, one in zip(uids, found, strict=True)
    }
    for name in parents:
        seen: set[str] = set()
        left = list(parents[name])
        while left:
            up = left.pop()
            if up not in seen:
                seen.add(up)
                left += parents.get(up, [])
        if len(seen) > MOST_PARENTS:
            raise invalid("An entity has too many transitive parents")


def _key(one: Mapping[str, Any]) -> str:
    inner = one.get("__entity", one)
    return f"{inner['type']}::{inner['id']}"


def _entity(one: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "uid": uid(one["identifier"]),
        "attrs": {name: _value(value) for name, value in one.get("attributes", {}).items()},
        "parents": [uid(parent) for parent in one.get("parents", [])],
        "tags": {name: _value(value) for name, value in one.get("tags", {}).items()},
    }


def _value(value: Mapping[str, Any]) -> Any:
    ((kind, inner),) = value.items()
    if kind == "entityIdentifier":
        return {"__entity": uid(inner)}
    if kind == "set":
        return [_value(one) for one in inner]
    if kind == "record":
        return {name: _value(one) for name, one in inner.items()}
    if kind in _FUNCTIONS:
        return {"__extn": {"fn": _FUNCTIONS[kind], "arg": inner}}
    return inner
