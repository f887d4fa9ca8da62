"""When two texts are the same policy."""

import pytest

from buildsteps.steps.cedar.verified_permissions.normal_text import normal_text, same_policy

PLAIN = 'permit (principal, action, resource) when { context.a == "b" };'


@pytest.mark.parametrize(
    "other",
    [
        PLAIN.replace(" ", "\n  "),
        f"// why\n{PLAIN} // and that",
        PLAIN.replace('context.a == "b"', '(context.a == "b")'),
        PLAIN.replace("\n", "\r\n"),
    ],
)
def test_layout_comments_and_parentheses_do_not_count(other: str) -> None:
    assert same_policy(PLAIN, other)


@pytest.mark.parametrize(
    "other",
    [
        PLAIN.replace("permit", "forbid"),
        PLAIN.replace('"b"', '"c"'),
        f'@id("x") {PLAIN}',
        PLAIN.replace('"b"', '"b // no comment"'),
        f"{PLAIN} {PLAIN}",
        "",
        "permit (",
    ],
)
def test_all_else_does(other: str) -> None:
    assert not same_policy(PLAIN, other)


def test_what_does_not_parse_is_compared_as_it_stands() -> None:
    assert same_policy(" permit ( ", "permit (")
    assert not same_policy("permit (", "permit ((")
    assert normal_text("\ud800") == "\ud800"
