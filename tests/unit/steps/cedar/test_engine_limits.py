"""What is refused would end the process; what is let through, the engine bears."""

import json
from typing import Any

import pytest

from buildsteps.errors import UsageError
from buildsteps.source import SourceText
from buildsteps.steps.cedar import engine
from buildsteps.steps.cedar.engine_limits import (
    DEEPEST,
    FARTHEST,
    LONGEST,
    check_policies,
    check_schema,
)

# The scope's bracket is closed again; the condition's own brace is the first level.
ROOM = DEEPEST - 1


def policy(condition: str) -> str:
    return f"permit(principal, action, resource) when {{{condition}}};"


def refused(text: str) -> str:
    with pytest.raises(UsageError) as caught:
        check_policies(SourceText("p.cedar", text))
    return str(caught.value)


DEEP = {
    "brackets": ("(", "true", ")"),
    "sets": ("[", "1", "]"),
    "records": ("{a: ", "1", "}"),
    "conditionals": ("if true then ", "true", " else true"),
    "else-if": ("if true then true else ", "true", ""),
    "calls": ("principal.contains(", "1", ")"),
}


@pytest.mark.parametrize("kind", DEEP)
def test_nesting_is_refused_one_level_beyond_what_the_engine_is_given(kind: str) -> None:
    opening, inside, closing = DEEP[kind]
    allowed = policy(opening * ROOM + inside + closing * ROOM)
    check_policies(SourceText("p.cedar", allowed))
    assert engine.parse_error(allowed) is None
    beyond = policy(opening * DEEPEST + inside + closing * DEEPEST)
    assert refused(beyond).endswith(
        f"this policy nests more than {DEEPEST} levels deep, too deep for the engine"
    )


@pytest.mark.parametrize("size", [3_000, 100_000])
def test_what_overflows_the_stack_is_refused_whether_it_is_closed_or_not(size: int) -> None:
    assert "too deep" in refused(policy("(" * size + "true" + ")" * size))
    assert "too deep" in refused(policy("(" * size))
    assert "too deep" in refused(f"@id({'(' * size}")


def test_the_place_is_that_of_the_bracket_too_many() -> None:
    text = f"{policy('true')}\n" + policy("(" * 200 + "true" + ")" * 200)
    assert refused(text).startswith(
        f"p.cedar:2:{len('permit(principal, action, resource) when {') + DEEPEST}: "
    )


def test_what_stands_side_by_side_is_not_nested() -> None:
    part = "(if (true) then [1] == [1] else true)"
    check_policies(SourceText("p", policy(" && ".join([part] * 400))))
    check_policies(SourceText("p", policy("true") * 400))


def test_brackets_in_strings_and_comments_do_not_nest() -> None:
    check_policies(SourceText("p", policy(f'"{"(" * 500}" == "" // {"[" * 500}\n')))


def test_closing_brackets_do_not_make_room_for_more() -> None:
    assert "too deep" in refused(policy(")" * 500 + "(" * 500))


def test_a_chain_of_any_length_is_refused_before_it_overflows_the_stack() -> None:
    assert refused(policy("1 == 1" + " + 1" * LONGEST)) == (
        "p.cedar:1:1: a policy of more than 100,000 words is more than the engine can read"
    )
    allowed = policy("1 == 1" + " + 1" * (LONGEST // 2 - 20))
    check_policies(SourceText("p", allowed))
    assert engine.parse_error(allowed) is None


@pytest.mark.parametrize("before", ["principal", "principal has a"])
def test_a_path_that_takes_the_engine_long_is_refused(before: str) -> None:
    assert "a path of more than 1,000 attributes is too long" in refused(
        policy(before + " . a" * (FARTHEST + 1))
    )
    allowed = policy(before + ".a" * FARTHEST)
    check_policies(SourceText("p", allowed))
    assert engine.parse_error(allowed) is None


def test_many_short_paths_are_not_one_long_path() -> None:
    clauses = " && ".join(["principal.a.b == resource.c"] * FARTHEST)
    check_policies(SourceText("p", policy(f'{clauses} && "{"." * 5000}" == ""')))


def schema(depth: int) -> str:
    return f"entity A {{x: {'Set<' * depth}Long{'>' * depth}}};"


def test_a_schema_of_deep_types_is_refused() -> None:
    allowed = schema(ROOM)
    check_schema(SourceText("s", allowed))
    engine.any_schema(allowed)
    with pytest.raises(UsageError, match="s:1:413: this schema nests more than 100 levels deep"):
        check_schema(SourceText("s", schema(50_000)))


def test_a_schema_of_many_flat_types_is_not_refused() -> None:
    flat = "".join(f'// {{{{<\nentity E{n} {{x: Set<Long>, "{{<": Long}};\n' for n in range(500))
    check_schema(SourceText("s", flat))
    engine.any_schema(flat)


def test_json_is_left_to_the_limits_of_its_parsers() -> None:
    text = '{"a": ' * 5000
    check_policies(SourceText("p", text))
    check_schema(SourceText("s", text))
    for parse in (engine.any_policies, engine.any_schema):
        with pytest.raises(ValueError, match=r"\w"):
            parse(text)


def doubling(levels: int) -> str:
    lines = (f"type T{n} = {{a: T{n - 1}, b: T{n - 1}}};\n" for n in range(1, levels + 1))
    return "type T0 = Long;\n" + "".join(lines)


def test_common_types_that_double_are_counted_and_refused() -> None:
    check_schema(SourceText("s", doubling(17)))
    message = "^s:19:1: with its .* more than 1,000,000 types at the type `T18`"
    for levels in (19, 40, 5_000):
        with pytest.raises(UsageError, match=message):
            check_schema(SourceText("s", doubling(levels)))


@pytest.mark.parametrize(
    ("use", "where"),
    [
        ("entity A, B, C = {x: T16, y: {z: Set<N::T16>}};", "1: .* at the entity `N::B`"),
        ("entity A tags {a: T17, b: T17, c: T17};", "1: .* at the entity `N::A`"),
        ("entity A; action x, y, z appliesTo {context: T17};", "11: .* at the action `y`"),
    ],
)
def test_what_uses_large_common_types_counts_each_time(use: str, where: str) -> None:
    types = f"namespace N {{\n{doubling(16)}type T17 = {{a: T16, b: T16}};\n"
    check_schema(SourceText("s", types + "}"))
    with pytest.raises(UsageError, match=rf"^s:20:{where}"):
        check_schema(SourceText("s", f"{types}{use}\n}}"))


def test_common_types_are_followed_from_one_namespace_to_another() -> None:
    first = "type T0 = Long;\n"
    middle = "".join(
        f"namespace N{n} {{ type T{n} = {{a: N{n - 1}::T{n - 1}, b: N{n - 1}::T{n - 1}}}; }}\n"
        for n in range(1, 40)
    ).replace("N0::", "")
    with pytest.raises(UsageError, match=r"^s:19:17: .* at the type `N18::T18`"):
        check_schema(SourceText("s", first + middle))


def test_a_chain_of_common_types_may_not_be_too_deep() -> None:
    def chain(length: int) -> str:
        lines = (f"type T{n} = {{a: T{n - 1}}};\n" for n in range(1, length + 1))
        return "type T0 = Long;\n" + "".join(lines)

    allowed = chain(100)
    check_schema(SourceText("s", allowed))
    engine.any_schema(allowed)
    for length in (101, 20_000):  # the second ends the process
        with pytest.raises(UsageError, match=r"^s:102:1: .* `T101` nests more than 100"):
            check_schema(SourceText("s", chain(length)))


def test_common_types_in_a_cycle_are_left_to_the_engine() -> None:
    text = "type A = {b: B}; type B = {a: A, c: Set<A>}; entity E = {a: A};"
    check_schema(SourceText("s", text))
    with pytest.raises(ValueError, match="cycle"):
        engine.any_schema(text)


def json_schema(levels: int, **others: Any) -> str:
    types = {
        f"T{n}": {
            "type": "Record",
            "attributes": {
                "a": {"type": f"T{n - 1}"},
                "b": {"type": "EntityOrCommon", "name": f"N::T{n - 1}"},
            },
        }
        for n in range(1, levels + 1)
    }
    namespace = {"commonTypes": {"T0": {"type": "Long"}, **types}, "entityTypes": {}, "actions": {}}
    return json.dumps({"N": {**namespace, **others}}, indent=1)


def test_common_types_in_json_are_counted_too() -> None:
    allowed = json_schema(15)
    check_schema(SourceText("s", allowed))
    engine.any_schema(allowed)
    for levels in (19, 40):
        with pytest.raises(UsageError, match=r"^s:211:11: .* at the type `N::T18`"):
            check_schema(SourceText("s", json_schema(levels)))


@pytest.mark.parametrize(
    ("others", "where"),
    [
        (
            {"entityTypes": {"A": {"shape": {"type": "T17"}, "tags": {"type": "T17"}}}},
            "the entity `N::A`",
        ),
        (
            {
                "actions": {
                    name: {"appliesTo": {"context": {"type": "Set", "element": {"type": "T17"}}}}
                    for name in ("v", "w", "x")
                }
            },
            "the action `w`",
        ),
    ],
)
def test_uses_of_common_types_in_json_count_each_time(others: dict[str, Any], where: str) -> None:
    check_schema(SourceText("s", json_schema(17)))
    with pytest.raises(UsageError, match=rf"^s:\d+:\d+: .* at {where}"):
        check_schema(SourceText("s", json_schema(17, **others)))


def test_a_large_schema_of_shared_types_is_not_refused() -> None:
    wide = "type T = {" + ", ".join(f"a{n}: Long" for n in range(200)) + "};\n"
    text = wide + "".join(f"entity E{n} = {{t: T, u: Set<T>}};\n" for n in range(1_000))
    check_schema(SourceText("s", text))
    engine.any_schema(text)


def test_what_is_no_schema_is_left_to_the_engine() -> None:
    for text in ("type T = ;", '{"N": 1, "M": {"commonTypes": [], "entityTypes": {"E": 2}}}', "{"):
        check_schema(SourceText("s", text))
