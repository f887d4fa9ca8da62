from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from buildsteps.steps.cedar import engine
from buildsteps.steps.cedar.answers.clauses import parts_of

PHOTO_SHARING = Path(__file__).parents[5] / "examples" / "photo-sharing"
SCOPE = "principal, action, resource"
REQUEST = {
    "principal": 'U::"a"',
    "action": 'Action::"x"',
    "resource": 'U::"b"',
    "context": {"n": 1, "s": "//  &&"},
}
ENTITIES = '[{"uid": {"type": "U", "id": "a"}, "attrs": {}, "parents": [{"type": "G", "id": "g"}]}]'


def applies(policy: str) -> bool:
    (answer,) = engine.authorize([REQUEST], policy, ENTITIES, None)
    assert answer.decision, answer.message
    return answer.decision == "ALLOW"


@pytest.mark.parametrize(
    ("policy", "parts"),
    [
        pytest.param(f"permit({SCOPE});", [], id="unconstrained"),
        pytest.param(
            '@id("a)")\nforbid(principal == U::"a", action in [A::"x", A::"y"], resource is D);',
            ['principal == U::"a"', 'action in [A::"x", A::"y"]', "resource is D"],
            id="scope behind an annotation",
        ),
        pytest.param(
            '@permit("no")@when permit(principal is User in Group::"x", action, resource);',
            ['principal is User in Group::"x"'],
            id="annotations named like keywords",
        ),
        pytest.param(
            'permit(principal // who\n, action in\n [ A::"x" , // one\n A::"y"], resource);',
            ['action in [ A::"x" , A::"y"]'],
            id="comments and lines in the scope",
        ),
        pytest.param(f"permit({SCOPE}) when {{ a && b && c }};", ["a", "b", "c"], id="and"),
        pytest.param(
            f"permit({SCOPE}) when {{ a && (b || c) && d }};", ["a", "b || c", "d"], id="or inside"
        ),
        pytest.param(
            f"permit({SCOPE}) when {{ ((a && (b && ((c))))) }};", ["a", "b", "c"], id="nested"
        ),
        pytest.param(f"permit({SCOPE}) when {{ (a) == (b) }};", ["(a) == (b)"], id="not enclosing"),
        pytest.param(f"permit({SCOPE}) when {{ (a && b).c }};", ["(a && b).c"], id="receiver"),
        pytest.param(f"permit({SCOPE}) when {{ !(a && b) }};", ["!(a && b)"], id="negated"),
        pytest.param(
            f"permit({SCOPE}) when {{ a && b || c }};", ["a && b || c"], id="or binds less"
        ),
        pytest.param(f"permit({SCOPE}) unless {{ a || b && c }};", ["a", "b && c"], id="unless"),
        pytest.param(f"permit({SCOPE}) unless {{ a && b }};", ["a && b"], id="unless and"),
        pytest.param(
            f"permit({SCOPE}) unless {{ a || (b || c) }};", ["a", "b", "c"], id="unless nested"
        ),
        pytest.param(
            f"permit({SCOPE}) when {{ if a then b else c && d }};",
            ["if a then b else c && d"],
            id="if takes all behind it",
        ),
        pytest.param(
            f"permit({SCOPE}) unless {{ if a then b else c || d }};",
            ["if a then b else c || d"],
            id="unless if",
        ),
        pytest.param(
            f"permit({SCOPE}) when {{ a && (if b then c else d) }};",
            ["a", "if b then c else d"],
            id="if in parentheses",
        ),
        pytest.param(
            f'permit({SCOPE}) when {{ {{"a": 1}}.a == 1 && "&& }}" == "" }};',
            ['{"a": 1}.a == 1', '"&& }" == ""'],
            id="records, and strings like code",
        ),
        pytest.param(
            f"permit({SCOPE}) when {{ [a && b, c].contains(d && e) && f }};",
            ["[a && b, c].contains(d && e)", "f"],
            id="and in brackets",
        ),
        pytest.param(
            f"permit({SCOPE}) when {{ a // && x\n && b }} unless {{ c }} when {{ d }};",
            ["a", "b", "c", "d"],
            id="comments, several conditions",
        ),
        pytest.param(
            f'permit({SCOPE}) when {{ x.url\n  ==  "http://a  b\n" }};',
            ['x.url == "http://a  b\\n"'],
            id="strings keep their spaces",
        ),
        pytest.param(
            f"permit({SCOPE}) when {{ a // b\n == c }};", ["a == c"], id="comment inside a clause"
        ),
        pytest.param("nonsense", [], id="no policy"),
        pytest.param("permit", [], id="no scope"),
        pytest.param("permit(", [], id="an open scope"),
        pytest.param(f"permit({SCOPE}) when {{ (a }};", [], id="brackets that do not match"),
        pytest.param("", [], id="nothing"),
    ],
)
def test_a_policy_is_taken_apart(policy: str, parts: list[str]) -> None:
    assert [part.text for part in parts_of(policy)] == parts


def test_parts_know_their_kind_and_place() -> None:
    policy = (
        f'@id("x")\npermit(principal == U::"a", {SCOPE[11:]}) when {{ (a\n&&b) }}\nunless {{ c }};'
    )
    parts = parts_of(policy)
    assert [part.kind for part in parts] == ["principal", "when", "when", "unless"]
    assert [policy[part.start : part.end] for part in parts] == [
        'principal == U::"a"',
        "a",
        "b",
        "c",
    ]


def test_slots_are_filled_in_text_and_probe_but_spans_are_the_templates() -> None:
    policy = "permit(principal in ?principal, action, resource is D in ?resource);"
    filled = parts_of(policy, {"?principal": 'N::G::"?resource"', "?resource": 'F::"b"'})
    assert [part.text for part in filled] == [
        'principal in N::G::"?resource"',
        'resource is D in F::"b"',
    ]
    assert [policy[part.start : part.end] for part in filled] == [
        "principal in ?principal",
        "resource is D in ?resource",
    ]
    assert filled[0].probe == 'permit(principal in N::G::"?resource", action, resource);'


@pytest.mark.parametrize("value", ['G::"a", action, resource); permit(principal', "G", '"a"', ""])
def test_what_is_no_uid_fills_no_slot(value: str) -> None:
    (part,) = parts_of("permit(principal in ?principal, action, resource);", {"?principal": value})
    assert part.text == "principal in ?principal"


@pytest.mark.parametrize(
    ("constraint", "narrowness"),
    [('=="a"', 3), (' in U::"a"', 2), (' is U in G::"a"', 2), (" is U", 1)],
)
def test_a_constraint_is_narrow_or_broad(constraint: str, narrowness: int) -> None:
    (part,) = parts_of(f"permit(principal{constraint}, action, resource);")
    assert part.narrowness == narrowness


def test_every_part_of_the_example_has_a_probe_that_parses() -> None:
    files = sorted(PHOTO_SHARING.glob("*.cedar"))
    for file in files:
        parts = parts_of(file.read_text())
        assert parts
        assert not [part for part in parts if engine.parse_error(part.probe)]
    assert files


def test_deep_brackets_and_long_chains_take_linear_time() -> None:
    deep = "(" * 50_000 + "a" + ")" * 50_000
    assert [part.text for part in parts_of(f"permit({SCOPE}) when {{ {deep} }};")] == ["a"]
    nested = "(a && " * 20_000 + "a" + ")" * 20_000
    assert len(parts_of(f"permit({SCOPE}) when {{ {nested} }};")) == 20_001


ATOMS = st.sampled_from(
    [
        "true",
        "false",
        "1 == 1",
        "context.n < 0",
        '"a}" == "a}"',
        "!true",
        "context.missing",
        'context.s == "//  &&"',
        '{"a": true || false}.a',
        "[true && false].contains(false)",
        "principal is U",
        "context has missing && context.missing",
    ]
)
EXPRESSIONS = st.recursive(
    ATOMS,
    lambda inner: st.one_of(
        st.tuples(inner, st.sampled_from(["&&", "||", "&& // }\n", "==", "||\t"]), inner).map(
            lambda p: f"({p[0]}) {p[1]} ({p[2]})"
        ),
        st.tuples(ATOMS, st.sampled_from(["&&", "||"]), ATOMS).map(" ".join),
        st.tuples(inner, inner, inner).map(lambda p: f"if {p[0]} then {p[1]} else {p[2]}"),
        inner.map(lambda one: f"(({one}))"),
        inner.map(lambda one: f"!({one})"),
    ),
    max_leaves=8,
)
PRINCIPALS = st.sampled_from(
    [
        "principal",
        'principal == U::"a"',
        'principal == U::"z"',
        "principal is V",
        'principal is U in G::"g"',
        'principal in G::"h"',
        "principal == ?principal",
    ]
)
ACTIONS = st.sampled_from(
    ["action", 'action in [Action::"x", Action::"y"]', 'action == Action::"y"']
)
CONDITIONS = st.lists(st.tuples(st.sampled_from(["when", "unless"]), EXPRESSIONS), max_size=3)


@given(PRINCIPALS, ACTIONS, CONDITIONS)
@example("principal", "action", [("when", "if true then true else false && false")])
@example("principal", "action", [("unless", "false || (if false then true else true || true)")])
def test_a_policy_applies_exactly_where_all_its_parts_hold(
    principal: str, action: str, conditions: list[tuple[str, str]]
) -> None:
    tail = " ".join(f"{kind} {{ {body} }}" for kind, body in conditions)
    policy = f"permit({principal}, {action}, resource) {tail};"
    uid = 'U::"a"'
    linked = policy.replace("?principal", uid)
    parts = parts_of(policy, {"?principal": uid})
    assert applies(linked) == all(applies(part.probe) for part in parts)


WORDS = (
    *("permit", "(", ")", "{", "}", "[", "]", "when", "unless", "&&", "||", "if", "a", ";", ","),
    *("principal", "@id", '"', "?principal", "//", "\n"),
)


@given(
    st.text(alphabet=st.sampled_from('permit(){}[],;&|"/@?! wheniu\\\n'), max_size=60)
    | st.lists(st.sampled_from(WORDS), max_size=30).map(" ".join)
    | st.text(max_size=60)
)
def test_any_text_has_parts_or_none(text: str) -> None:
    for policy in (text, f"permit({SCOPE}) when {{ {text} }};", f"permit({text})"):
        parts = parts_of(policy, {"?principal": text})
        assert all(policy[part.start : part.end] and part.text for part in parts)
