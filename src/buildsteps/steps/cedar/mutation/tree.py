"""Walking a policy's tree, and changing it in one place."""

from collections.abc import Iterator
from typing import Any

Path = tuple[str | int, ...]

_LITERALS = ("Value", "Var", "Slot")
_CALLS = ("ip", "decimal", "datetime", "duration")


def nodes(body: Any, path: Path) -> Iterator[tuple[Path, Any]]:
    """Every expression at and below ``body``, in the order of the text, with its path.

    Literals that an extension's function is called with belong to the call.
    """
    waiting = [(path, body)]
    while waiting:
        place, node = waiting.pop()
        yield place, node
        waiting += reversed(list(_below(place, node)))


def _below(path: Path, node: Any) -> Iterator[tuple[Path, Any]]:
    ((operator, content),) = node.items()
    if operator in _LITERALS:
        return
    if isinstance(content, list):  # a set, or the arguments of an extension's function
        if not (operator in _CALLS and all("Value" in one for one in content)):
            yield from (((*path, operator, n), member) for n, member in enumerate(content))
    elif operator == "Record":
        yield from (((*path, operator, name), member) for name, member in content.items())
    else:
        for name, member in content.items():
            if name not in ("attr", "pattern", "entity_type"):
                yield (*path, operator, name), member


def replaced(document: Any, path: Path, new: Any) -> Any:
    """A copy with another value at ``path``; the rest is shared, for nobody changes it."""
    outside = []
    inner = document
    for step in path:
        outside.append(inner)
        inner = inner[step]
    for container, step in zip(reversed(outside), reversed(path), strict=True):
        if isinstance(container, list):
            new = [*container[: int(step)], new, *container[int(step) + 1 :]]
        else:
            new = {**container, step: new}
    return new
