"""Would Verified Permissions take these policies? Its own rules, checked before anybody deploys."""

import json
from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Any

from msgspec import Struct

from buildsteps.results import Case, Location, Outcome
from buildsteps.steps.cedar import engine
from buildsteps.steps.cedar.policies.policy import Policy
from buildsteps.steps.cedar.stores.inputs import StoreInputs
from buildsteps.steps.cedar.trials.request import uid_pair
from buildsteps.steps.cedar.verified_permissions import limits
from buildsteps.steps.cedar.verified_permissions.held import Held, held
from buildsteps.steps.cedar.verified_permissions.rule import Rule, Wrong
from buildsteps.steps.cedar.verified_permissions.rule_names import (
    LINK_ENTITY,
    POLICY_SIZE,
    RESOURCE_SIZE,
    SCOPE,
    TEMPLATES,
)
from buildsteps.steps.cedar.verified_permissions.schema_rules import schema_rules, unmeasured

GROUP = "Verified Permissions"


class _Parsed(Struct, frozen=True):
    """A policy with its form as Cedar's JSON has it, empty where it does not parse."""

    policy: Policy
    document: Mapping[str, Any]


def service_rules(inputs: StoreInputs, schema_text: str, prefix: str = "") -> list[Case | Held]:
    """Judge a store by the service's rules: a passed case a rule that holds, else one a breach."""
    group = prefix + GROUP
    found: list[Case | Held] = list(unmeasured(inputs, group))
    for rule in (*_policy_rules(inputs), *schema_rules(inputs, schema_text)):
        wrong = list(rule.check())
        found += [
            held(
                rule.id, group, f"{rule.title}: {one.name}", one.message, one.locations, fix=one.fix
            )
            for one in wrong
        ]
        if not wrong:
            found.append(Case(name=rule.title, group=group, outcome=Outcome.PASSED))
    return found


def _policy_rules(inputs: StoreInputs) -> list[Rule]:
    if not inputs.policies and not inputs.links:
        return []
    parsed = [_Parsed(one, _document(one.text)) for one in inputs.policies]
    return [
        Rule(POLICY_SIZE, "policy size", lambda: _policy_sizes(parsed)),
        Rule(SCOPE, "template scope", lambda: _open_scopes(parsed)),
        Rule(TEMPLATES, "templates", lambda: _too_many_templates(inputs)),
        Rule(RESOURCE_SIZE, "policy size per resource", lambda: _resource_sizes(parsed, inputs)),
        Rule(LINK_ENTITY, "entities of links", lambda: _link_entities(inputs)),
    ]


def _document(text: str) -> Mapping[str, Any]:
    try:
        return next(iter(engine.policy_documents(text).values()), {})
    except ValueError:
        return {}


def _policy_sizes(parsed: list[_Parsed]) -> Iterator[Wrong]:
    for one in parsed:
        size = len(one.policy.text.encode())
        if size > limits.POLICY_BYTES:
            yield Wrong(
                one.policy.id,
                f"has {size:,} bytes, and the service takes {limits.POLICY_BYTES:,}",
                (one.policy.location,),
                "split it",
            )


def _open_scopes(parsed: list[_Parsed]) -> Iterator[Wrong]:
    for one in parsed:
        if not one.policy.statement.is_template:
            continue
        for part in ("principal", "resource"):
            if one.document.get(part, {}).get("op") == "All":
                yield Wrong(
                    f"{one.policy.id}, {part}",
                    f"the {part} of a template must be constrained",
                    (one.policy.location,),
                    f"constrain it, such as by `{part} == ?{part}` or `{part} is TYPE`",
                )


def _too_many_templates(inputs: StoreInputs) -> Iterator[Wrong]:
    templates = [one for one in inputs.policies if one.statement.is_template]
    if len(templates) > limits.TEMPLATES:
        yield Wrong(
            inputs.store.name,
            f"has {len(templates)} templates, and a store takes {limits.TEMPLATES}",
            tuple(one.location for one in templates[limits.TEMPLATES :][:9]),
            "ask for a higher quota, and accept this rule",
        )


def _resource_sizes(parsed: list[_Parsed], inputs: StoreInputs) -> Iterator[Wrong]:
    """Sums of the static policies and links of each resource, as the service counts them.

    Source: D in ``limits.py``. A link counts with the length of its principal and resource.
    """
    sizes: Counter[str] = Counter()
    first: dict[str, Location] = {}
    for one in parsed:
        if not one.policy.statement.is_template:
            resource = _resource(one.document.get("resource", {}))
            sizes[resource] += len(one.policy.text.encode())
            first.setdefault(resource, one.policy.location)
    for link in inputs.links:
        resource = link.values.get("?resource", "")
        sizes[resource] += sum(len(uid.encode()) for uid in link.values.values())
        first.setdefault(resource, link.location)
    for resource, size in sizes.items():
        if size > limits.RESOURCE_BYTES:
            what = resource or "every resource"
            yield Wrong(
                what,
                f"the policies of {what} have {size:,} bytes,"
                f" and the service takes {limits.RESOURCE_BYTES:,}",
                (first[resource],),
                "use templates, which do not count, or ask for a higher quota and accept this rule",
            )


def _resource(scope: Mapping[str, Any]) -> str:
    entity = scope.get("entity") or (scope.get("in") or {}).get("entity")
    if not isinstance(entity, dict):
        return ""
    inner = entity.get("__entity", entity)
    return f"{inner['type']}::{json.dumps(inner['id'], ensure_ascii=False)}"


def _link_entities(inputs: StoreInputs) -> Iterator[Wrong]:
    for link in inputs.links:
        for slot, uid in link.values.items():
            kind, name = uid_pair(uid)
            if len(kind) > limits.ENTITY_TYPE_LETTERS or not (
                1 <= len(name) <= limits.ENTITY_ID_LETTERS
            ):
                yield Wrong(
                    f"{link.id}, {slot}",
                    f"the entity has a type of more than {limits.ENTITY_TYPE_LETTERS} characters,"
                    f" or an id of more than {limits.ENTITY_ID_LETTERS} or none",
                    (link.location,),
                    "shorten it",
                )
