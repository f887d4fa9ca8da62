"""Other values for a literal: near ones, which a boundary tells apart, and plainly other ones."""

import datetime
import ipaddress
import re
from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal, InvalidOperation
from typing import Any

_LONGEST, _LEAST = 2**63 - 1, -(2**63)
_STEP = Decimal("0.0001")
_DATE = re.compile(r"\d{4}-\d{2}-\d{2}")
_NUMBER = re.compile(r"\d+")


def other_values(value: Any) -> Iterator[Any]:
    """Values in place of one: the other truth, the numbers beside it, another text or entity."""
    if isinstance(value, bool):
        yield not value
    elif isinstance(value, int):
        yield from (one for one in (value + 1, value - 1) if _LEAST <= one <= _LONGEST)
    elif isinstance(value, str):
        yield f"not {value}"
    elif isinstance(value, dict) and "__entity" in value:
        entity = value["__entity"]
        yield {"__entity": {**entity, "id": f"not {entity['id']}"}}


def other_arguments(function: str, argument: str) -> Iterator[str]:
    """Arguments in place of one of ``ip``, ``decimal``, ``datetime`` or ``duration``."""
    others = {"ip": _ips, "decimal": _decimals, "datetime": _dates, "duration": _durations}
    yield from others[function](argument)


def _ips(argument: str) -> Iterator[str]:
    """A network becomes all addresses, and its first one; an address the next."""
    try:
        network = ipaddress.ip_network(argument, strict=False)
    except ValueError:
        return
    if network.num_addresses > 1:
        yield "0.0.0.0/0" if network.version == 4 else "::/0"
        yield str(network.network_address)
    elif int(network.network_address) + 1 < 2**network.max_prefixlen:
        yield str(network.network_address + 1)


def _decimals(argument: str) -> Iterator[str]:
    try:
        number = Decimal(argument)
    except InvalidOperation:
        return
    yield from (f"{number + step:.4f}" for step in (_STEP, -_STEP))


def _dates(argument: str) -> Iterator[str]:
    """The days before and after, at the same time."""
    found = _DATE.match(argument)
    if found is None:
        return
    try:
        day = datetime.date.fromisoformat(found[0])
        near = [day + datetime.timedelta(days=one) for one in (1, -1)]
    except (ValueError, OverflowError):
        return
    yield from (f"{one.isoformat()}{argument[found.end() :]}" for one in near)


def _durations(argument: str) -> Iterator[str]:
    """One more, and one less, of its first unit."""
    found = _NUMBER.search(argument)
    if found is None:
        return
    for number in (int(found[0]) + 1, int(found[0]) - 1):
        if number >= 0:
            yield f"{argument[: found.start()]}{number}{argument[found.end() :]}"


def other_patterns(pattern: Sequence[Any]) -> Iterator[list[Any]]:
    """Patterns in place of one of ``like``: each wildcard gone, one more at either end."""
    for number, part in enumerate(pattern):
        if part == "Wildcard":
            yield [*pattern[:number], *pattern[number + 1 :]]
    if pattern and pattern[0] != "Wildcard":
        yield ["Wildcard", *pattern]
    if pattern and pattern[-1] != "Wildcard":
        yield [*pattern, "Wildcard"]


def without_each(members: Sequence[Any]) -> Iterator[list[Any]]:
    """A list without each of its members; never an empty one."""
    if len(members) > 1:
        for number in range(len(members)):
            yield [*members[:number], *members[number + 1 :]]


def argument_of(content: Any) -> str | None:
    """The text that an extension's function is called with, where it is a literal."""
    only = content[0] if isinstance(content, list) and len(content) == 1 else None
    value = only.get("Value") if isinstance(only, Mapping) else None
    return value if isinstance(value, str) else None
