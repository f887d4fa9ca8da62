import pytest

from buildsteps.errors import UsageError
from buildsteps.source import SourceText
from buildsteps.steps.cedar import engine
from buildsteps.steps.cedar.engine_limits import DEEPEST, check_policies, check_schema

SCOPE = "permit(principal, action, resource)"


def condition(body: str) -> str:
    return f"{SCOPE};\n{SCOPE} when {{ {body} }};"


@pytest.mark.parametrize(
    "body",
    [
        "(" * 5_000 + "true" + ")" * 5_000,
        "[" * 5_000 + "]" * 5_000 + " == 1",
        '{"a": ' * 5_000 + "1" + "}" * 5_000 + " == 1",
        "if true then " * 5_000 + "true" + " else false" * 5_000,
        "(" * 5_000,
        "true" + " && true" * 200_000,
    ],
)
def test_what_would_end_the_process_is_refused_with_its_place(body: str) -> None:
    with pytest.raises(UsageError, match="engine") as caught:
        check_policies(SourceText("p.cedar", condition(body)))
    assert str(caught.value).startswith("p.cedar:2:")


@pytest.mark.parametrize(
    "body",
    [
        "(" * (DEEPEST - 5) + "true" + ")" * (DEEPEST - 5),
        "(true) && " * 2_000 + "true",
        '"' + "(" * 5_000 + '" == ""',
    ],
)
def test_what_the_engine_can_read_is_let_through(body: str) -> None:
    text = condition(body)
    check_policies(SourceText("p.cedar", text))
    assert engine.parse_error(text) is None


def test_a_deep_schema_is_refused_and_a_wide_one_is_not() -> None:
    deep = "entity A { a: " + "Set<" * 5_000 + "Long" + ">" * 5_000 + " };"
    with pytest.raises(UsageError, match="engine"):
        check_schema(SourceText("s", deep))
    wide = "".join(f"entity A{n} {{ a: Set<Long> }};" for n in range(500))
    check_schema(SourceText("s", wide))
    assert engine.any_schema(wide) is not None
