"""What is refused would end the process; what is let through, the engine bears."""

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
