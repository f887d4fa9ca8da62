"""Kubernetes objects as plain data: JSON or YAML, several documents, lists opened."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import msgspec

from buildsteps.errors import UsageError
from buildsteps.reporting.text import clipped, printable
from buildsteps.steps.signing.inputs.document import decode, parse_document
from buildsteps.steps.signing.inputs.interface import Input

_DEEPEST_LIST = 10
_LONGEST = 200


def read_objects(file: Input) -> list[dict[str, Any]]:
    """Give every object of a file, those of lists one by one.

    What is no mapping is left out. A large answer of ``kubectl`` is read without places, because
    they would cost many times the memory.

    Raises:
        UsageError: the file is neither JSON nor YAML, or nested too deeply; with the place.
    """
    shown = shown_name(file)
    content = decode(file.data, shown)
    try:
        roots = [msgspec.json.decode(content)]
    except (msgspec.DecodeError, RecursionError):
        document = parse_document(file.path, file.data, shown)
        roots = [root.plain() for root in document.roots]
    return [one for root in roots for one in opened(root)]


def opened(value: Any, depth: int = 0) -> Iterator[dict[str, Any]]:
    """An object, or the objects of a list of them."""
    if not isinstance(value, dict):
        return
    items = value.get("items")
    if text(value, "kind").endswith("List") and isinstance(items, list):
        if depth > _DEEPEST_LIST:
            raise UsageError("lists of lists are nested too deeply")
        for item in items:
            yield from opened(item, depth + 1)
    else:
        yield value


def shown_name(file: Input) -> str:
    """How a file is named in places."""
    return file.shown or ("stdin" if file.path == "-" else file.path)


def below(value: Any, *path: str) -> Any:
    """The value at a path of keys; None where there is none."""
    for key in path:
        value = value.get(key) if isinstance(value, Mapping) else None
    return value


def text(value: Any, *path: str) -> str:
    """A short text at a path of keys, fit to be shown; empty where there is none."""
    found = below(value, *path)
    return clipped(printable(found), _LONGEST) if isinstance(found, str) else ""


def mappings(value: Any, *path: str) -> list[dict[str, Any]]:
    """The mappings of a list at a path of keys."""
    found = below(value, *path)
    if not isinstance(found, Sequence) or isinstance(found, str):
        return []
    return [one for one in found if isinstance(one, dict)]


def named(value: Any) -> str:
    """What people call an object: ``Pod shop/web``."""
    namespace, name = text(value, "metadata", "namespace"), text(value, "metadata", "name")
    return words(text(value, "kind"), namespace, name)


def words(kind: str, namespace: str, name: str) -> str:
    """Kind, namespace and name as people write them."""
    full = f"{namespace}/{name}" if namespace and name else name or namespace
    return f"{kind or 'object'} {full}".rstrip()
