import datetime
from enum import StrEnum
from typing import Annotated, Any, Literal

import msgspec
import pytest
from msgspec import Meta, Struct

from buildsteps.errors import UsageError
from buildsteps.typed import check, convert
from buildsteps.yaml_document import Node, parse


class Colour(StrEnum):
    """Two of them."""

    RED = "red"
    BLUE = "blue"


class Inner(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A mapping with a key that must be there."""

    name: str
    size: int = 0


def node(text: str) -> Node:
    found = parse(text, "x")
    assert found is not None
    return found


@pytest.mark.parametrize(
    ("text", "wanted", "value"),
    [
        ("yes", bool, True),
        ("3", int, 3),
        ("3", float, 3.0),
        ("1.5", float, 1.5),
        ('"3"', str, "3"),
        ("2027-06-30", datetime.date, datetime.date(2027, 6, 30)),
        ('"2027-06-30"', datetime.date, datetime.date(2027, 6, 30)),
        ("null", int | None, None),
        ("b", Literal["a", "b"], "b"),
        ("blue", Colour, Colour.BLUE),
        ("[1, 2]", tuple[int, ...], (1, 2)),
        ("{a: 1}", dict[str, int], {"a": 1}),
        ("{name: n}", Inner, Inner(name="n")),
        ("{a: {name: n, size: 2}}", dict[str, Inner], {"a": Inner(name="n", size=2)}),
        ("a", str | tuple[str, ...], "a"),
        ("[a]", str | tuple[str, ...], ("a",)),
        ("{a: [1, {b: c}]}", dict[str, Any], {"a": [1, {"b": "c"}]}),
    ],
)
def test_a_value_that_fits_is_made(text: str, wanted: Any, value: Any) -> None:
    assert convert(node(text), wanted) == value


@pytest.mark.parametrize(
    ("text", "wanted", "sentence"),
    [
        ("maybe", bool, "expected true or false, found text `maybe`"),
        ("1", bool, "expected true or false, found the number `1`"),
        ("many", int, "expected a whole number, found text `many`"),
        ("1.5", int, "expected a whole number, found the number `1.5`"),
        ("true", int, "expected a whole number, found true"),
        ("half", float, "expected a number, found text `half`"),
        (".nan", float, "expected a number, found the number `nan`"),
        ("-.inf", float, "expected a number, found the number `-inf`"),
        ("3", str, "expected text, found the number `3`; put quotes around it"),
        ("no", str, "expected text, found false; put quotes around it"),
        (
            "2027-06-30",
            str,
            "expected text, found the day `2027-06-30`; put quotes around it",
        ),
        ("null", str, "expected text, found nothing"),
        ("[a]", str, "expected text, found a list"),
        ("soon", datetime.date, "expected a day such as 2027-06-30, found text `soon`"),
        ("3", int | str, None),
        ("[]", int | None, "expected a whole number or nothing, found a list"),
        ("blu", Colour, "expected `red` or `blue`, found text `blu`. Did you mean `blue`?"),
        ("zzz", Literal["a", "b", "c"], "expected `a`, `b` or `c`, found text `zzz`"),
        ("1", tuple[str, ...], "expected a list, found the number `1`"),
        ("{}", tuple[str, ...], "expected a list, found a mapping"),
        ("[]", dict[str, int], "expected a mapping, found a list"),
        ("a", Inner, "expected a mapping, found text `a`"),
        ("3", str | tuple[str, ...], "expected text or a list, found the number `3`"),
        ("{name: n, sice: 2}", Inner, "unknown key `sice`. Did you mean `size`?"),
        ("{size: 2}", Inner, "the key `name` is missing"),
        ("a" * 99, int, f"expected a whole number, found text `{'a' * 39}…`"),
        ('"a\\eb"', int, "expected a whole number, found text `a�b`"),
    ],
)
def test_a_value_that_does_not_fit_is_told_in_a_persons_words(
    text: str, wanted: Any, sentence: str | None
) -> None:
    told = [problem.message for problem in check(node(text), wanted)]
    if sentence is None:
        assert told == []
    else:
        assert len(told) == 1
        assert told[0].startswith(sentence)


def test_every_mistake_is_told_at_its_place() -> None:
    text = "a:\n  name: 1\n  sise: 2\nb:\n  - 3\nc:\n  size: x\n"
    with pytest.raises(UsageError) as caught:
        convert(node(text), dict[str, Inner])
    assert str(caught.value) == "x:2:9: expected text, found the number `1`; put quotes around it"
    assert caught.value.detail.splitlines() == [
        "x:3:3: unknown key `sise`. Did you mean `size`?",
        "x:5:3: expected a mapping, found a list",
        "x:7:9: expected a whole number, found text `x`",
        "x:7:3: the key `name` is missing",
    ]


def test_a_rule_of_the_type_that_has_no_words_of_ours_is_still_a_wrong_call() -> None:
    with pytest.raises(UsageError, match=r"x:1:1: Expected int >= 1"):
        convert(node("0"), Annotated[int, Meta(ge=1)])


@pytest.mark.parametrize("text", ["3", "x", "[a]", "{name: n}", "{name: [n]}", "null", "true"])
@pytest.mark.parametrize("wanted", [int, str | None, tuple[str, ...], Inner, dict[str, str], bool])
def test_no_mistake_is_found_exactly_where_the_value_can_be_made(text: str, wanted: Any) -> None:
    value = node(text)
    try:
        msgspec.convert(value.plain(), wanted)
    except msgspec.ValidationError:
        assert check(value, wanted)
    else:
        assert check(value, wanted) == []
