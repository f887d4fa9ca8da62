"""What the rules claim, held against the engine: on any policies, entities and requests."""

import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import msgspec
from hypothesis import given, settings
from hypothesis import strategies as st

from buildsteps.steps.cedar import engine
from buildsteps.steps.cedar.linting.covering import Index, consequences, contradiction, holds
from buildsteps.steps.cedar.linting.guards import unguarded
from buildsteps.steps.cedar.linting.terms import constraints
from tests.unit.steps.cedar.linting.any_policies import entities, policies, requests
from tests.unit.steps.cedar.linting.linted import lint, write


def applying(texts: Sequence[str], world: Sequence[dict[str, Any]]) -> list[set[int]]:
    """The numbers of the policies that apply to each request, whatever their effect."""
    permits = "\n".join(text.replace("forbid(", "permit(", 1) for text in texts)
    answers = ask(permits, world)
    return [{engine.position(one) for one in answer.reasons} for answer in answers]


def ask(text: str, world: Sequence[dict[str, Any]]) -> list[engine.Answer]:
    handle = engine.parse_policies(text)
    assert handle is not None
    return engine.authorize(requests(), handle, msgspec.json.encode(world).decode(), None)


def trees(texts: Sequence[str]) -> list[dict[str, Any]]:
    documents = engine.policy_documents("\n".join(texts))
    return [documents[f"policy{number}"] for number in range(len(texts))]


@settings(max_examples=300, deadline=None)
@given(st.lists(policies(), min_size=2, max_size=12), entities())
def test_a_policy_that_covers_another_applies_wherever_that_one_does(
    texts: list[str], world: list[dict[str, Any]]
) -> None:
    known = [constraints(tree) for tree in trees(texts)]
    index = Index(known)
    covering = [list(index.covering(consequences(one))) for one in known]
    for applied in applying(texts, world):
        for number in applied:
            assert applied >= set(covering[number]), (texts, number)


@settings(max_examples=200, deadline=None)
@given(st.lists(policies(), min_size=2, max_size=12))
def test_the_index_finds_what_comparing_each_with_each_finds(texts: list[str]) -> None:
    known = [constraints(tree) for tree in trees(texts)]
    index = Index(known)
    for one in known:
        all_that_holds = consequences(one)
        expected = [
            number
            for number, other in enumerate(known)
            if all(holds(constraint, all_that_holds) for constraint in other)
        ]
        assert list(index.covering(all_that_holds)) == expected


@settings(max_examples=300, deadline=None)
@given(st.lists(policies(), min_size=1, max_size=6), entities())
def test_a_policy_that_contradicts_itself_never_applies(
    texts: list[str], world: list[dict[str, Any]]
) -> None:
    never = {
        number
        for number, tree in enumerate(trees(texts))
        if contradiction(consequences(constraints(tree)))
    }
    for applied in applying(texts, world):
        assert not applied & never, texts


@settings(max_examples=200, deadline=None)
@given(policies(), entities())
def test_where_a_missing_attribute_makes_a_policy_err_an_unguarded_read_is_known(
    text: str, world: list[dict[str, Any]]
) -> None:
    (tree,) = trees([text])
    reads = {(variable, attribute) for _, variable, attribute in unguarded(tree)}
    for answer in ask(text, world):
        for _, message in answer.errors:
            for variable, attribute in (("principal", "on"), ("resource", "owner")):
                if f"does not have the attribute `{attribute}`" in message:
                    assert (variable, attribute) in reads, text


@settings(max_examples=60, deadline=None)
@given(st.lists(policies(), min_size=2, max_size=5), entities(), st.data())
def test_a_fix_never_changes_a_decision(
    texts: list[str], world: list[dict[str, Any]], data: st.DataObject
) -> None:
    comments = st.sampled_from(["", "// why\n", "\n", " // behind\n", "\n\n// far\n\n"])
    ids = st.sampled_from(["", '@id("x")', '@id("y") ', '@note("n")\n'])
    again = data.draw(st.lists(st.sampled_from(texts), min_size=1, max_size=3))
    text = "".join(
        data.draw(comments) + data.draw(ids) + one + data.draw(comments) for one in texts + again
    )
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        write(folder, {"p.cedar": text})
        report = lint(folder, fix=True, annotations=("id",))
        after = (folder / "p.cedar").read_text()
        assert not [case for case in report.cases if case.group == "fix" and case.cause]
        before = [(one.decision) for one in ask(text, world)]
        assert [(one.decision) for one in ask(after, world)] == before
        repeated = lint(folder, fix=True, annotations=("id",))
        for _ in range(len(again)):
            repeated = lint(folder, fix=True, annotations=("id",))
        assert "--fix changes nothing here" in repeated.notes
