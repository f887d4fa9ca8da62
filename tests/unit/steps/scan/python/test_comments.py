import pytest

from buildsteps.steps.scan.python.comments import noqa_reason, nosec_reason


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ("call(x)  # nosec", "nosec without a reason"),
        ("call(x)  #nosec B602", "nosec without a reason"),
        ("call(x)  # nosec B602, B607", "nosec without a reason"),
        ("call(x)  # nosec: B602 B607", "nosec without a reason"),
        ("call(x)  # nosec B602 - input is checked above", "input is checked above"),
        ("call(x)  # nosec the list is fixed", "the list is fixed"),
        ("call(x)  # nosec B602 # input is checked", "input is checked"),
        ("call(x)  # noqa: S602 # nosec B602: trusted", "trusted"),
        ("call(x)  # nosec subprocess_popen_with_shell_equals_true ours", "ours"),
        ("call(x)", "nosec without a reason"),
    ],
)
def test_the_reason_is_what_the_comment_says_beside_the_tests(line: str, reason: str) -> None:
    assert nosec_reason([line]) == reason


def test_the_comment_may_stand_on_any_line_of_the_call() -> None:
    assert nosec_reason(["call(", "    x,", ")  # nosec B602 checked"]) == "checked"


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ("eval(x)  # noqa", "noqa without a reason"),
        ("eval(x)  # NOQA: S307", "noqa without a reason"),
        ("eval(x)  # noqa: S307, B018", "noqa without a reason"),
        ("eval(x)  # noqa: S307 - a literal", "a literal"),
        ("eval(x)  # noqa: S307 B018 (a literal)", "a literal"),
        ("eval(x)  # ruff: ignore[S307] a literal", "a literal"),
    ],
)
def test_the_reason_is_what_noqa_says_beside_the_codes(line: str, reason: str) -> None:
    assert noqa_reason(line, []) == reason


@pytest.mark.parametrize(
    ("comment", "reason"),
    [
        ("# ruff: noqa: S307 generated", "generated"),
        ("# ruff: noqa", "noqa of the file, without a reason"),
        ("# flake8: noqa: generated", "generated"),
        ("# ruff: disable[S307] generated", "generated"),
    ],
)
def test_a_comment_for_the_file_gives_the_reason_of_its_lines(comment: str, reason: str) -> None:
    assert noqa_reason("eval(x)", ["import a", comment, "eval(x)"]) == reason
