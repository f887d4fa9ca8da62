"""The rules of Verified Permissions about schemas; sources by letter as in ``limits.py``."""

import json
import re
from collections.abc import Iterator
from typing import Any

from buildsteps.results import Case, Finding, Location, Outcome, Severity
from buildsteps.steps.cedar.stores.inputs import StoreInputs
from buildsteps.steps.cedar.verified_permissions import limits
from buildsteps.steps.cedar.verified_permissions.rule import Rule, Wrong
from buildsteps.steps.cedar.verified_permissions.rule_names import (
    EMPTY_KEY,
    NAMESPACE,
    SCHEMA_SIZE,
    SEVERAL_NAMESPACES,
)

_SIZE_TITLE = "schema size"
_NAMESPACE = re.compile(r"^namespace ([\w:]+) \{", re.MULTILINE)
_DECLARATION = re.compile(r"^(?:entity|action|type)\b", re.MULTILINE)


def schema_rules(inputs: StoreInputs, text: str) -> list[Rule]:
    """The rules for a schema whose file holds ``text``; some are about its JSON alone."""
    if inputs.schema is None:
        return []
    rules = [Rule(NAMESPACE, "namespace", lambda: _namespaces(inputs))]
    if inputs.schema.format == "JSON":
        rules.append(Rule(SCHEMA_SIZE, _SIZE_TITLE, lambda: _size(inputs, text)))
        rules.append(Rule(EMPTY_KEY, "schema keys", lambda: _empty_keys(inputs, text)))
    return rules


def unmeasured(inputs: StoreInputs, group: str) -> Iterator[Case]:
    """A skipped case where the schema is in Cedar's syntax: the quota is about its JSON."""
    if inputs.schema and inputs.schema.format != "JSON":
        yield Case(
            name=_SIZE_TITLE,
            group=group,
            outcome=Outcome.SKIPPED,
            message="the service takes the schema as JSON, and it is in Cedar's syntax here",
            locations=(_place(inputs),),
        )


def several_namespaces(inputs: StoreInputs) -> Iterator[Finding]:
    """A finding where a schema has more than one namespace.

    Source: C, ``CreatePolicyStore``: "As of May 2026 [...] now supports multiple namespaces".
    """
    names = namespaces(inputs)
    if len(names) > 1:
        yield Finding(
            rule=SEVERAL_NAMESPACES,
            severity=Severity.LOW,
            message=f"the schema has {len(names)} namespaces; before May 2026 stores took only one",
            locations=(_place(inputs),),
            fingerprint=f"{SEVERAL_NAMESPACES}:{inputs.schema_path}",
        )


def namespaces(inputs: StoreInputs) -> list[str]:
    """The namespaces of the schema; an empty one where something is declared outside of all."""
    if inputs.schema is None:
        return []
    text = str(inputs.schema.handle)
    return [*_NAMESPACE.findall(text), *([""] if _DECLARATION.search(text) else [])]


def _namespaces(inputs: StoreInputs) -> Iterator[Wrong]:
    """B: a namespace is not empty, and holds none of three words."""
    for name in namespaces(inputs):
        if not name:
            message = "types and actions outside of a namespace are not allowed"
            yield Wrong("none", message, (_place(inputs),), "put them into a namespace")
        taken = [one for one in limits.RESERVED_NAMESPACES if one in name.lower().split("::")]
        if taken:
            message = f"a namespace must not hold `{taken[0]}`"
            yield Wrong(name, message, (_place(inputs),), "rename it")


def _size(inputs: StoreInputs, text: str) -> Iterator[Wrong]:
    size = len(text.encode())
    if size > limits.SCHEMA_BYTES:
        message = f"has {size:,} bytes, and the service takes {limits.SCHEMA_BYTES:,}"
        yield Wrong(_place(inputs).path, message, (_place(inputs),), "write it without spaces")


def _empty_keys(inputs: StoreInputs, text: str) -> Iterator[Wrong]:
    """B: no key of the JSON is empty; that of a namespace is told as such."""
    document = json.loads(text)
    for namespace, content in document.items():
        for path in _empty_within(content, namespace):
            message = f"a key in `{path}` is empty"
            yield Wrong(path, message, (_place(inputs),), "give it a name")


def _empty_within(value: Any, path: str) -> Iterator[str]:
    """The paths of objects with an empty key; JSON that deep was refused when it was loaded."""
    if isinstance(value, dict):
        if "" in value:
            yield path
        for name, one in value.items():
            yield from _empty_within(one, f"{path}.{name}")
    elif isinstance(value, list):
        for one in value:
            yield from _empty_within(one, path)


def _place(inputs: StoreInputs) -> Location:
    return Location(path=inputs.schema_path or "")
