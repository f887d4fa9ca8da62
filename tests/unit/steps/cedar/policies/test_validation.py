import pytest

from buildsteps.source import SourceText
from buildsteps.steps.cedar import engine
from buildsteps.steps.cedar.policies.policy import Policy, policies_of, policy_file
from buildsteps.steps.cedar.policies.validation import (
    impossible,
    schema_mistakes,
    syntax_mistakes,
    telling,
)
from buildsteps.steps.cedar.schemas.resolution import parse_schema

SCHEMA_TEXT = """
entity User { name: String, age?: Long };
entity Doc { owner: User, labels: Set<String> };
action view appliesTo { principal: User, resource: Doc, context: { mfa: Bool } };
"""
SCHEMA = engine.any_schema(SCHEMA_TEXT)
VIEW = 'permit(principal, action == Action::"view", resource)'


def policies(text: str) -> list[Policy]:
    return policies_of([policy_file("p.cedar", SourceText("p.cedar", text))])


def mistakes(text: str) -> dict[int, list[str]]:
    found = schema_mistakes(policies(text), SCHEMA, lambda: parse_schema(SCHEMA_TEXT))
    return {
        position: [f"{one.location}: {one.message}" for one in some]
        for position, some in found.items()
    }


@pytest.mark.parametrize(
    ("text", "told"),
    [
        (f"{VIEW};", []),
        ("permit(principal action, resource);", ["p.cedar:1:18: unexpected token `action`"]),
        (
            f"{VIEW};\n{VIEW} when {{ x }};\nforbid(principal, action);\n{VIEW};",
            [
                "p.cedar:2:62: invalid variable: x",
                "p.cedar:3:25: this policy is missing the `resource` variable in the scope",
            ],
        ),
        (f"{VIEW}", ["p.cedar:1:54: unexpected end of input"]),
        ("permt(principal, action, resource);", ["p.cedar:1:1: invalid policy effect: permt"]),
        (
            '@id("a") @id("b") permit(principal, action, resource);',
            ["p.cedar:1:11: duplicate annotation: @id"],
        ),
    ],
)
def test_each_statement_that_does_not_parse_is_told(text: str, told: list[str]) -> None:
    found = syntax_mistakes(policy_file("p.cedar", SourceText("p.cedar", text)))
    shown = [f"{one.location}: {one.message}" for one in found]
    assert len(shown) == len(told), shown
    assert all(one.startswith(start) for one, start in zip(shown, told, strict=True)), shown


def test_a_mistake_is_a_paragraph_with_a_caret() -> None:
    (mistake,) = syntax_mistakes(
        policy_file("p.cedar", SourceText("p.cedar", "permit(principal action, resource);"))
    )
    assert mistake.detail() == (
        "p.cedar:1:18: unexpected token `action`\n"
        "  1 | permit(principal action, resource);\n"
        "    |                  ^^^^^^"
    )


@pytest.mark.parametrize(
    ("text", "told"),
    [
        (f"{VIEW};", {}),
        (
            f"{VIEW}\nwhen {{ resource.label.isEmpty() }};",
            {0: ["attribute `label` on entity type `Doc` not found. Did you mean `labels`?"]},
        ),
        (
            f"{VIEW} when {{ context.mfaa }};",
            {0: ['attribute `mfaa` in context for Action::"view" not found. Did you mean `mfa`?']},
        ),
        (
            f'{VIEW};\npermit(principal is Usr, action == Action::"view", resource);',
            {1: ["unrecognized entity type `Usr`. Did you mean `User`?"]},
        ),
        (
            f'{VIEW};\npermit(principal, action == Action::"vieww", resource);\n{VIEW};',
            {1: ['unrecognized action `Action::"vieww"`. Did you mean `Action::"view"`?']},
        ),
        (
            f"{VIEW} when {{ principal.age > 3 }};",
            {
                0: [
                    "unable to guarantee safety of access to optional attribute `age`"
                    " on entity type `User`"
                ]
            },
        ),
    ],
)
def test_what_the_schema_does_not_allow_is_told_by_policy(
    text: str, told: dict[int, list[str]]
) -> None:
    messages = {
        position: [one.split(": ", 1)[1] for one in some]
        for position, some in mistakes(text).items()
    }
    assert messages == told


def test_the_place_of_a_mistake_is_that_in_the_file() -> None:
    found = mistakes(f"// one\n{VIEW};\n\n{VIEW}\nwhen {{ resource.label.isEmpty() }};")
    assert found[1][0].startswith("p.cedar:5:17: ")


def test_a_mistake_in_a_json_policy_is_placed_at_its_beginning() -> None:
    text = (
        '{"staticPolicies": {"a": {"effect": "permit", "principal": {"op": "is", "entity_type":'
        ' "Usr"}, "action": {"op": "All"}, "resource": {"op": "All"}, "conditions": []}}}'
    )
    assert mistakes(text) == {
        0: ["p.cedar:1:21: unrecognized entity type `Usr`. Did you mean `User`?"]
    }


def test_the_echo_of_a_wrong_name_is_left_out_unless_it_is_all_there_is() -> None:
    echo = "unable to find an applicable action given the policy scope constraints"
    assert telling([echo, "unrecognized entity type `Usr`"]) == ["unrecognized entity type `Usr`"]
    assert telling([echo]) == [echo]
    assert telling([]) == []


@pytest.mark.parametrize(
    ("condition", "never"),
    [
        ("", False),
        ("when { true }", False),
        ("when { context.mfa }", False),
        ("when { resource.labels.isEmpty() }", False),
        ("when { false }", True),
        ("unless { true }", True),
        ("when { context.mfa && false }", True),
        ("when { false || context.mfa }", False),
        ("when { principal is Doc }", True),
        ("when { principal has nme }", True),
        ("when { false && resource.labels.isEmpty() } // ;\n", True),
    ],
)
def test_a_policy_that_can_never_apply_is_told(condition: str, never: bool) -> None:
    found = impossible(policies(f'{VIEW};\n@id("it") {VIEW} {condition};'), SCHEMA)
    assert [(one.rule, str(one.locations[0]), one.fingerprint) for one in found] == (
        [("impossible-policy", "p.cedar:2:1", "impossible-policy:p.cedar:it")] if never else []
    )


def test_without_policies_nothing_is_impossible() -> None:
    assert impossible([], SCHEMA) == []


def test_templates_can_be_impossible_too() -> None:
    template = 'permit(principal == ?principal, action == Action::"view", resource)'
    found = impossible(policies(f"{template};{template} when {{ false }};"), SCHEMA)
    assert [one.locations[0].column for one in found] == [len(template) + 2]


TWICE = f"""{VIEW} when {{
  principal.name == "a" &&
  principal.nam == "b" &&
  (resource.owner.name == "c" ||
   principal.nam == "d")
}};"""


def test_of_a_mistake_made_twice_each_has_its_place() -> None:
    found = schema_mistakes(policies(TWICE), SCHEMA, lambda: None)[0]
    assert [(one.location.line, one.location.column) for one in found] == [(3, 13), (5, 14)]


def test_where_asking_would_take_too_long_the_first_place_is_told(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("buildsteps.steps.cedar.policies.validation._MOST_ASKED", 10)
    found = schema_mistakes(policies(TWICE), SCHEMA, lambda: None)[0]
    assert [one.location.line for one in found] == [3, 3]
