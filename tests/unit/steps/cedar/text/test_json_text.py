import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from buildsteps.errors import UsageError
from buildsteps.source import SourceText
from buildsteps.steps.cedar.text.json_text import decode, element_offsets

JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**60), 2**60) | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=8,
)


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("", "f.json:1:1: not valid JSON"),
        ('{"a": 1,\n "b" 2}', "f.json:2:6: not valid JSON: expected ':'"),
        ('{"é": x}', "f.json:1:7: not valid JSON: invalid character"),
        ('["\\ud800"]', "f.json:1:"),
        ("NaN", "f.json:1:1: not valid JSON"),
        ("[1] 2", "f.json:1:6: not valid JSON: trailing characters"),
        ("[" * 100_000, "f.json:1:1: is nested too deeply"),
    ],
)
def test_what_is_no_json_is_told_with_line_and_column(text: str, sentence: str) -> None:
    with pytest.raises(UsageError) as caught:
        decode(SourceText("f.json", text))
    assert str(caught.value).startswith(sentence)


@given(st.text() | st.text('[]{}",:1\\ntrue '))
def test_any_text_is_a_value_or_a_mistake_in_it(text: str) -> None:
    source = SourceText("f", text.encode(errors="replace").decode())
    try:
        decode(source)
    except UsageError as error:
        assert error.location is not None
        assert (error.location.line or 0) <= source.text.count("\n") + source.text.count("\r") + 1


@given(st.lists(JSON), st.sampled_from([None, 0, 1]))
def test_the_elements_of_an_array_begin_where_they_are_said_to(
    elements: list[object], indent: int | None
) -> None:
    text = " \n" + json.dumps(elements, indent=indent, ensure_ascii=False)
    offsets = element_offsets(text)
    decoder = json.JSONDecoder()
    assert [decoder.raw_decode(text, at)[0] for at in offsets] == elements


@pytest.mark.parametrize(
    ("text", "offsets"),
    [("", []), ("[]", []), ("[1, x, 2]", [1, 4]), ("[1", [1]), ("[" * 9000, [1])],
)
def test_of_a_broken_array_as_many_are_told_as_can_be(text: str, offsets: list[int]) -> None:
    assert element_offsets(text) == offsets
