"""Whatever the policies are, linting answers with a report or one sentence."""

import tempfile
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st

from buildsteps.errors import BuildstepsError
from buildsteps.results import Report
from buildsteps.steps.cedar.linting.rules import RULES
from tests.unit.steps.cedar.linting.any_policies import policies
from tests.unit.steps.cedar.linting.linted import SCHEMA, lint, write

WORDS = [
    *("permit", "forbid", "(", ")", "principal", ",", "action", "resource", ";", "when", "unless"),
    *("{", "}", "==", "in", "is", "has", "like", "&&", "||", "!", "-", ".", "[", "]", "User"),
    *('User::"a"', 'Action::"view"', "?principal", "?resource", "1", '"x"', "true", "if", "then"),
    *("else", "context", "@id", '("a")', "// c\n", "\r", "\n", "\\", "é", "\u2028", "name"),
]
EXPRESSIONS = [
    *('context["a b"] like "x*"', 'ip("10.0.0.1").isInRange(ip("10.0.0.0/8"))'),
    *('{a: 1, "b c": [1, "x", User::"a"]}.a == 1', "-principal.age > 1 - 2 * 3"),
    *("[].isEmpty()", 'principal.getTag("k") == "v"', 'principal has "a b"', "principal has a.b.c"),
    *('decimal("1.0").lessThan(decimal("2.0"))', "[[principal], []].contains([resource])"),
    *("(if context.a then principal else resource).name == 1", '1 == User::"a"', "context.x.y.z"),
    *('datetime("2024-01-01").offset(duration("1d")).toDate() == context.now', "principal is A::B"),
    *("principal in [resource, principal.boss]", 'action == User::"a"', "[1, true] == [principal]"),
    *("(principal is User in resource) == (true || 1)", "resource.labels.containsAny(context.s)"),
]
EVERYTHING = tuple(rule.id for rule in RULES)


def looked_at(files: dict[str, str]) -> Report | None:
    """The report on a store, with every rule and fixed; None where a sentence refuses it."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        write(folder, files)
        try:
            return lint(folder, enable=EVERYTHING, annotations=("id", "a b"), fix=True)
        except BuildstepsError as error:
            assert "\n" not in error.message
            return None


@settings(max_examples=150, deadline=None)
@given(st.lists(st.sampled_from(WORDS), max_size=40), st.booleans())
def test_words_in_any_order_are_no_traceback(words: list[str], with_schema: bool) -> None:
    files = {"p.cedar": " ".join(words), "q.cedar": "permit(principal, action, resource);"}
    looked_at(files | ({"cedarschema": SCHEMA} if with_schema else {}))


@settings(max_examples=100, deadline=None)
@given(st.lists(policies(), max_size=8), st.text(max_size=20), st.booleans())
def test_policies_that_parse_are_looked_at(texts: list[str], name: str, with_schema: bool) -> None:
    comments = "".join(f"// {line}\n" for line in name.splitlines() if line.isprintable())
    files = {"p.cedar": comments.join(texts), "q.cedar": "".join(texts)}
    report = looked_at(files | ({"cedarschema": SCHEMA} if with_schema else {}))
    assert report is not None
    assert report.cases or not texts


@settings(max_examples=100, deadline=None)
@given(st.lists(st.sampled_from(EXPRESSIONS), min_size=1, max_size=5), st.booleans())
def test_every_kind_of_expression_is_looked_at(parts: list[str], with_schema: bool) -> None:
    body = " && ".join(f"({part})" for part in parts)
    text = "".join(
        f"{effect}(principal, action, resource) {kind} {{ {body} }};\n"
        for effect in ("permit", "forbid")
        for kind in ("when", "unless")
    )
    report = looked_at({"p.cedar": text} | ({"cedarschema": SCHEMA} if with_schema else {}))
    assert report is not None
    if not with_schema:
        assert [case.name for case in report.cases if case.group == "lint"] == ["lint p.cedar"]
