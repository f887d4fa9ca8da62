import pytest

from buildsteps.steps.cedar.stores import names

KINDS = {
    "policy": names.is_policy,
    "schema": names.is_schema,
    "entities": names.is_entities,
    "links": names.is_links,
    "request": names.is_request,
    "suite": names.is_suite,
}


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("a.cedar", "policy"),
        ("a.b.cedar", "policy"),
        ("a.cedar.json", "policy"),
        ("cedarschema", "schema"),
        ("app.cedarschema", "schema"),
        ("cedarschema.json", "schema"),
        ("app.cedarschema.json", "schema"),
        ("cedarentities.json", "entities"),
        ("a.cedarentities.json", "entities"),
        ("cedarauth.json", "request"),
        ("a.cedarauth.json", "request"),
        ("cedartemplatelinks.json", "links"),
        ("a.cedartemplatelinks.json", "links"),
        ("cedartests.yaml", "suite"),
        ("a.cedartests.yml", "suite"),
        ("a.cedartests.json", "suite"),
        (".cedar", None),
        (".cedar.json", None),
        ("cedar", None),
        ("a.CEDAR", None),
        ("a.cedar.bak", None),
        ("mycedarschema", None),
        ("cedarschema.yaml", None),
        ("xcedarauth.json", None),
        ("package.json", None),
    ],
)
def test_each_conventional_name_is_of_one_kind(name: str, kind: str | None) -> None:
    assert [one for one, holds in KINDS.items() if holds(name)] == ([kind] if kind else [])
    assert names.is_any(name) is (kind is not None)
