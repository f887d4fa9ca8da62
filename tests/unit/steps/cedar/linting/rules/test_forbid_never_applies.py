"""``forbid-never-applies``."""

from pathlib import Path

import pytest

from tests.unit.steps.cedar.linting.linted import found, messages, write

RULE = "forbid-never-applies"


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("forbid(principal, action, resource) when { false };", "false for every request"),
        ("forbid(principal, action in [], resource);", "false for every request"),
        (
            'forbid(principal == User::"a", action, resource) when { principal == User::"b" };',
            'principal cannot be User::"a" and User::"b"',
        ),
        (
            'forbid(principal, action, resource == Photo::"p") when { resource is Album };',
            "resource cannot be of the types Album and Photo",
        ),
        (
            "forbid(principal, action, resource) when { context.mfa } unless { context.mfa };",
            "a condition is true and false",
        ),
    ],
)
def test_a_forbid_that_contradicts_itself_needs_no_schema(
    text: str, why: str, tmp_path: Path
) -> None:
    (said,) = messages(tmp_path, text, RULE, schema=None)
    assert said.startswith("forbid `p` never applies: ")
    assert why in said


def test_a_forbid_that_the_schema_makes_impossible(tmp_path: Path) -> None:
    text = "forbid(principal, action, resource) when { principal in resource };"
    (finding,) = found(tmp_path, text, RULE)
    assert "false for every request that the schema allows" in finding.message
    assert finding.severity == "high"
    (tmp_path / "cedarschema").unlink()
    assert found(tmp_path, text, RULE, schema=None) == []


def test_a_link_whose_value_contradicts_a_condition(tmp_path: Path) -> None:
    link = '[{"template_id": "p", "link_id": "l", "args": {"?principal": "User::\\"a\\""}}]'
    write(tmp_path, {"cedartemplatelinks.json": link})
    text = 'forbid(principal == ?principal, action, resource) when { principal == User::"b" };'
    (said,) = messages(tmp_path, text, RULE, schema=None)
    assert said.startswith("linked forbid `l` never applies")


@pytest.mark.parametrize(
    "text",
    [
        "forbid(principal, action, resource);",
        "forbid(principal, action, resource) when { principal has age } unless { true == false };",
        # an impossible permit opens nothing; cedar-validate warns of it
        "permit(principal, action, resource) when { false };",
    ],
)
def test_a_forbid_that_may_apply_and_a_permit_that_may_not(text: str, tmp_path: Path) -> None:
    assert found(tmp_path, text, RULE) == []
