"""A policy store of the loopback Verified Permissions: what it holds, takes, and decides.

Sources: botocore's documentation of ``verifiedpermissions``; the user guide, pages "Quotas
for Amazon Verified Permissions" and "Differences between Amazon Verified Permissions and the Cedar
policy language". Policies are parsed, validated and evaluated by the real engine.
"""

import datetime
import json
import secrets
import string
from collections.abc import Mapping, Sequence
from functools import cache
from typing import Any

import cedarpy
from msgspec import Struct, field

from tests.loopback_aws.errors import ServiceError
from tests.real_parts.certificates import now

POLICY_BYTES = 10_000
SCHEMA_BYTES = 200_000
TEMPLATES = 40
RESOURCE_BYTES = 200_000
RESERVED = ("aws", "amazon", "cedar")


def new_id(prefix: str) -> str:
    """An id as the service makes them."""
    letters = string.ascii_letters + string.digits
    return prefix + "".join(secrets.choice(letters) for _ in range(20))


def invalid(message: str) -> ServiceError:
    """What the service says to input that breaks its rules."""
    return ServiceError("ValidationException", message)


class Kept(Struct):
    """A policy or template; ``statement`` is empty for a link, ``template`` for all else."""

    id: str
    statement: str = ""
    description: str | None = None
    name: str | None = None
    template: str = ""
    principal: dict[str, str] | None = None
    resource: dict[str, str] | None = None
    created: datetime.datetime = field(default_factory=now)
    updated: datetime.datetime = field(default_factory=now)


class PolicyStore(Struct):
    """One policy store and its state; ids of policies and templates are the service's own."""

    id: str
    region: str
    mode: str = "STRICT"
    cedar_version: str = "CEDAR_4"
    schema: str = ""
    policies: dict[str, Kept] = field(default_factory=dict)
    templates: dict[str, Kept] = field(default_factory=dict)
    created: datetime.datetime = field(default_factory=now)

    @property
    def arn(self) -> str:
        """The store's ARN."""
        return f"arn:aws:verifiedpermissions::123456789012:policy-store/{self.id}"

    def put_schema(self, text: str) -> list[str]:
        """Take a schema; gives its namespaces."""
        if len(text.encode()) > SCHEMA_BYTES:
            raise ServiceError("ServiceQuotaExceededException", "The schema is too large.")
        try:
            document = json.loads(text)
            cedarpy.Schema.from_json_str(text)
        except ValueError as error:
            raise invalid(f"Invalid schema: {error}") from None
        for namespace in document:
            if not namespace or any(word in RESERVED for word in namespace.lower().split("::")):
                raise invalid(f"The namespace '{namespace}' is not allowed.")
        self.schema = text if document else ""
        return list(document)

    def create_policy(
        self, statement: str, description: str | None = None, name: str | None = None
    ) -> Kept:
        """Take a static policy."""
        self._check_statement(statement, "staticPolicies")
        self._check_name(name, self.policies)
        kept = Kept(new_id("SP"), statement, description, name)
        self.policies[kept.id] = kept
        self._check_totals(kept)
        return kept

    def update_policy(self, policy: str, statement: str, description: str | None = None) -> Kept:
        """Change a static policy, as somebody in the console does."""
        kept = self.find(self.policies, policy)
        self._check_statement(statement, "staticPolicies")
        kept.statement, kept.updated = statement, now()
        kept.description = description if description is not None else kept.description
        return kept

    def create_template(
        self, statement: str, description: str | None = None, name: str | None = None
    ) -> Kept:
        """Take a template."""
        if len(self.templates) >= TEMPLATES:
            raise ServiceError("ServiceQuotaExceededException", "There are too many templates.")
        document = self._check_statement(statement, "templates")
        for part in ("principal", "resource"):
            if document[part]["op"] == "All":
                raise invalid(f"Invalid policy template: the {part} is unconstrained")
        self._check_name(name, self.templates)
        kept = Kept(new_id("PT"), statement, description, name)
        self.templates[kept.id] = kept
        return kept

    def link(
        self,
        template: str,
        principal: dict[str, str] | None = None,
        resource: dict[str, str] | None = None,
        name: str | None = None,
    ) -> Kept:
        """Make a policy of a template; entities are ``{"entityType", "entityId"}``."""
        known = self.find(self.templates, template)
        self._check_name(name, self.policies)
        kept = Kept(
            new_id("TP"), template=known.id, principal=principal, resource=resource, name=name
        )
        self.policies[kept.id] = kept
        try:
            self.policy_set()
        except ValueError as error:
            del self.policies[kept.id]
            raise invalid(f"Invalid template-linked policy: {error}") from None
        return kept

    def find(self, among: Mapping[str, Kept], name: str) -> Kept:
        """A policy or template by its id, or by its name (``name/...``)."""
        if name in among:
            return among[name]
        for one in among.values():
            if one.name and one.name == name:
                return one
        raise ServiceError("ResourceNotFoundException", f"There is no {name}")

    def policy_set(self) -> cedarpy.PolicySet:
        """All policies for the engine, by the service's ids."""
        static = {one.id: one.statement for one in self.policies.values() if not one.template}
        links = [
            {
                "templateId": one.template,
                "newId": one.id,
                "values": {
                    slot: {"__entity": uid(entity)}
                    for slot, entity in (("?principal", one.principal), ("?resource", one.resource))
                    if entity
                },
            }
            for one in self.policies.values()
            if one.template
        ]
        document = {
            "staticPolicies": {name: _document(text) for name, text in static.items()},
            "templates": {one.id: _document(one.statement) for one in self.templates.values()},
            "templateLinks": links,
        }
        return cedarpy.PolicySet.from_json_str(json.dumps(document))

    def decide(
        self, requests: Sequence[dict[str, Any]], entities: str
    ) -> list[tuple[str, list[str], list[str]]]:
        """Decision, determining policies and errors of each request, as the engine has them."""
        schema = cedarpy.Schema.from_json_str(self.schema) if self.schema else None
        try:
            loaded = cedarpy.Entities.from_json_str(entities, schema)
        except ValueError as error:
            raise invalid(f"Invalid entities: {error}") from None
        found = cedarpy.is_authorized_batch(list(requests), self.policy_set(), loaded, schema)
        return [_told(one) for one in found]

    def _check_statement(self, statement: str, kind: str) -> dict[str, Any]:
        if len(statement.encode()) > POLICY_BYTES:
            raise ServiceError("ServiceQuotaExceededException", "The policy is too large.")
        try:
            parsed = json.loads(cedarpy.policies_to_json_str(statement))
        except ValueError as error:
            raise invalid(f"Invalid input: {error}") from None
        found = {**parsed["staticPolicies"], **parsed["templates"]}
        if len(found) != 1 or not parsed[kind]:
            raise invalid("Invalid input: exactly one policy, or one template, is expected")
        if self.mode == "STRICT":
            if not self.schema:
                raise invalid("A schema is required in STRICT mode")
            schema = cedarpy.Schema.from_json_str(self.schema)
            errors = cedarpy.validate_policies(statement, schema).errors
            if errors:
                raise invalid(f"Invalid input: {errors[0].error}")
        return dict(next(iter(found.values())))

    def _check_name(self, name: str | None, among: Mapping[str, Kept]) -> None:
        if name is None:
            return
        if not name.startswith("name/"):
            raise invalid("The name must be prefixed with name/")
        if any(one.name == name for one in among.values()):
            raise ServiceError("ConflictException", f"The name {name} is taken")

    def _check_totals(self, added: Kept) -> None:
        sizes: dict[str, int] = {}
        for one in self.policies.values():
            if not one.template:
                scope = json.dumps(_document(one.statement)["resource"])
                sizes[scope] = sizes.get(scope, 0) + len(one.statement.encode())
        if max(sizes.values(), default=0) > RESOURCE_BYTES:
            del self.policies[added.id]
            raise ServiceError(
                "ServiceQuotaExceededException", "The policies of the resource are too large."
            )


def uid(entity: Mapping[str, str]) -> dict[str, str]:
    """An entity of the API as Cedar's JSON has it."""
    return {"type": entity["entityType"], "id": entity["entityId"]}


def scope_of(statement: str, part: str) -> dict[str, str] | None:
    """The entity that the scope of a policy names for principal or resource, in the API's form."""
    found = _document(statement)[part]
    entity = found.get("entity") or (found.get("in") or {}).get("entity")
    return {"entityType": entity["type"], "entityId": entity["id"]} if entity else None


def effect_of(statement: str) -> str:
    """``Permit`` or ``Forbid``."""
    return str(_document(statement)["effect"]).capitalize()


@cache
def _document(statement: str) -> dict[str, Any]:
    parsed = json.loads(cedarpy.policies_to_json_str(statement))
    return dict(next(iter({**parsed["staticPolicies"], **parsed["templates"]}.values())))


def _told(result: cedarpy.AuthzResult) -> tuple[str, list[str], list[str]]:
    diagnostics = result.diagnostics
    if result.decision is cedarpy.Decision.NoDecision:
        raise invalid(f"Invalid input: {'; '.join(diagnostics.errors)}")
    decision = "ALLOW" if result.decision is cedarpy.Decision.Allow else "DENY"
    return decision, sorted(diagnostics.reasons), list(diagnostics.errors)
