import pytest
import yaml
from hypothesis import given, settings
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


ANY_TEXT = st.text(st.characters(categories=None)) | st.text("-:?[]{},&*!|>'\"%@` \n\t\r#a1<=~._")
WORDS = st.sampled_from(
    [
        "!!int ",
        "!!bool ",
        "!!float ",
        "!!timestamp ",
        "!!null ",
        "!!map ",
        "!!set ",
        "!x ",
        "&a ",
        "*a ",
        "<<: ",
        "a: ",
        "- ",
        "? ",
        ": ",
        "\n",
        "  ",
        "[",
        "]",
        "{",
        "}",
        ", ",
        "''",
        '"',
        "=",
        "0x_",
        "2026-13-45",
        "1:60",
        "1e9",
        "yes",
        "~",
        "---\n",
        "...\n",
        "%YAML 9.9\n",
        "\ufeff",
    ]
)


@settings(max_examples=400)
@given(ANY_TEXT | st.lists(WORDS, max_size=12).map("".join))
def test_any_text_is_a_node_or_a_usage_error(text: str) -> None:
    try:
        node = parse(text, "x")
    except UsageError as error:
        assert error.location is not None
        assert error.location.path == "x"
        assert len(str(error).splitlines()) == 1
    else:
        assert node is None or node.location.line is not None


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("a: 1\na: 2", "x:2:1: duplicate key `a`, first in line 1"),
        ("a: !!python/object:os.system 1", "x:1:4: the tag `!!python/object:os.system` is not"),
        ("a: !!python/object:x {b: 1}", "x:1:4: the tag `!!python/object:x` is not allowed"),
        ("a: !mine [1]", "x:1:4: the tag `!mine` is not allowed"),
        ("a: !!set {b, c}", "x:1:4: the tag `!!set` is not allowed"),
        ("a: !!binary aGVsbG8=", "x:1:4: the tag `!!binary` is not allowed"),
        ("!x a: 1", "x:1:1: the tag `!x` is not allowed"),
        ("a: !!bool maybe", "x:1:4: `maybe` is no valid value"),
        ('a: !!int ""', "x:1:4: `` is no valid value"),
        ('a: !!float ""', "x:1:4: `` is no valid value"),
        ("a: !!timestamp soon", "x:1:4: `soon` is no valid value"),
        (f"a: {'9' * 5000}", f"x:1:4: `{'9' * 39}…` is no valid value"),
        ("a: *b", "x:1:4: not valid YAML: found undefined alias"),
        ("a: &a\n  <<: *a\n  b: 1", "x:1:4: an alias that contains itself"),
        ("<<: [{a: 1}, 3]", "x:1:1: `<<` merges a mapping"),
        ("a: [1, 2", "x:2:1: not valid YAML"),
        ("a: 'b", "x:1:6: not valid YAML"),
        ("a: b: c", "x:1:5: not valid YAML: mapping values are not allowed"),
        ("a: 1\n\tb: 2", "x:2:1: not valid YAML"),
        ("a\nb\x07", "x:2: not valid YAML: the character U+0007 is not allowed"),
        ("é\né\x00", "x:2: not valid YAML: the character U+0000 is not allowed"),
        ("\ud800", "x: not valid YAML"),
        ("😀: {é: 1, é: 2}", "x:1:11: duplicate key `é`, first in line 1"),
        ("a: 1\r\nb: 2\r\na: 3\r\n", "x:3:1: duplicate key `a`, first in line 1"),
        ("1: a\n'1': b", "x:2:1: duplicate key `1`, first in line 1"),
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


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("a: =\nb: <<\n", {"a": "=", "b": "<<"}),
        ('"<<": {a: 1}', {"<<": {"a": 1}}),
        ("1: a\ntrue: b\n~: c", {"1": "a", "true": "b", "~": "c"}),
        ('{\n\t"a": [1, 2.5, null, true]\n}', {"a": [1, 2.5, None, True]}),
        ("\ufeffa: 1", {"a": 1}),
        ("a: 1\r\nb: 2\r\n", {"a": 1, "b": 2}),
        ("--- \na: 1\n...\n", {"a": 1}),
        ("a: &b [1]\nc: *b", {"a": [1], "c": [1]}),
        ("a: {<<: [{b: 1}, {b: 2, c: 3}]}", {"a": {"b": 1, "c": 3}}),
        ("", None),
    ],
)
def test_what_else_a_document_may_hold(text: str, value: object) -> None:
    node = parse(text, "x")
    assert (node.plain() if node else None) == value


def test_every_value_and_key_knows_its_place() -> None:
    node = parse("😀é: 1\nb:\n  - x\n  - {c: d}\n", "x")
    assert node is not None
    assert str(node.keys["😀é"]) == "x:1:1"
    assert str(node.value["😀é"].location) == "x:1:5"
    inner = node.value["b"].value[1]
    assert (str(inner.location), str(inner.keys["c"])) == ("x:4:5", "x:4:6")
    assert str(inner.value["c"].location) == "x:4:9"


def test_a_merged_key_has_the_place_where_it_was_written() -> None:
    node = parse("x-base: &b\n  p: 1\na:\n  <<: *b\n", "x")
    assert node is not None
    assert str(node.value["a"].keys["p"]) == "x:2:3"


@pytest.mark.parametrize(
    ("text", "kind", "found", "quotable"),
    [
        ("null", "nothing", "nothing", False),
        ("{}", "a mapping", "a mapping", False),
        ("[]", "a list", "a list", False),
        ("w", "text", "text `w`", False),
        ("on", "true or false", "true", True),
        ("3", "the number", "the number `3`", True),
        ("2.5", "the number", "the number `2.5`", True),
        ("2026-01-02", "the day", "the day `2026-01-02`", True),
        ("2026-01-02 03:04:05", "the moment", "the moment `2026-01-02 03:04:05`", True),
    ],
)
def test_a_value_is_called_what_a_person_calls_it(
    text: str, kind: str, found: str, quotable: bool
) -> None:
    node = parse(text, "x")
    assert node is not None
    assert (node.kind(), node.found(), node.is_quotable()) == (kind, found, quotable)
