"""``compares-different-types``."""

from pathlib import Path

import pytest

from tests.unit.steps.cedar.linting.linted import found, messages

RULE = "compares-different-types"
SCOPE = "principal, action, resource is Photo"


def policy(condition: str, scope: str = SCOPE) -> str:
    """A policy that has an alternative, so that it is not impossible as a whole."""
    return f'permit({scope}) when {{ {condition} || principal.name == "x" }};'


@pytest.mark.parametrize(
    ("condition", "said"),
    [
        ("principal == resource", "always false, because User and Photo are never equal"),
        ("principal != resource", "always true, because User and Photo are never equal"),
        ('principal == Photo::"p"', "always false, because User and Photo are never equal"),
        ('resource.owner == Album::"a"', "always false, because User and Album are never equal"),
        ("principal in resource", "always false, because User is never in Photo"),
        ('principal in Folder::"f"', "always false, because User is never in Folder"),
        ("principal in resource.readers || resource in principal", "Photo is never in User"),
        ('resource.owner in Album::"a"', "always false, because User is never in Album"),
        ("principal is Photo", "always false, because it is User, never Photo"),
        ('principal is User in Folder::"f"', "always false, because User is never in Folder"),
        (
            '(if principal.name == "y" then principal in Folder::"f" else false)',
            "User is never in Folder",
        ),
    ],
)
def test_what_no_types_can_fulfil_is_told_at_its_place(
    condition: str, said: str, tmp_path: Path
) -> None:
    (finding,) = found(tmp_path, policy(condition), RULE)
    assert said in finding.message
    assert finding.locations[0].column and finding.locations[0].column > len(SCOPE)


@pytest.mark.parametrize(
    "condition",
    [
        "resource.owner == principal",
        "principal in resource.readers",
        'principal in Role::"r"',
        'resource in Album::"a"',
        "principal is User",
        'resource in [Album::"a", Album::"b"]',
        'action == Action::"view"',
        'action in Action::"look"',
        'principal.hasTag("t") && principal.getTag("t") == principal.name',
        "resource.labels == resource.labels",
    ],
)
def test_what_may_be_true_is_left_alone(condition: str, tmp_path: Path) -> None:
    assert messages(tmp_path, policy(condition), RULE) == []


def test_an_open_resource_may_be_of_any_type_that_the_actions_apply_to(tmp_path: Path) -> None:
    text = (
        'permit(principal, action, resource) when { resource is Album || resource == Photo::"p" };'
    )
    assert messages(tmp_path, text, RULE) == []
    narrowed = text.replace("action,", 'action == Action::"edit",')
    (said,) = messages(tmp_path, narrowed, RULE)
    assert (
        said == "permit `p`: `resource is Album` is always false, because it is Photo, never Album"
    )


def test_without_a_schema_scope_and_literals_tell_types(tmp_path: Path) -> None:
    text = 'permit(principal is User, action, resource) when { principal == Photo::"p" };'
    assert len(messages(tmp_path, text, RULE, schema=None)) == 1
    free = 'permit(principal, action, resource) when { principal == Photo::"p" };'
    assert messages(tmp_path, free, RULE, schema=None) == []


def test_a_type_that_only_another_condition_demands_proves_nothing(tmp_path: Path) -> None:
    text = """permit(principal, action, resource) when { resource is Photo }
        unless { resource == Album::"a" };"""
    assert messages(tmp_path, text, RULE) == []
