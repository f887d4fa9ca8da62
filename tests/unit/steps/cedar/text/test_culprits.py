from collections.abc import Sequence

import pytest

from buildsteps.steps.cedar.text.culprits import culprits
from buildsteps.steps.cedar.text.phrases import span_of, words_of

HEAD = "permit (principal, action, resource) "


def blamed(conditions: str, wrong: str) -> list[str]:
    """The parts that a validator which complains of each ``wrong`` blames."""
    text = HEAD + conditions

    def validate(texts: Sequence[str]) -> list[list[str]]:
        return [["wrong"] * one.count(wrong) for one in texts]

    found = culprits(text, words_of(text), validate([text])[0], validate).get("wrong", [])
    spans = [span_of(one.words.tokens) for one in found]
    return [text[start:end] for start, end in spans]


@pytest.mark.parametrize(
    ("conditions", "part"),
    [
        ("when { a && BAD > 1 };", "BAD > 1"),
        ("when { a && (b || (BAD && c)) };", "BAD"),
        ("when { if a then BAD else c };", "BAD"),
        ("when { if BAD.x then b else c };", "BAD.x"),
        ("when { a && !BAD };", "BAD"),
        ("when { a && !(BAD) };", "BAD"),
        ("when { a } unless { BAD };", "BAD"),
        ("when { a && (BAD + 1) * 2 > 3 };", "(BAD + 1) * 2 > 3"),
        ("when { a && x.contains({k: [BAD && b]}) };", "x.contains({k: [BAD && b]})"),
        ("when { a && (if b then BAD else c) == d };", "(if b then BAD else c) == d"),
        ("when { a && (b) == (BAD) };", "(b) == (BAD)"),
        ('when { a && "x && (y" == BAD };', '"x && (y" == BAD'),
    ],
)
def test_the_smallest_part_that_is_a_truth_value_is_blamed(conditions: str, part: str) -> None:
    assert blamed(conditions, "BAD") == [part]


def test_each_part_is_blamed_as_often_as_it_is_complained_of() -> None:
    assert blamed("when { BAD == BAD && a || BAD };", "BAD") == ["BAD == BAD", "BAD == BAD", "BAD"]


def test_nothing_in_the_conditions_is_blamed_for_the_scope() -> None:
    assert blamed("when { a && b };", "principal") == []


@pytest.mark.parametrize(
    "conditions",
    ["when { BAD };", ";", "when {", "when { a && BAD", "when { && BAD };",
     f"when {{ BAD {'&& a ' * 200} }};"],
)  # fmt: skip
def test_what_cannot_or_need_not_be_cut_is_not_asked_about(conditions: str) -> None:
    text = HEAD + conditions

    def refuse(texts: Sequence[str]) -> None:
        raise AssertionError(texts)

    assert culprits(text, words_of(text), ["wrong"], refuse) == {}


def test_a_validator_that_does_not_answer_blames_nobody() -> None:
    text = HEAD + "when { a && b };"
    assert culprits(text, words_of(text), ["wrong"], lambda texts: None) == {}
