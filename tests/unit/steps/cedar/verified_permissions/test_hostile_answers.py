"""Whatever the service answers, a pull gives a store or says in a sentence that it cannot."""

import copy
import tempfile
from pathlib import Path
from typing import Any

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from buildsteps.errors import BuildstepsError, WorldError
from buildsteps.steps.cedar.policies.checks import validate_store
from buildsteps.steps.cedar.stores.inputs import read_store
from buildsteps.steps.cedar.stores.layout import Layout
from buildsteps.steps.cedar.stores.search import find_stores
from buildsteps.steps.cedar.verified_permissions.api import opened
from buildsteps.steps.cedar.verified_permissions.folder import write_store
from buildsteps.steps.cedar.verified_permissions.pulling import pull
from buildsteps.world.aws import AwsError
from tests.world_double import ScriptedAws, fake_world

DAY = "2026-01-01T00:00:00Z"
STORE = {"policyStoreId": "PS1", "arn": "arn", "validationSettings": {"mode": "OFF"}}
POLICY = {
    "policyId": "SP1",
    "lastUpdatedDate": DAY,
    "definition": {"static": {"statement": "permit (principal, action, resource);"}},
}
TEMPLATE = {
    "policyTemplateId": "PT1",
    "lastUpdatedDate": DAY,
    "statement": "permit (principal == ?principal, action, resource);",
}
LINK = {
    "policyId": "TP1",
    "lastUpdatedDate": DAY,
    "definition": {
        "templateLinked": {
            "policyTemplateId": "PT1",
            "principal": {"entityType": "User", "entityId": 'a"b\n'},
        }
    },
}
ANSWERS: dict[str, Any] = {
    "verifiedpermissions:GetPolicyStore": STORE,
    "verifiedpermissions:GetSchema": {"schema": "{}", "lastUpdatedDate": DAY},
    "verifiedpermissions:ListPolicies": [{"policies": [POLICY, LINK]}],
    "verifiedpermissions:ListPolicyTemplates": [{"policyTemplates": [TEMPLATE]}],
    "verifiedpermissions:BatchGetPolicy": {"results": [POLICY, LINK], "errors": []},
    "verifiedpermissions:GetPolicyTemplate": TEMPLATE,
}

texts = st.text(st.characters(codec=None), max_size=20)
anything = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | texts,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(texts, inner, max_size=3),
    max_leaves=6,
)


def paths(value: Any, at: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    inner = value.items() if isinstance(value, dict) else ()
    listed = enumerate(value) if isinstance(value, list) else ()
    return [at, *(p for k, v in (*inner, *listed) for p in paths(v, (*at, k)))]


def replaced(value: Any, path: tuple[Any, ...], new: Any) -> Any:
    if not path:
        return new
    whole = copy.deepcopy(value)
    inner = whole
    for step in path[:-1]:
        inner = inner[step]
    inner[path[-1]] = new
    return whole


def pulled(answers: dict[str, Any], folder: Path) -> None:
    """Pull, write, read and validate, as every command does."""
    store = pull(opened("PS1", "", ScriptedAws(answers)))
    write_store(store, folder / "avp")
    world = fake_world(folder)
    for found in find_stores(["avp"], Layout(), {}, world).stores:
        validate_store(read_store(found, world), world)


def test_the_plain_answers_give_a_store(tmp_path: Path) -> None:
    pulled(ANSWERS, tmp_path)
    assert sorted(path.name for path in (tmp_path / "avp").iterdir()) == [
        "PT1.cedar",
        "SP1.cedar",
        "cedarschema.json",
        "cedartemplatelinks.json",
    ]


@given(st.data(), anything)
def test_an_answer_with_anything_anywhere_is_told_or_taken(data: st.DataObject, new: Any) -> None:
    operation = data.draw(st.sampled_from(sorted(ANSWERS)))
    path = data.draw(st.sampled_from(paths(ANSWERS[operation])))
    answer = replaced(ANSWERS[operation], path, new)
    # botocore gives objects: one an operation, or pages of them
    pages = answer if isinstance(ANSWERS[operation], list) else [answer]
    assume(isinstance(pages, list) and all(isinstance(one, dict) for one in pages))
    with tempfile.TemporaryDirectory() as folder:
        try:
            pulled({**ANSWERS, operation: answer}, Path(folder))
        except BuildstepsError as error:
            assert str(error)


@given(st.text(st.characters(codec=None), max_size=200))
def test_a_statement_of_anything_is_judged_or_told(statement: str) -> None:
    policy = replaced(POLICY, ("definition", "static", "statement"), statement)
    answers = {**ANSWERS, "verifiedpermissions:BatchGetPolicy": {"results": [policy, LINK]}}
    with tempfile.TemporaryDirectory() as folder:
        pulled(answers, Path(folder))


def test_a_policy_that_is_listed_and_never_given_is_no_store(tmp_path: Path) -> None:
    answers = {**ANSWERS, "verifiedpermissions:BatchGetPolicy": {"results": [LINK]}}
    with pytest.raises(WorldError, match="each of the 4 times"):
        pulled(answers, tmp_path)


def test_a_store_without_a_schema_is_one(tmp_path: Path) -> None:
    none = AwsError("no", "ResourceNotFoundException", "no")
    pulled({**ANSWERS, "verifiedpermissions:GetSchema": none}, tmp_path)
    assert not (tmp_path / "avp" / "cedarschema.json").exists()


DECIDED = {
    "results": [
        {"decision": "ALLOW", "determiningPolicies": [{"policyId": "SP1"}], "errors": []},
    ]
}


@given(st.data(), anything)
def test_a_decision_with_anything_anywhere_is_told_or_taken(data: st.DataObject, new: Any) -> None:
    answer = replaced(DECIDED, data.draw(st.sampled_from(paths(DECIDED))), new)
    assume(isinstance(answer, dict))
    answers = {**ANSWERS, "verifiedpermissions:BatchIsAuthorized": answer}
    api = opened("PS1", "", ScriptedAws(answers))
    try:
        (told,) = api.decisions([{}], "[]")
    except AwsError as error:
        assert "BatchIsAuthorized" in str(error)
    else:
        assert told.decision in ("ALLOW", "DENY")


def test_an_answer_too_few_is_told() -> None:
    answers = {**ANSWERS, "verifiedpermissions:BatchIsAuthorized": DECIDED}
    api = opened("PS1", "", ScriptedAws(answers))
    with pytest.raises(AwsError, match="2 requests got 1 answers"):
        api.decisions([{}, {}], "[]")
