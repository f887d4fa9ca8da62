"""From a YAML value to a typed one, with every mistake at its place.

msgspec checks types well but knows no lines, and names a key below a mapping ``[...]``; so the
shape is walked here, and msgspec makes the value once it is known to fit.
"""

import datetime
import math
from functools import reduce
from operator import or_
from typing import Any

import msgspec
from msgspec import inspect

from buildsteps.errors import UsageError
from buildsteps.nearest import suggestion
from buildsteps.results import Location
from buildsteps.yaml_document import Node

_MAPPINGS = (inspect.StructType, inspect.DictType)
_LISTS = (inspect.VarTupleType, inspect.ListType)
_EXPECTED: dict[type, str] = {
    inspect.BoolType: "true or false",
    inspect.IntType: "a whole number",
    inspect.FloatType: "a number",
    inspect.StrType: "text",
    inspect.DateType: "a day such as 2027-06-30",
    inspect.NoneType: "nothing",
    inspect.StructType: "a mapping",
    inspect.DictType: "a mapping",
    inspect.VarTupleType: "a list",
    inspect.ListType: "a list",
}


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
    if problems:
        raise first_of(problems)
    try:
        return msgspec.convert(_plain(node, inspect.type_info(wanted)), wanted)
    except msgspec.ValidationError as error:  # a rule of the type that has no words of ours
        raise UsageError(str(error).replace("`", ""), node.location) from None


def first_of(problems: list[Problem]) -> UsageError:
    """The error that tells of ``problems``: the first as its sentence, the others in detail."""
    first, *others = problems
    detail = "\n".join(f"{other.location}: {other.message}" for other in others)
    return UsageError(first.message, first.location, detail)


def check(node: Node, wanted: Any) -> list[Problem]:
    """All mistakes of ``node`` measured against the type ``wanted``."""
    return _check(node, inspect.type_info(wanted))


def _check(node: Node, info: inspect.Type) -> list[Problem]:
    info = _bare(info)
    wanted = _alternative(node, info) if isinstance(info, inspect.UnionType) else info
    if isinstance(wanted, inspect.StructType) and isinstance(node.value, dict):
        return _check_struct(node, node.value, wanted)
    if isinstance(wanted, inspect.DictType) and isinstance(node.value, dict):
        return [p for value in node.value.values() for p in _check(value, wanted.value_type)]
    if isinstance(wanted, _LISTS) and isinstance(node.value, list):
        return [p for value in node.value for p in _check(value, wanted.item_type)]
    if isinstance(wanted, _MAPPINGS + _LISTS) or not _is_scalar_of(node, wanted):
        return [_misfit(node, info)]
    return []


def _bare(info: inspect.Type) -> inspect.Type:
    while isinstance(info, inspect.Metadata):
        info = info.type
    return info


def _alternative(node: Node, union: inspect.UnionType) -> inspect.Type:
    """The member of ``union`` that this kind of value can only mean."""
    kinds: dict[type, tuple[type, ...]] = {dict: _MAPPINGS, list: _LISTS}
    kind = kinds.get(type(node.value))
    members = [_bare(member) for member in union.types]
    if kind is not None:
        for member in members:
            if isinstance(member, kind):
                return member
    scalars = tuple(member for member in members if not isinstance(member, _MAPPINGS + _LISTS))
    if len(scalars) == 1:
        return scalars[0]
    return inspect.UnionType(scalars) if scalars else members[0]


def _plain(node: Node, info: inspect.Type) -> Any:
    """The value without places; ``3.0`` where only a whole number can be meant becomes ``3``.

    JSON Schema counts a number without a fraction as an integer (draft 2020-12, validation,
    6.1.1), so an editor accepts it.
    """
    info = _bare(info)
    if isinstance(info, inspect.UnionType):
        info = _alternative(node, info)
    if isinstance(node.value, dict) and isinstance(info, inspect.StructType):
        types = {field.encode_name: field.type for field in info.fields}
        return {key: _plain(value, types[key]) for key, value in node.value.items()}
    if isinstance(node.value, dict) and isinstance(info, inspect.DictType):
        return {key: _plain(value, info.value_type) for key, value in node.value.items()}
    if isinstance(node.value, list) and isinstance(info, _LISTS):
        return [_plain(value, info.item_type) for value in node.value]
    return _whole(node, info)


def _whole(node: Node, info: inspect.Type) -> Any:
    kinds = [type(one) for one in _members(info)]
    wanted = inspect.IntType in kinds and inspect.FloatType not in kinds
    if wanted and isinstance(node.value, float) and node.value.is_integer():
        return int(node.value)
    return node.plain()


def _check_struct(node: Node, values: dict[str, Node], info: inspect.StructType) -> list[Problem]:
    fields = {field.encode_name: field for field in info.fields}
    problems = []
    for key, value in values.items():
        if key in fields:
            problems += _check(value, fields[key].type)
        else:
            problems.append(unknown_key(key, fields, node.keys[key]))
    problems += [
        Problem(f"the key `{name}` is missing", node.location)
        for name, field in fields.items()
        if field.required and name not in values
    ]
    return problems


def unknown_key(key: str, known: Any, place: Location) -> Problem:
    """The mistake of a key nobody knows, with the nearest known one."""
    return Problem(f"unknown key `{key}`.{suggestion(key, known)}", place)


def _is_scalar_of(node: Node, info: inspect.Type) -> bool:
    if isinstance(node.value, float) and not math.isfinite(node.value):
        return False  # no threshold can be compared with it
    try:
        msgspec.convert(_whole(node, info), _python_type(info))
    except msgspec.ValidationError:
        return False
    return True


def _misfit(node: Node, info: inspect.Type) -> Problem:
    """The mistake of a value of another kind, with what to do where that is known."""
    message = f"expected {expected(info)}, found {node.found()}"
    members = _members(info)
    if any(isinstance(one, inspect.StrType) for one in members) and node.is_quotable():
        message += "; put quotes around it"
    elif isinstance(node.value, str):
        known = [str(value) for one in members for value in _choices(one)]
        nearest = suggestion(node.value, known)
        message += f".{nearest}" if nearest else ""
    return Problem(message, node.location)


def expected(info: inspect.Type) -> str:
    """What a person calls the values of a type, such as ``a whole number or nothing``."""
    words = [word for one in _members(info) for word in _words(one)]
    *others, last = dict.fromkeys(words)
    return f"{', '.join(others)} or {last}" if others else last


def _members(info: inspect.Type) -> list[inspect.Type]:
    info = _bare(info)
    return [_bare(one) for one in info.types] if isinstance(info, inspect.UnionType) else [info]


def _words(info: inspect.Type) -> list[str]:
    if choices := _choices(info):
        return [f"`{value}`" for value in choices]
    return [_EXPECTED.get(type(info), "another kind of value")]


def _choices(info: inspect.Type) -> tuple[Any, ...]:
    if isinstance(info, inspect.LiteralType):
        return tuple(info.values)
    if isinstance(info, inspect.EnumType):
        return tuple(one.value for one in info.cls)
    return ()


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
