"""``attribute-without-has``."""

import json
from pathlib import Path

import pytest

from tests.unit.steps.cedar.linting.linted import SCHEMA, found, messages, write

RULE = "attribute-without-has"
ENTITIES = [
    ("User", "a", {"name": "Ann", "age": 3}),
    ("User", "b", {"name": "Bo"}),
    ("Photo", "p", {"owner": "Ann"}),
    ("Photo", "q", {"owner": "Bo"}),
]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A store without a schema, but with entities for its tests."""
    documents = [
        {"uid": {"type": kind, "id": name}, "attrs": attributes, "parents": []}
        for kind, name, attributes in ENTITIES
    ]
    write(tmp_path, {"tests/cedarentities.json": json.dumps(documents)})
    return tmp_path


def said(
    folder: Path, condition: str, scope: str = "principal is User, action, resource"
) -> list[str]:
    return messages(folder, f"forbid({scope}) {condition};", RULE, schema=None)


def test_an_attribute_that_some_entities_lack(folder: Path) -> None:
    assert said(folder, "when { principal.age > 1 }") == [
        "forbid `p` reads `principal.age`, and 1 of 2 User entities of the tests lack it."
        " Without it the policy errs and does not forbid"
    ]


def test_an_attribute_that_none_has_is_a_typo_perhaps(folder: Path) -> None:
    (one,) = said(folder, 'when { resource.ower == "Ann" }')
    assert "no entity of the tests has it. Did you mean `owner`?" in one
    (two,) = said(folder, 'when { principal.nam == "Ann" }')
    assert "no User of the tests has it. Did you mean `name`?" in two


@pytest.mark.parametrize(
    "condition",
    [
        "when { principal has age && principal.age > 1 }",
        "when { principal has age } when { principal.age > 1 }",
        "when { if principal has age then principal.age > 1 else false }",
        "unless { !(principal has age) || principal.age > 1 }",
        "unless { !(principal has age) } when { principal.age > 1 }",
        'when { principal.name == "Ann" }',
        'when { resource.owner == "Ann" }',
        'when { context.anything == "Ann" }',
    ],
)
def test_what_a_has_guards_or_every_entity_has(condition: str, folder: Path) -> None:
    assert said(folder, condition) == []


@pytest.mark.parametrize(
    "condition",
    [
        "when { principal.age > 1 && principal has age }",
        "when { principal has age || principal.age > 1 }",
        "when { if principal has age then true else principal.age > 1 }",
        "unless { principal has age } when { principal.age > 1 }",
        "when { resource has age && principal.age > 1 }",
    ],
)
def test_a_has_that_comes_late_or_speaks_of_something_else_guards_nothing(
    condition: str, folder: Path
) -> None:
    assert len(said(folder, condition)) == 1


def test_it_is_worse_in_a_forbid_which_then_fails_open(folder: Path) -> None:
    text = "(principal is User, action, resource) when { principal.age > 1 };"
    (forbid,) = found(folder, f"forbid{text}", RULE, schema=None)
    (permit,) = found(folder, f"permit{text}", RULE, schema=None)
    assert (forbid.severity, permit.severity) == ("high", "medium")


def test_with_a_schema_the_validator_has_proved_it(folder: Path) -> None:
    text = 'forbid(principal, action, resource) when { principal.name == "x" };'
    assert messages(folder, text, RULE, schema=SCHEMA) == []


@pytest.mark.parametrize("content", ["", "{", "[1]", '[{"uid": 1, "attrs": 2}]', "[{}]"])
def test_entities_that_are_none_are_passed_over(content: str, folder: Path) -> None:
    (folder / "tests" / "cedarentities.json").write_text(content)
    assert said(folder, "when { principal.age > 1 }") == []
