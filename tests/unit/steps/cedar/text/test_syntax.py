import time

import cedarpy
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from buildsteps.steps.cedar.text.syntax import Statement, comments, split, tokens, unescape

SCOPE = "(principal, action, resource)"
PERMIT = f"permit{SCOPE};"


def parts(text: str) -> list[str]:
    return [text[one.start : one.end] for one in split(text)]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", []),
        (" // only a comment", []),
        (f"{PERMIT}\n\n{PERMIT}\n// end", [PERMIT, PERMIT]),
        (f"// a; b\n{PERMIT}", [PERMIT]),
        (f"// a\r{PERMIT}", [PERMIT]),
        (f"// a\u2028{PERMIT}", []),
        (f"\u2003\x85{PERMIT}", [PERMIT]),
        ('permit(a) when {"x;\\"//y" == 1}; b', ['permit(a) when {"x;\\"//y" == 1};', "b"]),
        ('permit("a\n;b");', ['permit("a\n;b");']),
        (f'{PERMIT} "open; // x', [PERMIT, '"open; // x']),
        ("permit // no; end\n", ["permit"]),
        ("permit / 2;", ["permit / 2;"]),
        (";;", [";", ";"]),
    ],
)
def test_only_a_semicolon_outside_strings_and_comments_ends_a_statement(
    text: str, expected: list[str]
) -> None:
    assert parts(text) == expected


def test_a_tail_is_a_statement_that_is_not_complete() -> None:
    assert split(PERMIT + "\nforbid(principal // x") == (
        Statement(0, 36, "permit"),
        Statement(37, 53, "forbid", complete=False),
    )


@pytest.mark.parametrize(
    ("annotations", "expected"),
    [
        ("", None),
        ('@id("a")', "a"),
        ('@ id // c\r( "a"\n)', "a"),
        ("@id", ""),
        ('@id("")', ""),
        ('@doc("@id") @if @id("b") @x', "b"),
        ('@doc("x")', None),
        ('@idx("x")', None),
        (r'@id("\x41\u{1F600}\0\"\\n\'")', "A\U0001f600\0\"\\n'"),
        ("@permit @forbid('x')", None),
    ],
)
def test_the_id_annotation_is_read(annotations: str, expected: str | None) -> None:
    assert split(f"{annotations} forbid{SCOPE};")[0].id_annotation == expected


@pytest.mark.parametrize(
    ("text", "effect"),
    [
        (PERMIT, "permit"),
        ("@permit @a('x') forbid();", None),
        ('@permit("permit") forbid // x\n();', "forbid"),
        ("permitted();", None),
        ('@id("permit");', None),
        ("allow();", None),
    ],
)
def test_the_effect_is_the_word_after_the_annotations(text: str, effect: str | None) -> None:
    assert split(text)[0].effect == effect


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("permit(principal == ?principal, action, resource);", True),
        ("permit(principal, action, resource in ?resource);", True),
        ('@a("?principal") permit(principal, action, resource); ', False),
        ("permit(principal, // ?principal\n action, resource);", False),
        ("permit(principal == ?principals, action, resource);", False),
    ],
)
def test_a_template_has_a_slot(text: str, expected: bool) -> None:
    assert split(text)[0].is_template is expected


def test_tokens_come_with_their_kind_and_place() -> None:
    text = '@id("a")// c\npermit(?x)>=1a "b\n" A::# "open'
    assert [(one.kind, one.text) for one in tokens(text)] == [
        ("punctuation", "@"),
        ("identifier", "id"),
        ("punctuation", "("),
        ("string", '"a"'),
        ("punctuation", ")"),
        ("identifier", "permit"),
        ("punctuation", "("),
        ("slot", "?x"),
        ("punctuation", ")"),
        ("punctuation", ">="),
        ("number", "1"),
        ("identifier", "a"),
        ("string", '"b\n"'),
        ("identifier", "A"),
        ("punctuation", "::"),
        ("invalid", "#"),
        ("invalid", '"open'),
    ]
    assert all(text[one.start : one.end] == one.text for one in tokens(text))


def test_comments_are_those_outside_strings() -> None:
    assert [one.text for one in comments('a // b // c\r"//d" //e')] == ["// b // c", "//e"]


@pytest.mark.parametrize("literal", [r'"\q"', r'"\x80"', r'"\u{D800}"', r'"\u{}"', r'"\*"'])
def test_an_unknown_escape_stays_as_it_stands(literal: str) -> None:
    assert unescape(literal) == literal[1:-1]


GAPS = st.sampled_from(
    ["", " ", "\n", "\r", "\r\n", "\t", '// it; is "so\n', "// a // b\r", "\u2003", "\x0b", "//\n"]
)
STRINGS = st.sampled_from(
    ['""', '"a"', '"x;y"', '"// no"', r'"\""', r'"\\"', '"two\nlines;"', r'"\u{1F600};"', '"日本"']
)
ANNOTATIONS = st.sampled_from(["@a", "@id", "@if({})", "@id({})", "@permit({})", "@a1( {} )"])
CONDITIONS = st.sampled_from(
    ["", "when {{ {} == {} }}", "unless {{ context[{}] like {} }}", "when {{ {} != {} }}"]
)


@st.composite
def policies(draw: st.DrawFn) -> str:
    gap = GAPS
    annotation = draw(ANNOTATIONS).format(draw(STRINGS))
    words = [draw(st.sampled_from(["", annotation])), draw(st.sampled_from(["permit", "forbid"]))]
    words += ["(", "principal", ",", "action", ",", "resource", ")"]
    words += [draw(CONDITIONS).format(draw(STRINGS), draw(STRINGS)), ";"]
    text = draw(gap)
    for word in words:
        text += word + (draw(gap) or " ")
    return text


@given(st.lists(policies(), max_size=5), GAPS)
def test_the_engine_counts_as_many_policies(policy_list: list[str], tail: str) -> None:
    text = "".join(policy_list) + tail
    statements = split(text)
    assert len(statements) == len(policy_list) == len(cedarpy.PolicySet.from_str(text))
    for one in statements:
        assert one.complete
        assert one.effect is not None
        assert len(cedarpy.PolicySet.from_str(text[one.start : one.end])) == 1


@given(STRINGS | st.text(alphabet="\\xu{}0123456789ABCDFnrt\"'*_").map('"{}"'.format))
def test_a_string_has_the_value_that_the_engine_gives_it(literal: str) -> None:
    text = f"@id({literal}) permit(principal == ?principal, action, resource);"
    try:
        templates = cedarpy.PolicySet.from_str(text).templates()
    except ValueError:
        assume(False)
    assert split(text)[0].id_annotation == templates[0]["id_annotation"]


NASTY = st.text(alphabet='@id("\\;/?\n\r \t#{}permit,=A:.1&é') | st.text()


@given(NASTY)
def test_nothing_is_lost_between_statements(text: str) -> None:
    statements = split(text)
    joined, position = "", 0
    for one in statements:
        gap = text[position : one.start]
        assert list(tokens(gap)) == []
        joined += gap + text[one.start : one.end]
        position = one.end
    assert list(tokens(text[position:])) == []
    assert joined + text[position:] == text
    assert all(one.complete for one in statements[:-1])


@pytest.mark.parametrize(
    "piece", ['"', "@id(", "/", "@a", '@a("', "?", '\\"', " ", "/ ", ";", "é", '@id("x")', "//\n"]
)
def test_time_grows_in_step_with_the_text(piece: str) -> None:
    def seconds(times: int) -> float:
        text = piece * times
        start = time.process_time()
        split(text)
        list(tokens(text))
        return time.process_time() - start

    seconds(1_000)
    assert seconds(160_000) < 16 * 8 * max(seconds(10_000), 0.002)


def test_a_thousand_policies_split_in_milliseconds() -> None:
    policy = f'// why\n@id("p")\npermit{SCOPE}\nwhen {{ resource.label == "x" && context.mfa }};\n'
    start = time.process_time()
    assert len(split(policy * 1_000)) == 1_000
    assert time.process_time() - start < 0.1
