"""What Cedar's formatter makes of a file, a few policies at a time: the same, and nothing lost."""

import json
import subprocess
from collections import Counter
from functools import partial
from pathlib import Path

import pytest
from hypothesis import event, given, settings
from hypothesis import strategies as st

from buildsteps.source import SourceText
from buildsteps.steps.cedar import engine
from buildsteps.steps.cedar.formatting import pieces as formatting
from buildsteps.steps.cedar.formatting.cases import format_text
from buildsteps.steps.cedar.formatting.diff import MOST_LINES, first_changed_line, unified_diff
from buildsteps.steps.cedar.formatting.pieces import (
    Piece,
    UnformattableError,
    format_pieces,
    format_source,
)
from buildsteps.steps.cedar.text.syntax import comments, split, tokens

whole = partial(engine.format_text, line_width=80, indent_width=2)
ANYONE = "permit (principal, action, resource);\n"

POLICIES = (
    "permit(principal,action,resource);",
    '@id("x // y")@b forbid(principal == A::B::"c d", action in [Action::"a", Action::"b"],'
    ' resource is C::D in E::"f") when { principal.foo.bar["x y"] == 1 && !(context has a.b.c)'
    ' || -3*4+2-1 < 5 } unless { {"a": [1,2,[]], b: {}} == {} };',
    "permit(principal==?principal,action,resource in ?resource) when { if true then"
    ' ip("1.1.1.1").isInRange(ip("::1")) else [1,2].containsAll([3]) && "a\n\n b" like "x*\\*" };',
    'permit(principal is U,action == Action::"z",resource) when { principal is U in G::"x" &&'
    ' resource.tags.hasTag("a") && decimal("1.0").lessThan('
    "context.veryLongAttributeName.anotherVeryLongAttributeName.yetAnother) } when {true};",
    'forbid(principal,action in [Action::"only"],resource,) when'
    " { [1,2,] == [] && {a:1,} == {a:1} && --1 == 1 && !!true };",
)
COMMENTS = (
    "// c",
    "//",
    '// "quote',
    "// ; semi",
    "//// x //",
    "//\t t ",
    "// é💥\u2028",
    "//permit(principal,action,resource);",
)
SPACES = ("", " ", "  ", "\n", "\n\n\n", "\t", "\r\n", "\n \n", "\x0c", "\u2028", "\r")
LINE_ENDS = ("\n", "\n", "\r\n", "\n\n\n", "\n  \n", "\r")

comment_gaps = st.builds(
    lambda space, parts: space + "".join(map("".join, parts)),
    st.sampled_from(SPACES),
    st.lists(
        st.tuples(st.sampled_from(COMMENTS), st.sampled_from(LINE_ENDS), st.sampled_from(SPACES)),
        min_size=1,
        max_size=3,
    ),
)


@st.composite
def policies(draw: st.DrawFn) -> str:
    """A policy with comments in a few of its gaps."""
    words = [token.text for token in tokens(draw(st.sampled_from(POLICIES)))]
    gaps = draw(st.dictionaries(st.integers(0, len(words) - 2), comment_gaps, max_size=4))
    return "".join(word + gaps.get(number, " ") for number, word in enumerate(words))


files = st.builds(
    lambda parts, tail: "".join(map("".join, parts)) + tail,
    st.lists(
        st.tuples(comment_gaps | st.sampled_from(SPACES), policies()), min_size=1, max_size=20
    ),
    comment_gaps | st.sampled_from([*SPACES, "// end"]),
)


def comments_of(text: str) -> Counter[str]:
    return Counter(token.text.rstrip() for token in comments(text))


def settled(text: str) -> str:
    """What the formatter makes of the whole file in the end."""
    for _ in range(5):
        text, before = whole(text), text
        if text == before:
            break
    return text


@settings(max_examples=150, deadline=None)
@given(files)
def test_a_file_becomes_what_the_formatter_makes_of_it_whole(text: str) -> None:
    made = format_source(text, whole)
    assert comments_of(made) == comments_of(text)
    assert engine_json(made) == engine_json(text)
    assert whole(made.replace("\r\n", "\n")) == made.replace("\r\n", "\n")
    assert format_source(made, whole) == made
    if comments_of(whole(text)) != comments_of(text):
        event("the formatter drops a comment")
    else:
        assert made.replace("\r\n", "\n") == settled(text)


def engine_json(text: str) -> object:
    """Policies as JSON, ids by position; the formatter's own check leaves templates out."""
    import cedarpy

    return json.loads(cedarpy.policies_to_json_str(text))


@settings(max_examples=60, deadline=None)
@given(files)
def test_the_parts_joined_are_the_file(text: str) -> None:
    pieces = format_pieces(text, split(text), whole)
    assert "".join(piece.before for piece in pieces) == text
    assert "".join(piece.after for piece in pieces) == format_source(text, whole)


@settings(max_examples=60, deadline=None)
@given(text=files)
def test_the_difference_leads_from_one_to_the_other(
    text: str, tmp_path_factory: pytest.TempPathFactory
) -> None:
    pieces = format_pieces(text, split(text), whole)
    after = "".join(piece.after for piece in pieces)
    if text == after:
        return
    file = tmp_path_factory.mktemp("diff") / "x.cedar"
    file.write_bytes(text.encode())
    patch = unified_diff("x.cedar", pieces) + "\n"
    if "(more is not shown)" in patch:
        return
    subprocess.run(
        ["git", "apply", "--whitespace=nowarn", "--unidiff-zero", "-"],
        cwd=file.parent,
        input=patch.replace("(formatted)", "")
        .replace("--- ", "--- a/", 1)
        .replace("+++ ", "+++ b/", 1)
        .encode(),
        check=True,
        capture_output=True,
    )
    assert file.read_bytes() == after.encode()


def test_policies_are_parted_by_one_blank_line() -> None:
    text = "// a\n\n// b\npermit(principal,action,resource); // x\n\n\n\n// c\n" + ANYONE + "// end"
    assert format_source(text, whole) == (
        f"// a\n// b\n{ANYONE[:-1]} // x\n\n// c\n{ANYONE}// end\n"
    )


@pytest.mark.parametrize("text", ["", "\n\n", "// only\n\n\n  // comments", "\r\n// x\r\n"])
def test_a_file_without_policies_stays_as_it_is(text: str) -> None:
    assert format_source(text, whole) == text


@pytest.mark.parametrize(
    ("policy", "expected"),
    [
        ("when { [1, // one\n2, // two\n] == [] }", "[1, // one\n   2 // two\n  ] == []"),
        ("when { {a: 1, // one\n} == {} }", "{\n    a: 1 // one\n  } == {}"),
        ("when { [1\n// one\n,] == [] }", "[1\n  // one\n  ] == []"),
    ],
)
def test_a_comment_beside_a_trailing_comma_is_kept(policy: str, expected: str) -> None:
    text = f"permit(principal, action, resource) {policy};"
    assert comments_of(whole(text)) != comments_of(text), "Cedar's formatter keeps it now"
    assert expected in format_source(text, whole)


def test_windows_line_ends_stay() -> None:
    text = "// a\r\npermit(principal, // b\r\naction,resource);\r\n\r\n\r\n// c\r\n"
    made = format_source(text, whole)
    assert made == "// a\r\npermit (principal, // b\r\n  action, resource);\r\n// c\r\n"
    assert format_source(made, whole) == made


def test_mixed_line_ends_become_plain_ones() -> None:
    text = "permit(principal,action,resource);\r\npermit(principal,action,resource);\n"
    assert format_source(text, whole) == f"{ANYONE}\n{ANYONE}"


def test_a_string_over_lines_keeps_its_line_ends() -> None:
    text = 'permit(principal,action,resource)\r\nwhen { "a\n\n\nb" == "c" };\r\n'
    assert '"a\n\n\nb"' in format_source(text, whole)


def test_a_policy_that_does_not_parse_is_told_with_its_place() -> None:
    text = ANYONE * 20 + "permit(principal action);"
    with pytest.raises(UnformattableError) as caught:
        format_source(text, whole)
    assert caught.value.unparsable


def test_a_dropped_comment_is_never_accepted() -> None:
    text = "// first\npermit(principal, // second\naction, resource);"
    with pytest.raises(UnformattableError, match="drop the comment `// second`; move it") as caught:
        format_source(text, lambda _: f"// first\n{ANYONE}")
    assert text[caught.value.offset :].startswith("// second")


def test_other_words_are_never_accepted() -> None:
    with pytest.raises(UnformattableError, match="would change what these policies say"):
        format_source("forbid (principal,action,resource);", lambda _: ANYONE)


def test_a_result_that_never_settles_is_never_accepted() -> None:
    text = "permit(principal, // x\naction, resource);"
    with pytest.raises(UnformattableError, match="differently each time"):
        format_source(text, lambda given: f" {given}")


def test_what_would_end_the_process_is_refused() -> None:
    long = f"permit(principal,action,resource) when {{ {' || '.join(['true'] * 20_000)} }};"
    with pytest.raises(UnformattableError, match="more than 20,000 words"):
        format_source(ANYONE + long, whole)
    deep = f"permit(principal,action,resource) when {{ {'(' * 5000}true{')' * 5000} }};"
    case = format_text(SourceText("deep.cedar", deep), deep.encode(), whole)
    assert "levels deep, too deep for the engine" in getattr(case, "message", "")


def test_time_grows_with_the_file_and_not_with_its_square() -> None:
    sizes: list[int] = []

    def formatter(text: str) -> str:
        sizes.append(len(text))
        return whole(text)

    format_source(ANYONE * 1000, formatter)
    assert len(sizes) <= 130
    assert max(sizes) < formatting.LONGEST


def pieces_of(text: str) -> list[Piece]:
    return format_pieces(text, split(text), whole)


def test_a_difference_reads_as_diff_writes_it() -> None:
    text = f"// a\n{ANYONE}" + "permit(principal,action,resource)when{true};"
    assert first_changed_line(pieces_of(text)) == 3
    assert unified_diff("x.cedar", pieces_of(text)) == (
        "--- x.cedar\n"
        "+++ x.cedar (formatted)\n"
        "@@ -1,3 +1,5 @@\n"
        " // a\n"
        " permit (principal, action, resource);\n"
        "-permit(principal,action,resource)when{true};\n"
        "\\ No newline at end of file\n"
        "+\n"
        "+permit (principal, action, resource)\n"
        "+when { true };"
    )


def test_a_long_difference_is_cut() -> None:
    lines = unified_diff("x", pieces_of("permit(principal,action,resource);\n" * 2000)).split("\n")
    assert len(lines) == MOST_LINES + 1
    assert lines[-1] == "(more is not shown)"


def test_all_example_policies_come_out_as_the_whole_formatter_has_them() -> None:
    root = Path(__file__).parents[5]
    found = [*root.glob("examples/**/*.cedar"), *root.glob("tests/data/**/*.cedar")]
    assert found
    for path in found:
        text = path.read_text()
        assert format_source(text, whole) == whole(text)
