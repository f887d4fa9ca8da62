"""``unused-schema-type`` and ``unused-schema-action``."""

import json
from pathlib import Path

import pytest

from tests.unit.steps.cedar.linting.linted import found, lint, messages, write

TYPE, ACTION = "unused-schema-type", "unused-schema-action"
SCHEMA = """entity Role, Group, Nothing;
entity Tag;
entity User in [Group, Role];
entity Photo { tags: Set<Tag> };
action look;
action alone;
action view in [look] appliesTo { principal: User, resource: Photo };
action edit appliesTo { principal: User, resource: Photo };
"""
VIEW = 'permit(principal in Role::"r", action == Action::"view", resource);'


def test_types_that_nothing_leads_to(tmp_path: Path) -> None:
    said = found(tmp_path, VIEW, TYPE, schema=SCHEMA)
    assert [(one.message.split()[-1], one.locations[0].line) for one in said] == [
        ("Group", 1),
        ("Nothing", 1),
    ]
    assert {one.severity for one in said} == {"low"}


@pytest.mark.parametrize(
    "policy",
    [
        'permit(principal in Group::"g", action, resource);',
        'permit(principal, action, resource) when { principal in Group::"g" };',
        "permit(principal in ?principal, action, resource);",
    ],
)
def test_a_group_is_used_where_a_policy_names_it_or_a_slot_may_take_it(
    policy: str, tmp_path: Path
) -> None:
    assert "Group" not in str(messages(tmp_path, policy, TYPE, schema=SCHEMA))


def test_actions_that_no_permit_allows_and_groups_of_nothing(tmp_path: Path) -> None:
    policies = f'{VIEW} forbid(principal, action == Action::"edit", resource);'
    assert messages(tmp_path, policies, ACTION, schema=SCHEMA) == [
        'Action::"alone" applies to nothing, and no policy names it',
        'no policy permits Action::"edit", so it is denied to everybody',
    ]


@pytest.mark.parametrize(
    ("policy", "left"),
    [
        ('permit(principal in Role::"r", action, resource);', ["alone"]),
        ('permit(principal in Role::"r", action in Action::"look", resource);', ["alone", "edit"]),
        (
            'permit(principal, action in [Action::"view", Action::"edit"], resource);',
            ["alone"],
        ),
        ('permit(principal == ?principal, action == Action::"edit", resource);', ["alone", "view"]),
        (
            'permit(principal, action, resource) when { action == Action::"view" };',
            ["alone", "edit"],
        ),
        ('permit(principal, action, resource) unless { action in Action::"alone" };', []),
    ],
)
def test_an_action_is_used_by_itself_its_group_or_a_condition(
    policy: str, left: list[str], tmp_path: Path
) -> None:
    said = messages(tmp_path, policy, ACTION, schema=SCHEMA)
    assert [name for name in ("alone", "edit", "view") if f'"{name}"' in str(said)] == left


def test_places_in_a_json_schema(tmp_path: Path) -> None:
    schema = {
        "NS": {
            "entityTypes": {"User": {}, "Doc": {}, "Nothing": {}},
            "actions": {
                "view": {"appliesTo": {"principalTypes": ["User"], "resourceTypes": ["Doc"]}}
            },
        }
    }
    write(tmp_path, {"cedarschema.json": json.dumps(schema, indent=1)})
    (finding,) = found(tmp_path, "permit(principal, action, resource);", TYPE, schema=None)
    assert finding.message.endswith("NS::Nothing")
    assert finding.locations[0].line == 6


def test_a_comment_in_the_schema_accepts(tmp_path: Path) -> None:
    schema = SCHEMA.replace(
        "action alone;", f"// buildsteps: accept[{ACTION}] next year\naction alone;"
    )
    said = found(tmp_path, "permit(principal, action, resource);", ACTION, schema=schema)
    assert [(one.rule, one.accepted) for one in said] == [(ACTION, "next year")]


def test_where_a_policy_is_left_out_nobody_knows_what_is_unused(tmp_path: Path) -> None:
    write(tmp_path, {"cedarschema": SCHEMA, "p.cedar": VIEW, "broken.cedar": "permit("})
    report = lint(tmp_path, only=(TYPE, ACTION))
    assert report.findings == ()
    assert any("not all of it could be looked at" in note for note in report.notes)
