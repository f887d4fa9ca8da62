"""What the Cedar engine's messages name, so that they can be placed and explained.

The wording is that of cedar-policy-core 4.12: ``parser/err.rs`` for syntax,
``validator/diagnostics/validation_errors.rs`` for validation.
"""

import re
from typing import Literal

from msgspec import Struct

from buildsteps.steps.cedar.text.syntax import tokens, unescape

NamedKind = Literal[
    "attribute",
    "context attribute",
    "entity type",
    "entity",
    "action",
    "function",
    "method",
    "variable",
    "scope variable",
    "effect",
    "condition",
]

_PREFIX = re.compile(r"\s*(?:policy parse errors?:\s*|for policy `[^`]*`[,:]\s*)", re.IGNORECASE)
_ATTRIBUTE = re.compile(
    r"(?:unable to guarantee safety of access to optional )?attribute `(?P<path>.+?)`"
    r"(?: on entity types? `(?P<type>.+?)`| in context for (?P<action>.+?))?"
    r"(?P<missing> not found)?",
    re.DOTALL,
)
_ENUM = re.compile(r"entity `(.+)::\"(?:.*)\"` is of an enumerated .* but `(\".*\")` is", re.DOTALL)
_NAMES: tuple[tuple[NamedKind, re.Pattern[str]], ...] = (
    ("entity type", re.compile(r"unrecognized entity type `(.+)`")),
    ("action", re.compile(r"unrecognized action `(.+)`", re.DOTALL)),
    ("function", re.compile(r"`(.+)` is not a valid function")),
    ("function", re.compile(r"undefined extension function: (.+)")),
    ("method", re.compile(r"`(.+)` is not a valid method")),
    ("variable", re.compile(r"invalid variable: (.+)")),
    ("scope variable", re.compile(r"found an invalid variable in the policy scope: (.+)")),
    ("effect", re.compile(r"invalid policy effect: (.+)")),
    ("condition", re.compile(r"invalid policy condition: (.+)")),
)


class Named(Struct, frozen=True):
    """A name in a message that nothing known goes by; a near one may be offered for it.

    ``owner`` is where the name was looked up: an attribute's entity type (empty where the engine
    names none or several), a context attribute's action, an enumerated entity's type. ``path``
    are the attributes of nested records that lead from the owner to the name.
    """

    kind: NamedKind
    name: str
    owner: str = ""
    path: tuple[str, ...] = ()


class AttributePath(Struct, frozen=True):
    """The attribute that a message is about: the last of ``names``, reached through the others.

    ``entity_type`` or ``action`` (for the context) say what it was looked for on.
    """

    names: tuple[str, ...]
    entity_type: str = ""
    action: str = ""
    missing: bool = True


def clean_message(message: str) -> str:
    """Take away what a message says besides its subject: the policy's id, ``parse error``."""
    while prefix := _PREFIX.match(message):
        message = message[prefix.end() :]
    return message.strip()


def attribute_in(message: str) -> AttributePath | None:
    """Read which attribute the validator did not find, or holds optional and not tested for."""
    match = _ATTRIBUTE.fullmatch(clean_message(message))
    if match is None:
        return None
    entity_type = match["type"] or ""
    return AttributePath(
        _path(match["path"]),
        "" if "`" in entity_type else entity_type,
        match["action"] or "",
        match["missing"] is not None,
    )


def names_in(message: str) -> Named | None:
    """Give the unknown name that ``message`` is about, or None where it is not about one."""
    message = clean_message(message)
    attribute = attribute_in(message)
    if attribute is not None:
        return _attribute(attribute)
    if enum := _ENUM.match(message):
        return Named("entity", unescape(enum[2]), enum[1])
    for kind, pattern in _NAMES:
        if match := pattern.fullmatch(message):
            return Named(kind, match[1])
    return None


def _attribute(attribute: AttributePath) -> Named | None:
    *path, name = attribute.names or ("",)
    if not attribute.missing or not name:
        return None
    if attribute.action:
        return Named("context attribute", name, attribute.action, tuple(path))
    return Named("attribute", name, attribute.entity_type, tuple(path))


def _path(rendered: str) -> tuple[str, ...]:
    """Read ``a.b["c d"]``, the engine's way to write attributes of attributes."""
    return tuple(
        unescape(token.text) if token.kind == "string" else token.text
        for token in tokens(rendered)
        if token.kind in ("string", "identifier")
    )
