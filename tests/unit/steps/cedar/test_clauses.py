import cedarpy
import pytest
from hypothesis import given
from hypothesis import strategies as st

from buildsteps.steps.cedar.clauses import parts_of

SCOPE = "principal, action, resource"
REQUEST = {"principal": 'U::"a"', "action": 'Action::"x"', "resource": 'U::"b"', "context": {}}


def applies(policy: str) -> bool:
    return cedarpy.is_authorized(REQUEST, policy, "[]").allowed


@pytest.mark.parametrize(
    ("policy", "parts"),
    [
        (f"permit({SCOPE});", []),
        (
            '@id("a)")\nforbid(principal == U::"a", action in [A::"x", A::"y"], resource is D);',
            ['principal == U::"a"', 'action in [A::"x", A::"y"]', "resource is D"],
        ),
        (f"permit({SCOPE}) when {{ a && (b || c) && d }};", ["a", "(b || c)", "d"]),
        (f"permit({SCOPE}) when {{ a && b || c }};", ["a && b || c"]),
        (f"permit({SCOPE}) unless {{ a || b && c }};", ["a", "b && c"]),
        (f"permit({SCOPE}) when {{ if a then b else c && d }};", ["if a then b else c && d"]),
        (
            f'permit({SCOPE}) when {{ {{"a": 1}}.a == 1 && "&& }}" == "" }};',
            ['{"a": 1}.a == 1', '"&& }" == ""'],
        ),
        (f"permit({SCOPE}) when {{ a // && x\n && b }} unless {{ c }};", ["a", "b", "c"]),
        ("nonsense", []),
        ("permit", []),
        ("", []),
    ],
)
def test_a_policy_is_taken_apart(policy: str, parts: list[str]) -> None:
    assert [part.text for part in parts_of(policy, {})] == parts


def test_slots_are_filled_in_probes_only() -> None:
    policy = "permit(principal in ?principal, action, resource is D in ?resource);"
    filled = parts_of(policy, {"?principal": 'G::"a"', "?resource": 'F::"b"'})
    assert [part.text for part in filled] == [
        'principal in G::"a"',
        'resource is D in F::"b"',
    ]
    assert filled[0].probe == 'permit(principal in G :: "a", action, resource);'.replace(
        " :: ", "::"
    )
    assert cedarpy.PolicySet.from_str("\n".join(part.probe for part in filled)) is not None


ATOMS = st.sampled_from(["true", "false", "1 == 1", "1 < 0", '"a}" == "a}"', "!true"])
EXPRESSIONS = st.recursive(
    ATOMS,
    lambda inner: st.one_of(
        st.tuples(inner, inner).map(lambda p: f"({p[0]} && {p[1]})"),
        st.tuples(inner, inner).map(lambda p: f"({p[0]}) || ({p[1]})"),
        st.tuples(inner, inner).map(lambda p: f"({p[0]}) && ({p[1]})"),
        st.tuples(inner, inner, inner).map(lambda p: f"if {p[0]} then {p[1]} else {p[2]}"),
    ),
    max_leaves=6,
)
PRINCIPALS = st.sampled_from(
    ["principal", 'principal == U::"a"', 'principal == U::"z"', "principal is V"]
)


@given(
    PRINCIPALS, st.lists(st.tuples(st.sampled_from(["when", "unless"]), EXPRESSIONS), max_size=3)
)
def test_a_policy_applies_exactly_where_all_its_parts_hold(
    principal: str, conditions: list[tuple[str, str]]
) -> None:
    tail = " ".join(f"{kind} {{ {body} }}" for kind, body in conditions)
    policy = f"permit({principal}, action, resource) {tail};"
    assert applies(policy) == all(applies(part.probe) for part in parts_of(policy, {}))


@given(st.text(alphabet=st.sampled_from('permit(){}[],;&|"/ wheniu\n'), max_size=60))
def test_any_text_has_parts_or_none(text: str) -> None:
    parts_of(text, {})
