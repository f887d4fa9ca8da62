"""``unconstrained-permit``."""

from pathlib import Path

import pytest

from tests.unit.steps.cedar.linting.linted import found

RULE = "unconstrained-permit"


@pytest.mark.parametrize(
    ("scope", "severity", "what"),
    [
        ("principal, action, resource", "high", "every action on every resource"),
        ("principal is User, action, resource", "high", "every action on every resource"),
        (
            'principal, action == Action::"view", resource',
            "medium",
            "its actions on every resource",
        ),
        ('principal, action, resource in Album::"a"', "medium", "every action on its resource"),
        (
            'principal, action == Action::"view", resource in Album::"a"',
            "low",
            "its actions on its resource",
        ),
    ],
)
def test_a_permit_for_everybody_is_as_severe_as_it_is_wide(
    scope: str, severity: str, what: str, tmp_path: Path
) -> None:
    (finding,) = found(tmp_path, f"permit({scope});", RULE)
    assert (finding.severity, what in finding.message) == (severity, True)


def test_a_condition_that_is_always_true_is_none(tmp_path: Path) -> None:
    text = "permit(principal, action, resource) when { true } unless { false };"
    assert len(found(tmp_path, text, RULE)) == 1


@pytest.mark.parametrize(
    "text",
    [
        'permit(principal in Role::"r", action, resource);',
        'permit(principal == User::"a", action, resource);',
        'permit(principal, action, resource) when { principal in Role::"r" };',
        "permit(principal, action, resource) when { principal has age };",
        "forbid(principal, action, resource);",
    ],
)
def test_who_is_named_or_bound_by_a_condition_is_not_everybody(text: str, tmp_path: Path) -> None:
    assert found(tmp_path, text, RULE) == []


def test_a_type_means_everybody_only_where_all_principals_have_it(tmp_path: Path) -> None:
    text = "permit(principal is User, action, resource);"
    schema = "entity User, Bot, Doc; action a appliesTo {principal: [User, Bot], resource: Doc};"
    assert found(tmp_path, text, RULE, schema=schema) == []
    (tmp_path / "cedarschema").unlink()
    assert found(tmp_path, text, RULE, schema=None) == []
