"""From a YAML value to a typed one, with every mistake at its place.

msgspec checks types well but knows no lines, and names a key below a mapping ``[...]``; so the
shape is walked here, and msgspec makes the value once it is known to fit.
"""

import datetime
from functools import reduce
from operator import or_
from typing import Any

import msgspec
from msgspec import inspect

from buildsteps.errors import UsageError
from buildsteps.nearest import suggestion
from buildsteps.results import Location
from buildsteps.yaml_document import Node


class Problem(msgspec.Struct, frozen=True):
    """One mistake: what is wrong, and where."""

    message: str
    location: Location


def convert(node: Node, wanted: Any) -> Any:
    """Make a value of type ``wanted``.

    Raises:
        UsageError: it does not fit; names the first mistake, and lists the others in detail.
    """
    problems = check(node, wanted)
    if not problems:
        return msgspec.convert(node.plain(), wanted)
    raise first_of(problems)


def first_of(problems: list[Problem]) -> UsageError:
    """The error that tells of ``problems``: the first as its sentence, the others in detail."""
    first, *others = problems
    detail = "\n".join(f"{other.location}: {other.message}" for other in others)
    return UsageError(first.message, first.location, detail)


def check(node: Node, wanted: Any) -> list[Problem]:
    """All mistakes of ``node`` measured against the type ``wanted``."""
    return _check(node, inspect.type_info(wanted))


def _check(node: Node, info: inspect.Type) -> list[Problem]:
    while isinstance(info, inspect.Metadata):
        info = info.type
    if isinstance(info, inspect.UnionType):
        info = _alternative(node, info)
    if isinstance(info, inspect.StructType):
        return _check_struct(node, info)
    if isinstance(info, inspect.DictType):
        if not isinstance(node.value, dict):
            return [Problem(f"expected a mapping, found {node.kind()}", node.location)]
        return [p for value in node.value.values() for p in _check(value, info.value_type)]
    if isinstance(info, inspect.VarTupleType | inspect.ListType):
        if not isinstance(node.value, list):
            return [Problem(f"expected a list, found {node.kind()}", node.location)]
        return [p for value in node.value for p in _check(value, info.item_type)]
    return _check_scalar(node, info)


def _alternative(node: Node, union: inspect.UnionType) -> inspect.Type:
    """The member of ``union`` that this kind of value can only mean."""
    kinds: dict[type, tuple[type, ...]] = {
        dict: (inspect.StructType, inspect.DictType),
        list: (inspect.VarTupleType, inspect.ListType),
    }
    kind = kinds.get(type(node.value))
    members = [m.type if isinstance(m, inspect.Metadata) else m for m in union.types]
    if kind is not None:
        for member in members:
            if isinstance(member, kind):
                return member
    containers = tuple(kind for group in kinds.values() for kind in group)
    scalars = tuple(member for member in members if not isinstance(member, containers))
    if len(scalars) == 1:
        return scalars[0]
    return inspect.UnionType(scalars) if scalars else members[0]


def _check_struct(node: Node, info: inspect.StructType) -> list[Problem]:
    if not isinstance(node.value, dict):
        return [Problem(f"expected a mapping, found {node.kind()}", node.location)]
    fields = {field.encode_name: field for field in info.fields}
    problems = []
    for key, value in node.value.items():
        if key in fields:
            problems += _check(value, fields[key].type)
        else:
            problems.append(unknown_key(key, fields, node.keys[key]))
    problems += [
        Problem(f"the key `{name}` is missing", node.location)
        for name, field in fields.items()
        if field.required and name not in node.value
    ]
    return problems


def unknown_key(key: str, known: Any, place: Location) -> Problem:
    """The mistake of a key nobody knows, with the nearest known one."""
    return Problem(f"unknown key `{key}`.{suggestion(key, known)}", place)


def _check_scalar(node: Node, info: inspect.Type) -> list[Problem]:
    wanted = _python_type(info)
    try:
        msgspec.convert(node.plain(), wanted)
    except msgspec.ValidationError as error:
        message = str(error).split(" - at ")[0].replace("`", "")
        return [Problem(f"{message[:1].lower()}{message[1:]}", node.location)]
    return []


def _python_type(info: inspect.Type) -> Any:
    if isinstance(info, inspect.UnionType):
        return _union(info.types) if info.types else Any
    if isinstance(info, inspect.LiteralType):
        from typing import Literal

        return Literal[info.values]
    if isinstance(info, inspect.EnumType):
        return info.cls
    simple: dict[type, Any] = {
        inspect.BoolType: bool,
        inspect.IntType: int,
        inspect.FloatType: float,
        inspect.StrType: str,
        inspect.DateType: datetime.date,
        inspect.NoneType: None,
    }
    return simple.get(type(info), Any)


def _union(members: tuple[inspect.Type, ...]) -> Any:
    return reduce(or_, (_python_type(member) for member in members))
