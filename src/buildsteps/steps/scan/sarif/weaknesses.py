"""Numbers of the Common Weakness Enumeration, from all the places where tools write them."""

import re
from collections.abc import Iterable, Iterator
from typing import Any

from buildsteps.steps.scan.sarif.log import DescriptorReference, Properties, Result, Rule

SECRETS = frozenset({259, 312, 321, 522, 540, 798})
"""Weaknesses whose place holds a secret: passwords, keys and credentials in the source."""

_IN_TAG = re.compile(r"\bcwe[-_ :/]{0,2}0*(\d{1,5})\b", re.IGNORECASE)
_NUMBER = re.compile(r"(?:CWE-)?0*(\d{1,5})", re.IGNORECASE)


def of_rule(rule: Rule) -> tuple[int, ...]:
    """The weaknesses of a rule: tags, ``cwe`` properties, relationships."""
    targets = (one.target for one in rule.relationships or () if one.target)
    return tuple(dict.fromkeys((*_of_properties(rule.properties), *_of_references(targets))))


def of_result(result: Result) -> tuple[int, ...]:
    """The weaknesses that only the result names: tags and taxa."""
    own = result.properties
    if result.taxa is None and (own is None or (own.tags is None and own.cwe is None)):
        return ()
    found = (*_of_properties(own), *_of_references(result.taxa or ()))
    return tuple(dict.fromkeys(found))


def _of_properties(properties: Properties | None) -> Iterator[int]:
    if properties is None:
        return
    for text in (*_texts(properties.tags), *_texts(properties.cwe)):
        for number in _IN_TAG.findall(text):
            yield int(number)


def _of_references(references: Iterable[DescriptorReference]) -> Iterator[int]:
    for one in references:
        owner = one.tool_component.name if one.tool_component else ""
        found = _NUMBER.fullmatch(one.id or "")
        if found and "cwe" in f"{owner} {one.id}".lower():
            yield int(found[1])


def _texts(value: Any) -> Iterator[str]:
    """The texts of a value that should be a text or a list of them."""
    for one in value if isinstance(value, list) else (value,):
        if isinstance(one, str):
            yield one[:200]
