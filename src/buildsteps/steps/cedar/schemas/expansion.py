"""How large the types of a schema become where common types are written out.

The engine writes them out in each place that uses them: forty of ``type T1 = {a: T0, b: T0};`` are
2^40 types, and it cannot be interrupted. Here they are counted instead, each once.
"""

from collections.abc import Iterator

from msgspec import Struct

from buildsteps.steps.cedar.schemas.grammar import Declarations
from buildsteps.steps.cedar.schemas.model import EntityRef, Record, SetOf, Type
from buildsteps.steps.cedar.schemas.resolution import candidates

_LARGEST = 2**62


class Size(Struct, frozen=True):
    """A type written out: how many types it holds, itself among them, and how deep they nest."""

    types: int
    depth: int


class Declared(Struct, frozen=True):
    """The size of what one declaration holds; ``kind`` is ``type``, ``entity`` or ``action``."""

    kind: str
    name: str
    size: Size


class _Written(Struct, frozen=True):
    """A type as it is written: its own size, and the common types in it with their depths."""

    own: Size
    uses: tuple[tuple[str, int], ...]


def expanded(found: Declarations) -> Iterator[Declared]:
    """Give the size of every declaration, those of common types first; a cycle counts as nothing.

    Sizes stop growing at 2^62.
    """
    common = {
        name: _written([declared], namespace, found)
        for name, (namespace, declared) in found.types.items()
    }
    sizes = _sizes(common)
    for name in sorted(common, key=lambda one: (sizes[one].types, sizes[one].depth)):
        yield Declared("type", name, sizes[name])
    for name, (namespace, entity) in found.entities.items():
        types = [Record(entity.attributes), *([entity.tags] if entity.tags else [])]
        yield Declared("entity", name, _size(_written(types, namespace, found), sizes))
    for (_, name), (namespace, action) in found.actions.items():
        yield Declared("action", name, _size(_written([action.context], namespace, found), sizes))


def _written(types: list[Type], namespace: str, found: Declarations) -> _Written:
    """Count what is written, without following a name."""
    count, deepest = 0, 0
    uses: list[tuple[str, int]] = []
    waiting = [(one, 0) for one in types]
    while waiting:
        declared, depth = waiting.pop()
        deepest = max(deepest, depth)
        if isinstance(declared, EntityRef) and (used := _common(declared.name, namespace, found)):
            uses.append((used, depth))
            continue
        count += 1
        if isinstance(declared, SetOf):
            waiting.append((declared.element, depth + 1))
        elif isinstance(declared, Record):
            waiting += [(one.type, depth + 1) for one in declared.attributes.values()]
    return _Written(Size(count, deepest), tuple(uses))


def _common(name: str, namespace: str, found: Declarations) -> str | None:
    """The common type that a name stands for; an entity type is not written out."""
    for candidate in candidates(name, namespace):
        if candidate in found.types:
            return candidate
        if candidate in found.entities:
            return None
    return None


def _sizes(common: dict[str, _Written]) -> dict[str, Size]:
    """Follow the names, without recursion: a chain may be as long as the schema."""
    sizes: dict[str, Size] = {}
    started: set[str] = set()
    waiting = list(common)
    while waiting:
        name = waiting[-1]
        if name in sizes:
            waiting.pop()
            continue
        missing = [used for used, _ in common[name].uses if used not in sizes]
        if missing and name not in started:
            started.add(name)
            waiting += missing
            continue
        waiting.pop()
        sizes[name] = _size(common[name], sizes)
    return sizes


def _size(written: _Written, sizes: dict[str, Size]) -> Size:
    """Put the sizes of the names that are used where they are; one in a cycle has none yet."""
    count, deepest = written.own.types, written.own.depth
    for used, depth in written.uses:
        inner = sizes.get(used, Size(0, 0))
        count += inner.types
        deepest = max(deepest, max(depth, 1) + inner.depth)
    return Size(min(count, _LARGEST), deepest)
