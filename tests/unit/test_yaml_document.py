import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from buildsteps.errors import UsageError
from buildsteps.yaml_document import parse

SCALARS = st.none() | st.booleans() | st.integers() | st.text(max_size=8)
VALUES = st.recursive(
    SCALARS,
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=6), inner, max_size=3)
    ),
    max_leaves=12,
)


@given(VALUES)
def test_values_are_those_of_safe_load(value: object) -> None:
    text = yaml.safe_dump(value, allow_unicode=True)
    node = parse(text, "x")
    assert node is not None
    assert node.plain() == yaml.safe_load(text)


@given(st.text())
def test_any_text_is_a_node_or_a_usage_error(text: str) -> None:
    try:
        parse(text, "x")
    except UsageError as error:
        assert str(error).startswith("x")


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("a: 1\na: 2", "x:2:1: duplicate key `a`, first in line 1"),
        ("a: !!python/object:os.system 1", "x:1:4: the tag `!!python/object:os.system` is not allowed"),
        ("a: &a [*a]", "x:1:4: an alias that contains itself"),
        ("---\na: 1\n---\nb: 2", "x:3:1: not valid YAML"),
        ("a:\n\tb: 1", "x:2:1: not valid YAML"),
        ("? [1]\n: 2", "x:1:3: a key must be a plain word"),
        ("<<: 3", "x:1:1: `<<` merges a mapping"),
        ("a: 2026-13-45", "x:1:4: `2026-13-45` is no valid value"),
        ("\x00", "x"),
    ],
)
def test_what_is_refused_is_told_with_its_place(text: str, sentence: str) -> None:
    with pytest.raises(UsageError) as caught:
        parse(text, "x")
    assert str(caught.value).startswith(sentence)


def test_an_alias_bomb_is_refused() -> None:
    lines = ["a0: &a0 [1, 1, 1, 1, 1, 1, 1, 1, 1, 1]"]
    lines += [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 10)}]" for n in range(1, 9)]
    with pytest.raises(UsageError, match=r"grows to more than 1,000,000 values"):
        parse("\n".join(lines), "x")


@pytest.mark.parametrize("text", ["[" * 200_000, "- " * 200_000, '{"a":' * 200_000, "? " * 9_000])
def test_deep_nesting_is_refused(text: str) -> None:
    with pytest.raises(UsageError, match=r"nested more than 100 levels deep|not valid YAML"):
        parse(text, "x")


def test_aliases_nest_no_deeper_than_the_document_says() -> None:
    lines = ["a0: &a0 [1]", *(f"a{n}: &a{n} [*a{n - 1}]" for n in range(1, 3000))]
    with pytest.raises(UsageError, match="nested more than 100 levels deep"):
        parse("\n".join(lines), "x")


def test_merge_keys_give_way_to_explicit_ones() -> None:
    node = parse("x-base: &b {p: 1, q: 2}\na:\n  <<: *b\n  q: 3\n", "x")
    assert node is not None
    assert node.plain()["a"] == {"p": 1, "q": 3}


def test_nothing_is_none() -> None:
    assert parse("# only a comment\n", "x") is None
