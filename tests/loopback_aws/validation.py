"""Values held to the shapes of a service's model: types, required members, enums, sizes, patterns.

Patterns count for the whole value, as the services apply them, whether or not they are anchored.
"""

import datetime
import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any

TYPES: Mapping[str, type | tuple[type, ...]] = {
    "structure": dict,
    "map": dict,
    "list": list,
    "string": str,
    "character": str,
    "boolean": bool,
    "integer": int,
    "long": int,
    "float": (int, float),
    "double": (int, float),
    "blob": bytes,
    "timestamp": datetime.datetime,
}


def violations(value: Any, shape: Any, *, strict: bool = False, path: str = "") -> list[str]:
    """What is wrong with a value, in the words of the services; nothing if all is well.

    ``strict`` also forbids members that the model does not know, which services ignore in requests
    and never give in answers.
    """
    return list(_violations(value, shape, strict, path))


def _violations(value: Any, shape: Any, strict: bool, path: str) -> Iterator[str]:
    if getattr(shape, "is_document_type", False):
        return  # any JSON
    expected = TYPES[shape.type_name]
    if not isinstance(value, expected) or (
        isinstance(value, bool) and shape.type_name != "boolean"
    ):
        yield _said(path, f"Member must be of type {shape.type_name}")
        return
    yield from _limits(value, shape, path)
    yield from _CONTAINERS.get(shape.type_name, _nothing)(value, shape, strict, path)


def _nothing(value: Any, shape: Any, strict: bool, path: str) -> Iterator[str]:
    yield from ()


def _structure(value: Any, shape: Any, strict: bool, path: str) -> Iterator[str]:
    for name in shape.required_members:
        if value.get(name) is None:
            yield _said(_inner(path, name), "Member must not be null")
    for name, member in value.items():
        if name in shape.members:
            if member is not None:
                yield from _violations(member, shape.members[name], strict, _inner(path, name))
        elif strict:
            yield _said(_inner(path, name), f"{shape.name} has no such member")


def _list(value: Any, shape: Any, strict: bool, path: str) -> Iterator[str]:
    for number, member in enumerate(value, 1):
        yield from _violations(member, shape.member, strict, _inner(path, f"{number}.member"))


def _map(value: Any, shape: Any, strict: bool, path: str) -> Iterator[str]:
    for key, member in value.items():
        yield from _violations(key, shape.key, strict, _inner(path, "key"))
        yield from _violations(member, shape.value, strict, _inner(path, key))


_CONTAINERS: Mapping[str, Callable[[Any, Any, bool, str], Iterator[str]]] = {
    "structure": _structure,
    "list": _list,
    "map": _map,
}


def _limits(value: Any, shape: Any, path: str) -> Iterator[str]:
    metadata = shape.metadata
    number = isinstance(value, int | float)
    size = value if number else len(value) if hasattr(value, "__len__") else None
    of = "value" if number else "length"
    if size is not None and "min" in metadata and size < metadata["min"]:
        yield _said(path, f"Member must have {of} greater than or equal to {metadata['min']}")
    if size is not None and "max" in metadata and size > metadata["max"]:
        yield _said(path, f"Member must have {of} less than or equal to {metadata['max']}")
    if "enum" in metadata and value not in metadata["enum"]:
        yield _said(path, f"Member must satisfy enum value set: [{', '.join(metadata['enum'])}]")
    if "pattern" in metadata and not re.fullmatch(_anchored(metadata["pattern"]), value):
        yield _said(path, f"Member must satisfy regular expression pattern: {metadata['pattern']}")


def _anchored(pattern: str) -> str:
    """Translate a pattern of Java's dialect as far as the models here use it."""
    return pattern.replace(r"\/", "/").replace(r"\p{L}", r"[^\W\d_]").replace(r"\p{N}", r"\d")


def _inner(path: str, name: str) -> str:
    return f"{path}.{name}" if path else name


def _said(path: str, constraint: str) -> str:
    return f"Value at '{path}' failed to satisfy constraint: {constraint}"
