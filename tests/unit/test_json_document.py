import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from buildsteps.errors import UsageError
from buildsteps.json_document import parse_all

VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(max_size=8),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=6), inner, max_size=3)
    ),
    max_leaves=12,
)


@given(VALUES, st.sampled_from([None, 2, "\t"]), st.booleans())
def test_values_are_those_of_the_library(value: object, indent: str | int | None, a: bool) -> None:
    text = json.dumps(value, indent=indent, ensure_ascii=a)
    nodes = parse_all(f" {text}\n{text} ", "x")
    assert [node.plain() for node in nodes] == [json.loads(text)] * 2
    assert nodes[0].start == 1
    assert nodes[0].end == 1 + len(text)


@given(st.text() | st.text('{}[],:"\\u0-9.eE+tfn ') | VALUES.map(json.dumps).map(lambda t: t[:-1]))
def test_what_the_library_refuses_is_refused_with_a_place(text: str) -> None:
    try:
        parse_all(text, "x")
    except UsageError as error:
        assert error.location is not None
        assert not is_json(text)


def is_json(text: str) -> bool:
    def refuse(name: str) -> None:
        raise ValueError(name)  # NaN and Infinity are Python's, not JSON's

    try:
        json.loads(text, parse_constant=refuse)
    except ValueError:
        return False
    return True


def test_places_are_lines_and_columns_of_keys_and_values() -> None:
    (node,) = parse_all('{\n  "é": [1,\n "b"]}', "x")
    assert str(node.keys["é"]) == "x:2:3"
    assert [str(item.location) for item in node.value["é"].value] == ["x:2:9", "x:3:2"]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("[" * 200, "x:1:102: is nested more than 100 levels deep"),
        ('{"a" 1}', "x:1:6: not valid JSON: `:` is expected"),
        ("[1 2]", "x:1:4: not valid JSON: `,` or `]` is expected"),
        ("{a: 1}", "x:1:2: not valid JSON: a key in quotes is expected"),
        ('["a', "x:1:2: not valid JSON: unterminated string"),
        ('["\\x"]', "x:1:3: not valid JSON: invalid \\escape"),
        ("[NaN]", "x:1:2: not valid JSON: a value is expected"),
        ("[1,]", "x:1:4: not valid JSON: a value is expected"),
    ],
)
def test_a_mistake_is_told_with_its_place(text: str, message: str) -> None:
    with pytest.raises(UsageError) as caught:
        parse_all(text, "x")
    assert str(caught.value) == message


def test_a_number_of_any_length_is_read() -> None:
    (node,) = parse_all("[" + "9" * 5000 + ", 12, 1e999]", "x")
    assert node.plain() == [float("inf"), 12, float("inf")]
