import time

import cedarpy
import pytest
from hypothesis import assume, example, given, settings
from hypothesis import strategies as st

from buildsteps.steps.cedar.text.positions import (
    Named,
    clean_message,
    names_in,
    syntax_error_span,
    validation_error_span,
)
from buildsteps.steps.cedar.text.syntax import split, tokens

SCHEMA = """
namespace PhotoApp {
  type Context = {mfa: Bool, n?: Long, device: {os: String, version?: Long, "odd name": Long}};
  entity User in [UserGroup] {name: String, age: Long, opt?: Long, addr: {city: String},
                              groups: Set<String>} tags String;
  entity UserGroup;
  entity Album {owner: User};
  entity Photo in [Album] {labels: Set<String>, owner: User, ip: ipaddr};
  entity Color enum ["red", "green"];
  action view, edit appliesTo {principal: [User], resource: [Photo], context: Context};
}
"""
SCOPE = "(principal, action, resource)"


def parse(text: str) -> str | None:
    try:
        cedarpy.PolicySet.from_str(text)
    except ValueError as error:
        return str(error)
    return None


def marked(text: str) -> tuple[str, int, int]:
    """Take the ``«`` and ``»`` out of a text and say where they stood."""
    start, end = text.index("«"), text.index("»") - 1
    return text.replace("«", "").replace("»", ""), start, end


@pytest.mark.parametrize(
    "text",
    [
        # Unexpected tokens, ends and characters.
        "permit(principal action« resource», resource);".replace(" action«", " «action»")
        .replace("« resource»", " resource")
        .replace("«resource»", "resource"),
        f"permit{SCOPE}; permit{SCOPE} when {{ principal == «;» }};",
        f"permit{SCOPE} permit«(»principal, action, resource);",
        f"permit{SCOPE};«;»permit{SCOPE};",
        f'@id("é») permit") permit{SCOPE} when {{ 1 «2» }};'.replace("é»", "é"),
        f'@a("x" «"y"») permit{SCOPE};',
        f"permit{SCOPE}; // x\nforbid(«»\n// end\n",
        f'permit{SCOPE} when {{ context.a == «"»open }};\n',
        f"permit{SCOPE} when {{ true «&» false }};",
        f"permit{SCOPE} «#»;",
        "«?»",
        # What an earlier statement cannot be read for comes before what a later one means.
        f"permit{SCOPE} when {{ foo }}; permit{SCOPE} when {{ x «y» }};",
        # Annotations, effect, conditions.
        f'@id("a") «@id»("b") permit{SCOPE};'.replace("«@id»", "@«id»"),
        f'@allow("allow") «allow»{SCOPE};',
        f"permit{SCOPE} «wen» {{ context.wen }};",
        f"permit{SCOPE} «when» {{ }};",
        f"permit{SCOPE} when {{ true }} «unless» {{}};",
        # The scope.
        "permit(principal, «foo», resource) when { (foo) };",
        "permit(«principals», action, resource);",
        "permit(principal, action, resource, «resource == A::\"b\"»);",
        "permit(principal, action«)»;",
        "permit(principal, «resource», action);",
        "permit(«action», principal, resource);",
        "permit(principal == «?resource», action, resource == ?resource);",
        "permit(principal == «X», action == X::Action::\"x\", resource);",
        "permit(principal == A::\"x\", action == «A::\"x\"», resource);".replace(
            'A::"x", action', 'B::"x", action'
        ),
        "permit(principal, action == «?action», resource);",
        "permit«(principal == A::B + 1, action, resource)»;",
        "permit(principal in «[»A::\"x\"], action, resource);",
        "permit(principal «>» A::\"x\", action, resource);",
        "permit(principal is A, «action is» A, resource);",
        "permit(principal is «\"A\"», action, resource);",
        "permit(«principal : A», action, resource);",
        # Conditions.
        f"permit{SCOPE} when {{ context.foo == «foo» }};",
        f"permit{SCOPE} when {{ principal has foo && «foo::bar» }};",
        f"permit{SCOPE} when {{ {{foo: 1}}.foo == «foo» }};",
        f"permit{SCOPE} when {{ context.«if» }};",
        "permit(principal in A::\"x\", action, resource) when { true && !«in».a };",
        f"permit{SCOPE} when {{ if true then {{«if»: 1}}.a else true }};",
        f"permit{SCOPE} when {{ A::\"x\" == «__cedar::B»::\"x\" }};",
        f"permit{SCOPE} when {{ context.foo == «foo»(1) }};",
        f"permit{SCOPE} when {{ context.foo.«foo»(1) }};",
        f"permit{SCOPE} when {{ «permit»(1) }};",
        f"permit{SCOPE} when {{ true && «when» }};",
        f"permit{SCOPE} when {{ context.ip.«ip»(\"1.1.1.1\") }};",
        f"permit{SCOPE} when {{ «isIpv4»(context.isIpv4) }};",
        f"permit{SCOPE} when {{ context.a.«contains»() }};",
        f"permit{SCOPE} when {{ «ip»() }};".replace("«ip»()", "[].«contains»(1, 2)"),
        f"permit{SCOPE} when {{ «context»(1) }};",
        "permit(principal == ?principal, action, resource) when { «?principal» in A::\"x\" };",
        f"permit{SCOPE} when {{ context.a «=» 1 }};",
        f"permit{SCOPE} when {{ 6 «/» 3 == 2 }};",
        f"permit{SCOPE} when {{ 6 «%» 3 == 2 }};",
        f"permit{SCOPE} when {{ 1 == «009999999999999999999» }};".replace("«00", "«"),
        f"permit{SCOPE} when {{ {{a: 1, «\"a\"»: 2}} == context }};",
        f"permit{SCOPE} when {{ !true || «!!!!!»true }};",
        f"permit{SCOPE} when {{ context.a like \"a\" || context.b like «1» }};",
        f"permit{SCOPE} when {{ principal is A || principal is «1» }};",
        f"permit{SCOPE} when {{ principal has a && principal has «1» }};",
        f"permit{SCOPE} when {{ principal[«foo»] }};",
        f"permit{SCOPE} when {{ «Foo::{{a: 1}}» }};",
        f"permit{SCOPE} when {{ (1 == 1) == true && 1 == 2 «==» 3 }};",
        f'permit{SCOPE} when {{ context.a == "x\\n«\\q»" }};',
        f'@id("«\\*»") permit{SCOPE};',
    ],
)  # fmt: skip
def test_a_syntax_error_is_where_its_subject_stands(text: str) -> None:
    text, start, end = marked(text)
    message = parse(text)
    assert message is not None
    assert (syntax_error_span(text, message, parse), message) == ((start, end), message)


def test_a_message_of_an_unknown_kind_gives_the_statement_that_fails() -> None:
    text = f"permit{SCOPE};\nforbid{SCOPE} when {{ foo }};"
    start = text.index("forbid")
    assert syntax_error_span(text, "something new", parse) == (start, start + len("forbid"))


def test_a_text_without_tokens_has_no_place_for_an_error() -> None:
    assert syntax_error_span(" // x", "invalid token", parse) is None


VIEW = 'principal is PhotoApp::User, action == PhotoApp::Action::"view", resource'


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (f"permit({VIEW}) when {{ resource.«label» == 1 }};", "attribute `label` on entity type"),
        (f'permit({VIEW}) when {{ resource[«"label"»] == 1 }};', "attribute `label` on entity"),
        (f'permit({VIEW}) when {{ principal[«"odd nam"»] == 1 }};', 'attribute `["odd nam"]` on'),
        (
            f'// label\n@label("resource.label") permit({VIEW}) when {{ resource has label || '
            '"resource.label" == "x" || resource.«label» == 1 };',
            "attribute `label` on",
        ),
        (
            f"permit({VIEW}) when {{ principal.name == \"x\" && resource.owner.«nme» == \"x\" }};",
            "attribute `nme` on entity type `PhotoApp::User` not found",
        ),
        (
            f"permit({VIEW} is PhotoApp::Photo) when {{ principal.name == resource.«name» }};",
            "attribute `name` on entity type `PhotoApp::Photo` not found",
        ),
        (
            f"permit({VIEW}) when {{ resource.owner.name == context.«name» }};",
            "attribute `name` in context for",
        ),
        (f"permit({VIEW}) when {{ context.«mfaa» }};", "attribute `mfaa` in context for"),
        (f"permit({VIEW}) when {{ context.device.«ox» == 1 }};", "attribute `device.ox` in"),
        (
            f'permit({VIEW}) when {{ context.device[«"odd nam"»] == 1 }};',
            'attribute `device["odd nam"]` in context',
        ),
        (f"permit({VIEW}) when {{ principal.addr.«zap» == 1 }};", "attribute `addr.zap` on"),
        (f"permit({VIEW}) when {{ {{a: 1}}.«b» == 1 }};", "attribute `b` not found"),
        (f"permit({VIEW}) when {{ context.«n» == 1 }};", "optional attribute `n` in context"),
        (f"permit({VIEW}) when {{ principal.«opt» == 1 }};", "optional attribute `opt` on"),
        (
            'permit(principal == «PhotoApp::Usr»::"a", action, resource);',
            "unrecognized entity type `PhotoApp::Usr`",
        ),
        (
            'permit(principal == PhotoApp::User::"Usr", action, resource is «Usr»);',
            "unrecognized entity type `Usr`",
        ),
        (f"permit({VIEW}) when {{ principal is «Usr» }};", "unrecognized entity type `Usr`"),
        (
            'permit(principal, action in [PhotoApp::Action::"view", «PhotoApp::Action::"vew"»], '
            "resource);",
            "unrecognized action",
        ),
        (
            r'permit(principal, action == «PhotoApp::Action::"a\"\u{e9}`b"», resource);',
            "unrecognized action",
        ),
        (
            "permit«(principal is PhotoApp::UserGroup, action, resource)» when { (true) };",
            "unable to find an applicable action",
        ),
        (f'permit({VIEW}) when {{ principal.getTag(«"x"») == "x" }};', "access to tag"),
        (f'permit({VIEW}) when {{ ip("::1") == ip(«"x"») }};', "failed to parse as IP address"),
        (f"permit({VIEW}) when {{ «ip (»principal.name) == ip(\"::1\") }};", "constructors"),
        (f"permit({VIEW}) when {{ «[]» == principal.groups }};", "empty set literals"),
        (
            f'permit({VIEW}) when {{ PhotoApp::Color::"red" == «PhotoApp::Color::"blue"» }};',
            "is of an enumerated entity type",
        ),
        (f'permit({VIEW}) when {{ context.mfa && principal.name «<» 1 }};', "unexpected type"),
        (f'permit({VIEW}) when {{ context.mfa && principal.name «==» 1 }};', "not compatible"),
        (f'permit({VIEW}) when {{ principal.age «like» "a" }};', "expected String"),
        (f"permit({VIEW}) when {{ principal.age.«contains»(1) }};", "expected Set"),
        (f"permit({VIEW}) when {{ principal.name «in» resource }};", "AnyEntity but saw"),
        (f"permit({VIEW}) «when {{ principal.name }}»;", "expected Bool"),
        (f"permit({VIEW}) when {{ resource.labels.contains(\"a\") || 1 «in» principal }};",
         "expected __cedar::internal::AnyEntity but saw Long"),
        (f"permit({VIEW}) when {{ principal «in» [\"a\"] }};",
         "expected Set<__cedar::internal::AnyEntity>"),
        (f"@a «permit»({VIEW}) when {{ true }} unless {{ 1 }};".replace("@a «permit»", "«permit»"),
         "expected Bool"),
    ],
)  # fmt: skip
def test_a_validation_error_is_where_its_subject_stands(text: str, message: str) -> None:
    text, start, end = marked(text)
    errors = [error.error for error in cedarpy.validate_policies(text, SCHEMA).errors]
    said = next((error for error in errors if message in error), None)
    assert said is not None, errors
    assert validation_error_span(text, said) == (start, end)


def test_a_validation_error_of_an_unknown_kind_gives_the_first_token() -> None:
    assert validation_error_span("@id permit();", "something new") == (0, 1)
    assert validation_error_span("", "something new") == (0, 0)


@pytest.mark.parametrize(
    ("message", "expected"),
    [
        ("for policy `policy0`, unrecognized entity type `A`", "unrecognized entity type `A`"),
        ("for policy `a: b`: entity `A`", "entity `A`"),
        ("Policy parse error: invalid token", "invalid token"),
        ("policy parse errors:\nunexpected end of input", "unexpected end of input"),
        ("the types Long and String are not compatible", None),
    ],
)
def test_a_message_is_cleaned_of_what_is_not_its_subject(
    message: str, expected: str | None
) -> None:
    assert clean_message(message) == (expected or message)


@pytest.mark.parametrize(
    ("message", "expected"),
    [
        (
            "for policy `policy0`, attribute `label` on entity type `PhotoApp::Photo` not found",
            Named("attribute", "label", "PhotoApp::Photo"),
        ),
        (
            'attribute `device["odd nam"]` in context for PhotoApp::Action::"view" not found',
            Named("context attribute", "odd nam", 'PhotoApp::Action::"view"', ("device",)),
        ),
        ("attribute `x` on entity types `A`, `B` not found", Named("attribute", "x")),
        ("attribute `b` not found", Named("attribute", "b")),
        ("unable to guarantee safety of access to optional attribute `n` on entity type `X`", None),
        ("unrecognized entity type `Usr`", Named("entity type", "Usr")),
        ('unrecognized action `A::Action::"v`w"`', Named("action", 'A::Action::"v`w"')),
        (
            'for policy `p`: entity `A::Color::"blue"` is of an enumerated entity type, but '
            '`"blue"` is not declared as a valid eid',
            Named("entity", "blue", "A::Color"),
        ),
        ("`foo` is not a valid function", Named("function", "foo")),
        ("`foo` is not a valid method", Named("method", "foo")),
        ("invalid variable: principle", Named("variable", "principle")),
        ("invalid policy effect: allow", Named("effect", "allow")),
        ("invalid policy condition: wen", Named("condition", "wen")),
        ("unexpected type: expected Long but saw String", None),
        ("invalid token", None),
    ],
)
def test_the_name_that_is_unknown_is_read_from_the_message(
    message: str, expected: Named | None
) -> None:
    assert names_in(message) == expected


POLICIES = (
    f'@id("a;b") permit{SCOPE};',
    '@a @id("x")\npermit (principal in A::"g", action in [A::Action::"v", A::Action::"w"], '
    'resource is A::B in A::C::"c") // it; is\n'
    'when { resource.a["b"] == "x;\\"y" && !(1 + 2 > 3) };',
    'forbid(principal == ?principal, action, resource) unless { if context has a.b then '
    'principal.contains([1, {a: 2, "b": -3}]) else ip("::1").isIpv4() || "é" like "*" };',
)  # fmt: skip
INSERTED = [one.text for one in tokens(
    'permit when ( ) { } [ ; , . :: == in has is @ if "s" 1 ! - ?principal principal x = : & *'
)]  # fmt: skip


@st.composite
def mutants(draw: st.DrawFn) -> str:
    """A few policies of which one lost or won a token."""
    chosen = draw(st.lists(st.sampled_from(POLICIES), min_size=1, max_size=4))
    index = draw(st.integers(0, len(chosen) - 1))
    policy = chosen[index]
    token = draw(st.sampled_from(list(tokens(policy))))
    inserted = draw(st.sampled_from(["", *INSERTED]))
    resumed = token.start if inserted and draw(st.booleans()) else token.end
    chosen[index] = f"{policy[: token.start]} {inserted} {policy[resumed:]}"
    return draw(st.sampled_from(["\n", "\r// x; y\n", " "])).join(chosen)


@settings(max_examples=1_000)
@given(mutants())
def test_an_unexpected_token_is_found_where_its_prefix_is_first_rejected(text: str) -> None:
    message = parse(text)
    assume(message is not None)
    assert message is not None
    span = syntax_error_span(text, message, parse)
    assert span is not None
    start, end = span
    assert 0 <= start <= end <= len(text)
    if message.startswith("unexpected token"):
        assert message == f"unexpected token `{text[start:end]}`"
        statement = next(one for one in split(text) if one.start <= start < one.end)
        # Every shorter prefix is fine up to the ";" that ends it, or not yet complete.
        ends = [one.end for one in tokens(text) if statement.start < one.end <= end]
        rejected = [parse(text[statement.start : one] + ";") == message for one in ends]
        assert rejected == [False] * (len(ends) - 1) + [True] or end == statement.end


MESSAGES = st.sampled_from(
    [
        "invalid token", "unexpected end of input", "unexpected token `;`", "extra token `x`",
        "duplicate annotation: @id", "invalid variable: a", "`if` is not a valid method",
        "this policy has an extra element in the scope: a", "found name ``",
        "found the variable `resource` where the variable `action` must be used",
        "this policy is missing the `resource` variable in the scope", "duplicate key `a` in",
        "too many occurrences of `!`", "multiple relational operators",
        "the input `\\` is not a valid escape", "attribute ```",
        "attribute `a.b` on entity type `A` not found", "unrecognized action `A::\"x\"`",
        "attribute `[` in context for A not found", "entity `a` is of an enumerated entity type",
        "unexpected type: expected Long but saw String", "the types A are not compatible",
        "for policy `a`, unable to find an applicable action", "invalid policy effect: ",
    ]
)  # fmt: skip
PIECES = st.sampled_from(
    ["permit", "(", ")", "principal", ",", ";", "@", "id", '"', "\\", "a", ".", "[", "]", "has",
     "when", "{", "}", "==", "::", '"x"', "// c", "\n", "\r", " ", "é", "#", "?", "!", "is", "1"]
)  # fmt: skip


@settings(max_examples=500)
@given(st.lists(PIECES, max_size=30).map("".join) | st.text(), MESSAGES)
@example("", "invalid token")
@example("(", "unable to find an applicable action")
@example("permit(", "unable to find an applicable action")
@example("@", "this policy is missing the `resource` variable in the scope")
def test_any_message_about_any_text_gives_a_place_within_it(text: str, message: str) -> None:
    for span in (
        syntax_error_span(text, message, lambda _: message),
        syntax_error_span(text, message, lambda _: None),
        validation_error_span(text, message),
    ):
        if span is not None:
            assert 0 <= span[0] <= span[1] <= len(text)


def test_an_error_in_a_long_policy_is_found_with_few_parses() -> None:
    condition = " && ".join(['(resource.a == "x")'] * 5_000)
    text = f"permit{SCOPE} when {{ {condition} ) }};"
    parses = []

    def counting(text: str) -> str | None:
        parses.append(text)
        return parse(text)

    start = time.process_time()
    assert syntax_error_span(text, "unexpected token `)`", counting) == (
        len(text) - 4,
        len(text) - 3,
    )
    assert len(parses) < 20
    assert time.process_time() - start < 10
