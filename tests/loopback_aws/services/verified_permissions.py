"""Amazon Verified Permissions: policy stores, their policies, templates, schemas and decisions.

Source: botocore's model of ``verifiedpermissions``, whose documentation tells what its shapes do
not: pages of at most 50, 30 requests a batch that share principal or resource, names and aliases.
"""

import json
from collections.abc import Mapping
from typing import Any

from tests.loopback_aws.errors import ServiceError
from tests.loopback_aws.paging import page
from tests.loopback_aws.service import Service
from tests.loopback_aws.services.verified_permissions_store import (
    Kept,
    PolicyStore,
    effect_of,
    invalid,
    new_id,
    scope_of,
    uid,
)
from tests.loopback_aws.services.verified_permissions_values import context_of, entities_of
from tests.loopback_aws.sigv4 import Scope
from tests.real_parts.certificates import now

ALIAS = "policy-store-alias/"
MOST_REQUESTS = 30
REQUEST_BYTES = 1_000_000
PAGE, LARGEST_PAGE = 10, 50

Result = Mapping[str, Any]


class VerifiedPermissions:
    """The service and its policy stores; ``aliases`` lead from a name without prefix to an id.

    ``edits`` are done, one each, after a call of ``ListPolicies``: somebody works on the store
    while it is read. ``decisions`` overrule the engine, by the request's principal, action and
    resource ids: a service that decides otherwise.
    """

    def __init__(self) -> None:
        self.stores: dict[str, PolicyStore] = {}
        self.aliases: dict[str, str] = {}
        self.edits: list[Any] = []
        self.decisions: dict[tuple[str, str, str], str] = {}
        self.service = Service(
            "verifiedpermissions",
            {
                "CreatePolicyStore": self._create_policy_store,
                "GetPolicyStore": self._get_policy_store,
                "ListPolicyStores": self._list_policy_stores,
                "CreatePolicyStoreAlias": self._create_alias,
                "GetPolicyStoreAlias": self._get_alias,
                "ListPolicyStoreAliases": self._list_aliases,
                "PutSchema": self._put_schema,
                "GetSchema": self._get_schema,
                "CreatePolicy": self._create_policy,
                "UpdatePolicy": self._update_policy,
                "DeletePolicy": self._delete_policy,
                "GetPolicy": self._get_policy,
                "ListPolicies": self._list_policies,
                "BatchGetPolicy": self._batch_get_policy,
                "CreatePolicyTemplate": self._create_template,
                "GetPolicyTemplate": self._get_template,
                "ListPolicyTemplates": self._list_templates,
                "IsAuthorized": self._is_authorized,
                "BatchIsAuthorized": self._batch_is_authorized,
            },
        )

    def store(
        self, *, region: str = "eu-central-1", mode: str = "STRICT", cedar_version: str = "CEDAR_4"
    ) -> PolicyStore:
        """Make a policy store."""
        made = PolicyStore(new_id("PS"), region, mode, cedar_version)
        self.stores[made.id] = made
        return made

    def _found(self, name: str, scope: Scope) -> PolicyStore:
        known = self.aliases.get(name.removeprefix(ALIAS)) if name.startswith(ALIAS) else name
        store = self.stores.get(known or "")
        if store is None or store.region != scope.region:
            raise ServiceError("ResourceNotFoundException", f"There is no policy store {name}")
        return store

    def _create_policy_store(self, given: Mapping[str, Any], scope: Scope) -> Result:
        made = self.store(region=scope.region, mode=given["validationSettings"]["mode"])
        return {
            "policyStoreId": made.id,
            "arn": made.arn,
            "createdDate": made.created,
            "lastUpdatedDate": made.created,
        }

    def _get_policy_store(self, given: Mapping[str, Any], scope: Scope) -> Result:
        store = self._found(given["policyStoreId"], scope)
        return {
            "policyStoreId": store.id,
            "arn": store.arn,
            "validationSettings": {"mode": store.mode},
            "createdDate": store.created,
            "lastUpdatedDate": store.created,
            "cedarVersion": store.cedar_version,
        }

    def _list_policy_stores(self, given: Mapping[str, Any], scope: Scope) -> Result:
        found = [
            {"policyStoreId": one.id, "arn": one.arn, "createdDate": one.created}
            for one in self.stores.values()
            if one.region == scope.region
        ]
        return page(found, "policyStores", given, PAGE)

    def _create_alias(self, given: Mapping[str, Any], scope: Scope) -> Result:
        name = given["aliasName"]
        if not name.startswith(ALIAS):
            raise invalid(f"The alias name must be prefixed with {ALIAS}")
        self.aliases[name.removeprefix(ALIAS)] = self._found(given["policyStoreId"], scope).id
        return self._alias(name.removeprefix(ALIAS), state=False)

    def _get_alias(self, given: Mapping[str, Any], scope: Scope) -> Result:
        name = given["aliasName"].removeprefix(ALIAS)
        if name not in self.aliases:
            raise ServiceError("ResourceNotFoundException", f"There is no alias {name}")
        return self._alias(name)

    def _list_aliases(self, given: Mapping[str, Any], scope: Scope) -> Result:
        found = [self._alias(name) for name in self.aliases]
        return page(found, "policyStoreAliases", given, PAGE)

    def _alias(self, name: str, *, state: bool = True) -> dict[str, Any]:
        arn = f"arn:aws:verifiedpermissions:eu-central-1:123456789012:{ALIAS}{name}"
        told = {
            "aliasName": ALIAS + name,
            "policyStoreId": self.aliases[name],
            "aliasArn": arn,
            "createdAt": now(),
        }
        return told | ({"state": "Active"} if state else {})

    def _put_schema(self, given: Mapping[str, Any], scope: Scope) -> Result:
        store = self._found(given["policyStoreId"], scope)
        namespaces = store.put_schema(given["definition"]["cedarJson"])
        return {
            "policyStoreId": store.id,
            "namespaces": namespaces,
            "createdDate": store.created,
            "lastUpdatedDate": now(),
        }

    def _get_schema(self, given: Mapping[str, Any], scope: Scope) -> Result:
        store = self._found(given["policyStoreId"], scope)
        if not store.schema:
            raise ServiceError("ResourceNotFoundException", "There is no schema")
        return {
            "policyStoreId": store.id,
            "schema": store.schema,
            "createdDate": store.created,
            "lastUpdatedDate": store.created,
            "namespaces": list(json.loads(store.schema)),
        }

    def _create_policy(self, given: Mapping[str, Any], scope: Scope) -> Result:
        store = self._found(given["policyStoreId"], scope)
        kind, definition = next(iter(given["definition"].items()))
        if kind == "static":
            made = store.create_policy(
                definition["statement"], definition.get("description"), given.get("name")
            )
        else:
            made = store.link(
                definition["policyTemplateId"],
                definition.get("principal"),
                definition.get("resource"),
                given.get("name"),
            )
        return _written(store, made)

    def _update_policy(self, given: Mapping[str, Any], scope: Scope) -> Result:
        store = self._found(given["policyStoreId"], scope)
        new = given["definition"]["static"]
        return _written(
            store, store.update_policy(given["policyId"], new["statement"], new.get("description"))
        )

    def _delete_policy(self, given: Mapping[str, Any], scope: Scope) -> Result:
        self._found(given["policyStoreId"], scope).policies.pop(given["policyId"], None)
        return {}

    def _get_policy(self, given: Mapping[str, Any], scope: Scope) -> Result:
        store = self._found(given["policyStoreId"], scope)
        return _policy(store, store.find(store.policies, given["policyId"]), whole=True)

    def _list_policies(self, given: Mapping[str, Any], scope: Scope) -> Result:
        store = self._found(given["policyStoreId"], scope)
        wanted = given.get("filter", {}).get("policyType")
        found = [_policy(store, one, whole=False) for one in store.policies.values()]
        found = [one for one in found if wanted in (None, one["policyType"])]
        if given.get("maxResults", PAGE) > LARGEST_PAGE:
            raise invalid(f"maxResults must be at most {LARGEST_PAGE}")
        answer = page(found, "policies", given, PAGE)
        if self.edits:
            self.edits.pop(0)()
        return answer

    def _batch_get_policy(self, given: Mapping[str, Any], scope: Scope) -> Result:
        results, errors = [], []
        for one in given["requests"]:
            try:
                store = self._found(one["policyStoreId"], scope)
                code = "POLICY_NOT_FOUND"
                kept = store.find(store.policies, one["policyId"])
                told = _policy(store, kept, whole=True)
                for name in ("principal", "resource", "effect"):
                    told.pop(name, None)
                results.append(told)
            except ServiceError as error:
                known = self.stores.get(one["policyStoreId"])
                code = "POLICY_NOT_FOUND" if known else "POLICY_STORE_NOT_FOUND"
                errors.append({"code": code, "message": error.message, **one})
        return {"results": results, "errors": errors}

    def _create_template(self, given: Mapping[str, Any], scope: Scope) -> Result:
        store = self._found(given["policyStoreId"], scope)
        made = store.create_template(
            given["statement"], given.get("description"), given.get("name")
        )
        told = _template(store, made)
        return {name: one for name, one in told.items() if name not in ("name", "description")}

    def _get_template(self, given: Mapping[str, Any], scope: Scope) -> Result:
        store = self._found(given["policyStoreId"], scope)
        found = store.find(store.templates, given["policyTemplateId"])
        return _template(store, found) | {"statement": found.statement}

    def _list_templates(self, given: Mapping[str, Any], scope: Scope) -> Result:
        store = self._found(given["policyStoreId"], scope)
        found = [_template(store, one) for one in store.templates.values()]
        return page(found, "policyTemplates", given, PAGE)

    def _is_authorized(self, given: Mapping[str, Any], scope: Scope) -> Result:
        (result,) = self._decided({**given, "requests": [given]}, scope)
        return {name: one for name, one in result.items() if name != "request"}

    def _batch_is_authorized(self, given: Mapping[str, Any], scope: Scope) -> Result:
        requests = given["requests"]
        if len(requests) > MOST_REQUESTS:
            raise invalid(f"There are more than {MOST_REQUESTS} requests")
        principals = {json.dumps(one.get("principal")) for one in requests}
        resources = {json.dumps(one.get("resource")) for one in requests}
        if len(principals) > 1 and len(resources) > 1:
            raise invalid("Either principal or resource must be the same in all requests")
        return {"results": self._decided(given, scope)}

    def _decided(self, given: Mapping[str, Any], scope: Scope) -> list[dict[str, Any]]:
        store = self._found(given["policyStoreId"], scope)
        if len(json.dumps(given)) > REQUEST_BYTES:
            raise invalid("The request is too large")
        requests = given["requests"]
        entities = entities_of(given, _types(requests, "principal"), _types(requests, "resource"))
        asked = [_request(one) for one in requests]
        return [
            {
                "request": {name: one[name] for name in _REQUEST if name in one},
                "decision": self.decisions.get(_ids(one), decision),
                "determiningPolicies": [{"policyId": policy} for policy in reasons],
                "errors": [{"errorDescription": text} for text in errors],
            }
            for one, (decision, reasons, errors) in zip(
                requests, store.decide(asked, entities), strict=True
            )
        ]


_REQUEST = ("principal", "action", "resource", "context")


def _types(requests: Any, part: str) -> set[str]:
    return {one[part]["entityType"] for one in requests if part in one}


def _ids(one: Mapping[str, Any]) -> tuple[str, str, str]:
    return one["principal"]["entityId"], one["action"]["actionId"], one["resource"]["entityId"]


def _request(one: Mapping[str, Any]) -> dict[str, Any]:
    for part in _REQUEST[:3]:
        if part not in one:
            raise invalid(f"{part} is missing")
    action = {"type": one["action"]["actionType"], "id": one["action"]["actionId"]}
    return {
        "principal": uid(one["principal"]),
        "action": action,
        "resource": uid(one["resource"]),
        "context": context_of(one),
    }


def _policy(store: PolicyStore, kept: Kept, *, whole: bool) -> dict[str, Any]:
    told: dict[str, Any] = {
        "policyStoreId": store.id,
        "policyId": kept.id,
        "createdDate": kept.created,
        "lastUpdatedDate": kept.updated,
    }
    if kept.name:
        told["name"] = kept.name
    if kept.template:
        principal, resource = kept.principal, kept.resource
        linked = {"policyTemplateId": kept.template, "principal": principal, "resource": resource}
        statement = store.templates[kept.template].statement
        told["definition"] = {"templateLinked": {k: v for k, v in linked.items() if v}}
    else:
        statement = kept.statement
        principal, resource = scope_of(statement, "principal"), scope_of(statement, "resource")
        static = {"description": kept.description} if kept.description is not None else {}
        told["definition"] = {"static": static | ({"statement": statement} if whole else {})}
    told["policyType"] = "TEMPLATE_LINKED" if kept.template else "STATIC"
    told["effect"] = effect_of(statement)
    scope = {"principal": principal, "resource": resource}
    return told | {name: one for name, one in scope.items() if one}


def _written(store: PolicyStore, kept: Kept) -> dict[str, Any]:
    told = _policy(store, kept, whole=False)
    return {name: one for name, one in told.items() if name not in ("definition", "name")}


def _template(store: PolicyStore, kept: Kept) -> dict[str, Any]:
    told = {
        "policyStoreId": store.id,
        "policyTemplateId": kept.id,
        "createdDate": kept.created,
        "lastUpdatedDate": kept.updated,
        "description": kept.description,
        "name": kept.name,
    }
    return {name: one for name, one in told.items() if one is not None}
