"""Policies in Cedar's JSON format: one policy, or a set with templates and links.

The format is that of Cedar's documentation, "JSON policy format". Everything else works on
Cedar text, so each policy is rendered to it by the engine.
"""

import json
from collections.abc import Iterator, Mapping
from copy import deepcopy
from typing import Any

from msgspec import Struct

from buildsteps.errors import UsageError
from buildsteps.nearest import suggestion
from buildsteps.source import SourceText
from buildsteps.steps.cedar import engine
from buildsteps.steps.cedar.text import json_text
from buildsteps.steps.cedar.text.syntax import Statement, split

_SET_KEYS = ("staticPolicies", "templates", "templateLinks")

# The engine renders no template, so its slots are rendered as this entity and put back.
_SLOT_TYPE = "buildsteps::slot"


class JsonPolicy(Struct, frozen=True):
    """A policy or template: its id (empty: take the file's), its place, and its Cedar text."""

    id: str
    statement: Statement
    text: str


def parse_json_policies(source: SourceText) -> tuple[list[JsonPolicy], list[dict[str, Any]]]:
    """Read the policies of a JSON document, and its template links as links files hold them.

    Raises:
        UsageError: not JSON, or no policy or policy set; with the place.
    """
    document = json_text.decode(source)
    if not isinstance(document, dict):
        raise UsageError("expected a policy or a policy set", source.location(0))
    if "effect" in document:
        return [_policy("", document, 0, source)], []
    unknown = [key for key in document if key not in _SET_KEYS]
    if unknown:
        nearest = suggestion(unknown[0], (*_SET_KEYS, "effect"))
        raise UsageError(f"unknown key `{unknown[0]}`.{nearest}", source.location(0))
    policies = [
        _policy(name, one, at, source)
        for section in _SET_KEYS[:2]
        for name, one, at in _members(document, section, source)
    ]
    return policies, [_link(one, source) for one in document.get("templateLinks") or ()]


def _members(
    document: Mapping[str, Any], section: str, source: SourceText
) -> Iterator[tuple[str, Any, int]]:
    """Name, content and offset of each policy of a section; a list has positions for names."""
    content = document.get(section) or {}
    start = max(source.text.find(f'"{section}"'), 0)
    if not isinstance(content, dict):
        raise UsageError(f"`{section}` must be an object", source.location(start))
    for name, one in content.items():
        found = source.text.find(json.dumps(name, ensure_ascii=False), start)
        yield name, one, max(found, start)


def _policy(name: str, document: Any, at: int, source: SourceText) -> JsonPolicy:
    if not isinstance(document, dict):
        raise UsageError("a policy must be an object", source.location(at))
    text = _rendered(document, at, source)
    annotations = document.get("annotations") or {}
    annotation = annotations.get("id") if isinstance(annotations, dict) else None
    parsed = split(text)[0]
    statement = Statement(
        start=at,
        end=at + 1,
        effect=parsed.effect,
        id_annotation=annotation if isinstance(annotation, str) else None,
        is_template=parsed.is_template,
    )
    return JsonPolicy(name, statement, text)


def _rendered(document: dict[str, Any], at: int, source: SourceText) -> str:
    try:
        return rendered(document)
    except ValueError as error:
        raise UsageError(f"not a policy: {error}", source.location(at)) from None


def rendered(document: Mapping[str, Any]) -> str:
    """A policy or template in Cedar's JSON format as Cedar text.

    Raises:
        ValueError: it is none.
    """
    filled = deepcopy(dict(document))
    slots = []
    for part in ("principal", "resource"):
        for scope in _scopes(filled.get(part)):
            if "slot" in scope:
                slots.append(scope.pop("slot"))
                scope["entity"] = {"type": _SLOT_TYPE, "id": slots[-1]}
    text = engine.render_policy(json.dumps(filled))
    for slot in slots:
        text = text.replace(f'{_SLOT_TYPE}::"{slot}"', str(slot), 1)
    problem = engine.parse_error(text) if slots else None
    if problem is not None:
        raise ValueError(problem)
    return text.strip()


def _scopes(scope: Any) -> Iterator[dict[str, Any]]:
    """A scope constraint, and the one inside ``is T in ...``."""
    if isinstance(scope, dict):
        yield scope
        if isinstance(scope.get("in"), dict):
            yield scope["in"]


def _link(link: Any, source: SourceText) -> dict[str, Any]:
    """A template link of a policy set in the form that links files have."""
    place = source.location(max(source.text.find('"templateLinks"'), 0))
    if not isinstance(link, dict) or not isinstance(link.get("values"), dict):
        raise UsageError("a template link needs `templateId`, `newId` and `values`", place)
    values = {slot: _uid(value, place) for slot, value in link["values"].items()}
    return {"template_id": link.get("templateId"), "link_id": link.get("newId"), "args": values}


def _uid(value: Any, place: Any) -> str:
    inner = value.get("__entity", value) if isinstance(value, dict) else None
    if not isinstance(inner, dict) or not {"type", "id"} <= inner.keys():
        raise UsageError("a slot is filled with an entity, `type` and `id`", place)
    return f"{inner['type']}::{json.dumps(str(inner['id']), ensure_ascii=False)}"
