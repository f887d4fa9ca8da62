"""What YAML can write and Cedar does not know, told at its place in the file."""

import datetime
from collections.abc import Iterator

from buildsteps.errors import UsageError
from buildsteps.yaml_document import Node

_PARTS = ("context", "entities")


def check_values(root: Node) -> None:
    """Look at every value that goes to the engine: the contexts and entities of a suite.

    Raises:
        UsageError: a day, a number with a fraction, or nothing; Cedar's JSON has none of them.
    """
    for node in _given(root):
        for value in _values(node):
            what = _unknown(value)
            if what:
                raise UsageError(f"Cedar has no {what}", value.location)


def _given(node: Node) -> Iterator[Node]:
    inner = node.value.items() if isinstance(node.value, dict) else ()
    for key, member in inner:
        if key in _PARTS:
            if member.value is not None:
                yield member
        elif isinstance(member.value, list):
            for one in member.value:
                yield from _given(one)
        elif key == "defaults":
            yield from _given(member)


def _values(node: Node) -> Iterator[Node]:
    if isinstance(node.value, dict | list):
        members = node.value.values() if isinstance(node.value, dict) else node.value
        for member in members:
            yield from _values(member)
    else:
        yield node


def _unknown(node: Node) -> str:
    if isinstance(node.value, datetime.date):
        return f"such value as {node.found()}; put quotes around it"
    if isinstance(node.value, float):
        return f"number with a fraction, such as {node.found()}; a decimal is written as text"
    return "null; leave the attribute out" if node.value is None else ""
