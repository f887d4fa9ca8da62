"""The loopback Verified Permissions is as strict as the real one, seen through boto3."""

import json
from collections.abc import Iterator
from typing import Any

import boto3
import pytest
from botocore.exceptions import ClientError

from tests.command_line import PHOTOS
from tests.loopback_aws.server import LoopbackAws, loopback_aws
from tests.loopback_aws.services.verified_permissions import VerifiedPermissions

SCHEMA = (PHOTOS / "cedarschema.json").read_text()
VIEW = 'action == PhotoApp::Action::"viewPhoto"'
PERMIT = f"permit (principal, {VIEW}, resource);"
TEMPLATE = f"permit (principal == ?principal, {VIEW}, resource in ?resource);"
ENTITIES = (PHOTOS / "tests" / "cedarentities.json").read_text()


@pytest.fixture
def service() -> VerifiedPermissions:
    return VerifiedPermissions()


@pytest.fixture
def aws(service: VerifiedPermissions) -> Iterator[LoopbackAws]:
    with loopback_aws(service.service) as found:
        yield found


@pytest.fixture
def client(aws: LoopbackAws, monkeypatch: pytest.MonkeyPatch) -> Any:
    for name, value in aws.environment().items():
        monkeypatch.setenv(name, value)
    return boto3.session.Session().client("verifiedpermissions")


@pytest.fixture
def store(client: Any) -> str:
    made = client.create_policy_store(validationSettings={"mode": "STRICT"})["policyStoreId"]
    client.put_schema(policyStoreId=made, definition={"cedarJson": SCHEMA})
    return str(made)


def static(statement: str) -> dict[str, Any]:
    return {"static": {"statement": statement}}


def uid(kind: str, name: str) -> dict[str, str]:
    return {"entityType": f"PhotoApp::{kind}", "entityId": name}


def asked(principal: str, resource: str) -> dict[str, Any]:
    return {
        "principal": uid("User", principal),
        "action": {"actionType": "PhotoApp::Action", "actionId": "viewPhoto"},
        "resource": uid("Photo", resource),
    }


def refused(call: Any, **request: Any) -> str:
    with pytest.raises(ClientError) as caught:
        call(**request)
    return str(caught.value.response["Error"]["Code"])


@pytest.mark.parametrize(
    ("statement", "code"),
    [
        ("permit (", "ValidationException"),
        (f"{PERMIT} {PERMIT}", "ValidationException"),
        (TEMPLATE, "ValidationException"),
        (PERMIT.replace("viewPhoto", "fly"), "ValidationException"),
        (f"{PERMIT}//{'x' * 10_000}", "ServiceQuotaExceededException"),
    ],
)
def test_a_policy_that_is_none_for_the_store_is_refused(
    client: Any, store: str, statement: str, code: str
) -> None:
    given = {"policyStoreId": store, "definition": static(statement)}
    assert refused(client.create_policy, **given) == code


def test_templates_are_held_to_scope_and_number(client: Any, store: str) -> None:
    create = client.create_policy_template
    for part in ("principal == ?principal", "resource in ?resource"):
        name = part.split(" ", maxsplit=1)[0]
        unconstrained = TEMPLATE.replace(part, name)
        assert refused(create, policyStoreId=store, statement=unconstrained) == (
            "ValidationException"
        )
    for _ in range(40):
        create(policyStoreId=store, statement=TEMPLATE)
    assert refused(create, policyStoreId=store, statement=TEMPLATE) == (
        "ServiceQuotaExceededException"
    )


@pytest.mark.parametrize("namespace", ["", "aws", "My::Amazon"])
def test_namespaces_that_are_not_allowed_are_refused(
    client: Any, store: str, namespace: str
) -> None:
    schema = json.dumps({namespace: {"entityTypes": {}, "actions": {}}})
    given = {"policyStoreId": store, "definition": {"cedarJson": schema}}
    assert refused(client.put_schema, **given) == "ValidationException"


def test_lists_come_in_pages_and_policies_in_batches(client: Any, store: str) -> None:
    for _ in range(12):
        client.create_policy(policyStoreId=store, definition=static(PERMIT))
    first = client.list_policies(policyStoreId=store)
    assert (len(first["policies"]), "nextToken" in first) == (10, True)
    second = client.list_policies(policyStoreId=store, nextToken=first["nextToken"])
    assert (len(second["policies"]), "nextToken" in second) == (2, False)
    assert refused(client.list_policies, policyStoreId=store, maxResults=51) == (
        "ValidationException"
    )
    wanted = [{"policyStoreId": store, "policyId": one["policyId"]} for one in second["policies"]]
    unknown = {"policyStoreId": store, "policyId": "SPnone"}
    found = client.batch_get_policy(requests=[*wanted, unknown])
    assert [one["definition"]["static"]["statement"] for one in found["results"]] == [PERMIT] * 2
    assert [one["code"] for one in found["errors"]] == ["POLICY_NOT_FOUND"]
    assert refused(client.batch_get_policy, requests=[unknown] * 101) == "ValidationException"


def test_batches_are_held_to_their_rules(client: Any, store: str) -> None:
    decide = client.batch_is_authorized
    apart = [asked("a", "x"), asked("b", "y")]
    assert refused(decide, policyStoreId=store, requests=apart) == "ValidationException"
    many = [asked("a", "x")] * 31
    assert refused(decide, policyStoreId=store, requests=many) == "ValidationException"
    users = [
        {"uid": {"type": "PhotoApp::User", "id": str(n)}, "attrs": {}, "parents": []}
        for n in range(101)
    ]
    action = [{"uid": {"type": "PhotoApp::Action", "id": "viewPhoto"}, "attrs": {}, "parents": []}]
    for entities in (users, action):
        given = {"cedarJson": json.dumps(entities)}
        assert refused(decide, policyStoreId=store, requests=[asked("a", "x")], entities=given) == (
            "ValidationException"
        )


def test_decisions_are_the_engines_whichever_form_entities_have(client: Any, store: str) -> None:
    owner = f"{PERMIT[:-1]} when {{ resource.owner == principal }};"
    made = client.create_policy(policyStoreId=store, definition=static(owner))["policyId"]
    request = asked("JaneDoe", "sunset.jpg")
    entity = {
        "identifier": uid("Photo", "sunset.jpg"),
        "attributes": {
            "owner": {"entityIdentifier": uid("User", "JaneDoe")},
            "labels": {"set": [{"string": "a"}]},
        },
    }
    for entities in ({"cedarJson": ENTITIES}, {"entityList": [entity]}):
        answer = client.is_authorized(policyStoreId=store, entities=entities, **request)
        assert answer["decision"] == "ALLOW"
        assert answer["determiningPolicies"] == [{"policyId": made}]
        (result,) = client.batch_is_authorized(
            policyStoreId=store, entities=entities, requests=[request]
        )["results"]
        assert (result["decision"], result["request"]) == ("ALLOW", request)


def test_a_link_decides_and_aliases_and_names_lead_to_the_same(client: Any, store: str) -> None:
    client.create_policy_store_alias(aliasName="policy-store-alias/photos", policyStoreId=store)
    alias = "policy-store-alias/photos"
    assert client.get_policy_store(policyStoreId=alias)["policyStoreId"] == store
    client.create_policy_template(policyStoreId=alias, statement=TEMPLATE, name="name/view")
    linked = {
        "policyTemplateId": "name/view",
        "principal": uid("User", "JohnDoe"),
        "resource": uid("Album", "JaneVacation"),
    }
    client.create_policy(policyStoreId=alias, definition={"templateLinked": linked})
    answer = client.is_authorized(
        policyStoreId=alias, entities={"cedarJson": ENTITIES}, **asked("JohnDoe", "sunset.jpg")
    )
    assert answer["decision"] == "ALLOW"


def test_another_region_has_no_such_store(client: Any, store: str) -> None:
    elsewhere = boto3.session.Session().client("verifiedpermissions", region_name="us-east-1")
    assert refused(elsewhere.get_policy_store, policyStoreId=store) == "ResourceNotFoundException"


def test_it_speaks_json_1_0(client: Any, store: str) -> None:
    answer = client.get_policy_store(policyStoreId=store)
    headers = answer["ResponseMetadata"]["HTTPHeaders"]
    assert headers["content-type"] == "application/x-amz-json-1.0"
