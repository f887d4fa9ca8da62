"""What a schema declares in either format, and where: read before the engine reads it."""

import msgspec

from buildsteps.errors import UsageError
from buildsteps.json_document import parse_all
from buildsteps.source import SourceText
from buildsteps.steps.cedar.schemas.expansion import Declared
from buildsteps.steps.cedar.schemas.grammar import Declarations, Parser
from buildsteps.steps.cedar.schemas.json_types import json_declarations
from buildsteps.yaml_document import Node

_SECTIONS = {"type": "commonTypes", "entity": "entityTypes", "action": "actions"}


def declarations_of(text: str) -> Declarations | None:
    """Give the declarations of a schema: JSON where its first character is ``{``.

    None where the text is none; the engine says what is wrong with it.
    """
    try:
        if text.lstrip()[:1] == "{":
            return json_declarations(msgspec.json.decode(text))
        return Parser(text).schema()
    except (ValueError, RecursionError):  # msgspec's errors are ValueErrors
        return None


def offset_of(source: SourceText, found: Declarations, declared: Declared) -> int:
    """Where a declaration begins; the text's beginning where that cannot be told."""
    if (declared.kind, declared.name) in found.places:
        return found.places[declared.kind, declared.name]
    try:
        (document,) = parse_all(source.text, source.path)
    except (UsageError, ValueError):
        return 0
    section = _SECTIONS[declared.kind]
    for namespace, content in _members(document):
        for name, value in _members(dict(_members(content)).get(section)):
            if declared.name in (name, f"{namespace}::{name}"):
                return value.start
    return 0


def _members(node: Node | None) -> list[tuple[str, Node]]:
    return list(node.value.items()) if node and isinstance(node.value, dict) else []
