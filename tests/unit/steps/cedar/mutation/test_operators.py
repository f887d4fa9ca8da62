"""What is changed in a policy: every kind of clause, and nothing twice."""

import json

import pytest

from buildsteps.steps.cedar import engine
from buildsteps.steps.cedar.mutation.operators import mutations
from buildsteps.steps.cedar.policies.cedar_text import expression_text, policy_text


def changes(text: str) -> dict[str, list[str]]:
    """The words of each change, or the new expression, by operator."""
    (document,) = engine.policy_documents(text).values()
    found: dict[str, list[str]] = {}
    for one in mutations(document):
        words = one.what or expression_text(one.new)
        found.setdefault(one.operator, []).append(words)
    return found


def when(body: str) -> dict[str, list[str]]:
    return changes(f"permit (principal, action, resource) when {{ {body} }};")


def test_an_open_policy_can_only_be_removed_or_flipped() -> None:
    assert changes("permit (principal, action, resource);") == {
        "remove-policy": ["the policy is removed"],
        "flip-effect": ["forbid instead of permit"],
    }


def test_scopes_are_made_wider_and_narrower() -> None:
    found = changes(
        'forbid (principal is U in G::"g", action in [Action::"a", Action::"b"],'
        ' resource == D::"d");'
    )
    assert found["widen-scope"] == [
        "any principal",
        "any principal of type U",
        "a principal of any type in the group",
        "any action",
        "any resource",
        "the resource itself, and all in it",
    ]
    assert found["narrow-scope"] == [
        'without the action Action::"a"',
        'without the action Action::"b"',
    ]


def test_the_scopes_of_templates_are_too() -> None:
    found = changes("permit (principal in ?principal, action, resource is D in ?resource);")
    assert found["remove-policy"] == ["the template is removed"]
    assert found["widen-scope"] == [
        "any principal",
        "any resource",
        "any resource of type D",
        "a resource of any type in the group",
    ]
    assert found["narrow-scope"] == ["the principal itself, and none in it"]


@pytest.mark.parametrize(
    ("body", "operator", "new"),
    [
        ("context.a && context.b", "drop-clause", ["context.b", "context.a"]),
        ("context.a && context.b", "swap-and-or", ["context.a || context.b"]),
        ("context.a", "negate-condition", ["!context.a"]),
        ("!context.a", "drop-negation", ["context.a"]),
        ("context.n < 3", "change-comparison", ["context.n <= 3", "context.n >= 3"]),
        ("context.n < 3", "change-literal", ["4", "2"]),
        ("context.a == true", "change-literal", ["false"]),
        ("context.n + 1 == 2", "change-comparison", ["context.n + 1 != 2", "context.n - 1"]),
        ('principal == U::"a"', "change-literal", ['U::"not a"']),
        ('principal in [U::"a", U::"b"]', "change-comparison", ['principal == [U::"a", U::"b"]']),
        ("context.a || context has b", "negate-clause", ["!(context has b)"]),
        (
            'context.s like "a*b"',
            "change-literal",
            ['context.s like "ab"', 'context.s like "*a*b"', 'context.s like "a*b*"'],
        ),
        (
            'context.ip.isInRange(ip("10.0.0.0/8"))',
            "change-literal",
            ['ip("0.0.0.0/0")', 'ip("10.0.0.0")'],
        ),
        ('context.ip == ip("::1")', "change-literal", ['ip("::2")']),
        (
            'context.d == decimal("1.5")',
            "change-literal",
            ['decimal("1.5001")', 'decimal("1.4999")'],
        ),
        (
            'context.t < datetime("2024-02-29T10:00:00Z")',
            "change-literal",
            ['datetime("2024-03-01T10:00:00Z")', 'datetime("2024-02-28T10:00:00Z")'],
        ),
        (
            'context.t == duration("1h30m")',
            "change-literal",
            ['duration("2h30m")', 'duration("0h30m")'],
        ),
        ('context.s.containsAny(["a"])', "change-comparison", ['context.s.containsAll(["a"])']),
        (
            "if context.a then context.b else context.c",
            "swap-branches",
            ["if context.a then context.c else context.b"],
        ),
    ],
)
def test_a_condition_is_changed_in_each_clause(body: str, operator: str, new: list[str]) -> None:
    assert when(body)[operator] == new


def test_a_literal_that_is_no_value_of_its_function_is_left_alone() -> None:
    for call in ('ip("x")', 'decimal("x")', 'datetime("2024-13-01")', 'duration("x")'):
        assert "change-literal" not in when(f"context.a == {call}")


def test_the_numbers_beside_the_largest_stay_in_range() -> None:
    assert when(f"context.n < {2**63 - 1}")["change-literal"] == [str(2**63 - 2)]


def test_no_policy_is_changed_in_the_same_way_twice() -> None:
    text = (
        'permit (principal in G::"g", action == Action::"a", resource is D in F::"f")'
        ' when { (context.a || !(context.b && context.n <= 2)) && context.s like "x*" }'
        ' unless { principal == U::"a" };'
    )
    (document,) = engine.policy_documents(text).values()
    made = [json.dumps(one.document) for one in mutations(document)]
    assert len(set(made)) == len(made)
    assert json.dumps(document) not in made


def test_names_that_are_no_identifiers_are_quoted() -> None:
    text = (
        '@doc("a\\"b")\n@flag\npermit (\n  principal,\n  action == Action::"\\n",\n  resource\n)\n'
        'when { context["a b"].if_ has "then" && {"in": -1, b: 2}["in"] * -1 == - (-1) };'
    )
    (document,) = engine.policy_documents(text).values()
    (again,) = engine.policy_documents(policy_text(document)).values()
    assert again == document
