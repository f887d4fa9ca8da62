"""``shadowed-policy``."""

from pathlib import Path

import pytest

from tests.unit.steps.cedar.linting.linted import found, messages, write

RULE = "shadowed-policy"


@pytest.mark.parametrize(
    ("narrow", "wide"),
    [
        (
            'principal == User::"a", action == Action::"view", resource',
            'principal in User::"a", action == Action::"view", resource',
        ),
        ('principal == User::"a", action, resource', "principal is User, action, resource"),
        (
            'principal is User in Role::"r", action, resource',
            'principal in Role::"r", action, resource',
        ),
        (
            'principal, action == Action::"edit", resource',
            'principal, action in [Action::"view", Action::"edit"], resource',
        ),
        (
            'principal, action == Action::"edit", resource',
            'principal, action in Action::"look", resource',
        ),
        (
            'principal, action in [Action::"view", Action::"edit"], resource',
            'principal, action in Action::"look", resource',
        ),
        ("principal, action, resource is Photo", "principal, action, resource"),
    ],
)
def test_a_narrower_scope_is_covered(narrow: str, wide: str, tmp_path: Path) -> None:
    said = messages(tmp_path, f"permit({narrow});\npermit({wide});", RULE)
    assert said == [
        "permit `p` decides nothing: permit `p#2` (p.cedar:2:1) applies wherever it does"
    ]
    assert messages(tmp_path, f"permit({wide});\npermit({narrow});", RULE) == [
        "permit `p#2` decides nothing: permit `p` (p.cedar:1:1) applies wherever it does"
    ]


def test_more_conditions_on_the_same_scope_are_covered(tmp_path: Path) -> None:
    policies = """
        forbid(principal, action, resource) when { principal has age };
        forbid(principal, action, resource) when { principal has age } unless { principal.age > 9 };
    """
    assert messages(tmp_path, policies, RULE) == [
        "forbid `p#2` decides nothing: forbid `p` (p.cedar:2:9) applies wherever it does"
    ]


def test_a_condition_that_a_scope_could_say_covers_that_scope(tmp_path: Path) -> None:
    policies = """
        permit(principal, action, resource) when { principal in Role::"r" };
        permit(principal in Role::"r", action == Action::"view", resource);
    """
    assert len(messages(tmp_path, policies, RULE)) == 1


def test_a_permit_that_a_forbid_always_overrides(tmp_path: Path) -> None:
    policies = """
        permit(principal in Role::"r", action == Action::"edit", resource);
        forbid(principal, action == Action::"edit", resource);
    """
    assert messages(tmp_path, policies, RULE) == [
        "permit `p` can never allow anything: forbid `p#2` (p.cedar:3:9) forbids all of it"
    ]


@pytest.mark.parametrize(
    "policies",
    [
        # the permit is wider than the forbid, which is what forbids are for
        'permit(principal in Role::"r", action, resource);'
        " forbid(principal, action, resource) when { principal has age };",
        # a forbid inside a permit is how exceptions are written
        'permit(principal, action, resource); forbid(principal == User::"a", action, resource);',
        'permit(principal in Role::"r", action, resource); permit(principal in Role::"s", action,'
        " resource);",
        # the same meaning is another rule's
        "permit(principal, action, resource); permit(principal, action, resource);",
    ],
)
def test_policies_that_both_decide_something(policies: str, tmp_path: Path) -> None:
    assert messages(tmp_path, policies, RULE) == []


def test_of_two_that_cover_each_other_the_later_is_told(tmp_path: Path) -> None:
    policies = (
        'permit(principal == User::"a", action, resource is Photo);\n'
        'permit(principal == User::"a", action, resource is Photo) when { principal is User };'
    )
    assert messages(tmp_path, policies, RULE) == [
        "permit `p#2` decides nothing: permit `p` (p.cedar:1:1) applies wherever it does"
    ]


def test_one_policy_that_covers_many_is_told_once(tmp_path: Path) -> None:
    roles = "".join(
        f'permit(principal in Role::"{name}", action == Action::"view", resource);\n'
        for name in "abcde"
    )
    (finding,) = found(tmp_path, f"{roles}permit(principal, action, resource);", RULE)
    assert finding.message == (
        "permit `p#6` applies wherever these do, so they decide nothing: `p`, `p#2`, `p#3`"
        " and 2 more"
    )
    assert [place.line for place in finding.locations] == [6, 1, 2, 3, 4, 5]


def test_what_a_link_makes_is_covered_like_any_policy(tmp_path: Path) -> None:
    link = '[\n  {"template_id": "p", "link_id": "l", "args": {"?principal": "User::\\"a\\""}}\n]'
    write(tmp_path, {"cedartemplatelinks.json": link})
    policies = (
        'permit(principal == ?principal, action == Action::"view", resource);\n'
        "permit(principal is User, action, resource);"
    )
    (finding,) = found(tmp_path, policies, RULE)
    assert "linked permit `l` decides nothing: permit `p#2`" in finding.message
    assert str(finding.locations[0]) == "cedartemplatelinks.json:2:3"
