"""The rules and quotas of Verified Permissions, on small stores."""

import json
from pathlib import Path

import pytest

from buildsteps.results import Case
from buildsteps.steps.cedar.stores.inputs import read_store
from buildsteps.steps.cedar.stores.layout import Layout
from buildsteps.steps.cedar.stores.search import find_stores
from buildsteps.steps.cedar.verified_permissions.held import Held
from buildsteps.steps.cedar.verified_permissions.rules import service_rules
from buildsteps.steps.cedar.verified_permissions.schema_rules import namespaces, several_namespaces
from tests.world_double import fake_world

EMPTY = '{"N": {"entityTypes": {"E": {}}, "actions": {}}}'
PERMIT = "permit (principal, action, resource);"


def judged(folder: Path, schema: str = EMPTY, **policies: str) -> list[Case | Held]:
    (folder / "cedarschema.json").write_text(schema)
    for name, text in policies.items():
        (folder / f"{name}.cedar").write_text(text)
    world = fake_world(folder)
    (store,) = find_stores([], Layout(), {}, world).stores
    return service_rules(read_store(store, world), schema)


def broken(found: list[Case | Held]) -> list[str]:
    return [f"{one.finding.rule}: {one.case.name}" for one in found if isinstance(one, Held)]


def test_a_plain_store_keeps_them_all(tmp_path: Path) -> None:
    found = judged(tmp_path, a=PERMIT)
    assert broken(found) == []
    assert len(found) == 8


def padded(size: int) -> str:
    text = 'permit (principal, action, resource) when { context.x == "" };'
    return text.replace('""', f'"{"x" * (size - len(text))}"')


def test_a_policy_has_at_most_10_000_bytes(tmp_path: Path) -> None:
    assert broken(judged(tmp_path, a=padded(10_000))) == []
    assert broken(judged(tmp_path, a=padded(10_001))) == ["policy-too-large: policy size: a"]


def test_bytes_count_not_letters(tmp_path: Path) -> None:
    text = padded(9_000).replace("x" * 2_000, "ä" * 2_000)
    assert broken(judged(tmp_path, a=text)) == ["policy-too-large: policy size: a"]


def test_policies_without_a_resource_count_together(tmp_path: Path) -> None:
    many = {f"p{number}": padded(9_999) for number in range(21)}
    assert broken(judged(tmp_path, **many)) == [
        "resource-too-large: policy size per resource: every resource"
    ]
    apart = {
        name: text.replace("resource)", f'resource == N::E::"{name}")')[:-300] + '" };'
        for name, text in many.items()
    }
    assert broken(judged(tmp_path, **apart)) == []


@pytest.mark.parametrize(
    ("scope", "parts"),
    [
        ("principal, action, resource == ?resource", ["principal"]),
        ("principal == ?principal, action, resource", ["resource"]),
        ("principal in ?principal, action, resource in ?resource", []),
        ("principal is N::E, action, resource in ?resource", []),
        ('principal == N::E::"e", action, resource is N::E in ?resource', []),
    ],
)
def test_a_template_constrains_principal_and_resource(
    tmp_path: Path, scope: str, parts: list[str]
) -> None:
    found = judged(tmp_path, t=f"permit ({scope});")
    assert broken(found) == [f"template-scope-open: template scope: t, {one}" for one in parts]


def test_a_static_policy_may_leave_them_open(tmp_path: Path) -> None:
    assert broken(judged(tmp_path, a=PERMIT)) == []


def test_a_store_has_at_most_40_templates(tmp_path: Path) -> None:
    template = 'permit (principal == ?principal, action, resource == N::E::"e");'
    many = {f"t{number}": template for number in range(41)}
    assert broken(judged(tmp_path, **many)) == ["too-many-templates: templates: ."]


@pytest.mark.parametrize(
    ("schema", "expected"),
    [
        ('{"": {"entityTypes": {"E": {}}, "actions": {}}}', ["namespace: none"]),
        ('{"Aws": {"entityTypes": {"E": {}}, "actions": {}}}', ["namespace: Aws"]),
        ('{"My::amazon": {"entityTypes": {"E": {}}, "actions": {}}}', ["namespace: My::amazon"]),
        ('{"Lawson": {"entityTypes": {"E": {}}, "actions": {}}}', []),
    ],
)
def test_namespaces(tmp_path: Path, schema: str, expected: list[str]) -> None:
    assert broken(judged(tmp_path, schema)) == [f"namespace-not-allowed: {one}" for one in expected]


def test_several_namespaces_are_told_only(tmp_path: Path) -> None:
    schema = json.loads(EMPTY)
    schema["M"] = schema["N"]
    (tmp_path / "cedarschema.json").write_text(json.dumps(schema))
    world = fake_world(tmp_path)
    (store,) = find_stores([], Layout(), {}, world).stores
    inputs = read_store(store, world)
    assert namespaces(inputs) == ["M", "N"]
    assert [one.rule for one in several_namespaces(inputs)] == ["several-namespaces"]
    assert broken(service_rules(inputs, json.dumps(schema))) == []


def test_a_schema_has_at_most_200_000_bytes_and_no_empty_keys(tmp_path: Path) -> None:
    assert broken(judged(tmp_path, EMPTY + " " * 200_000)) == [
        "schema-too-large: schema size: cedarschema.json"
    ]
    attribute = '{"shape": {"type": "Record", "attributes": {"": {"type": "String"}}}}'
    empty = EMPTY.replace("{}", attribute, 1)
    assert broken(judged(tmp_path, empty)) == [
        "schema-key-empty: schema keys: N.entityTypes.E.shape.attributes"
    ]


def test_the_size_of_a_schema_in_cedars_syntax_is_not_known(tmp_path: Path) -> None:
    (tmp_path / "cedarschema").write_text("namespace N { entity E; }")
    world = fake_world(tmp_path)
    (store,) = find_stores([], Layout(), {}, world).stores
    found = service_rules(read_store(store, world), "namespace N { entity E; }")
    assert [one.name for one in found if isinstance(one, Case) and one.outcome == "skipped"] == [
        "schema size"
    ]
