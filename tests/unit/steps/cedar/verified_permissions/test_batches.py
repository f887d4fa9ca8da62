"""Batches keep the rules of BatchIsAuthorized, and ask every question once."""

import json
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from buildsteps.steps.cedar import engine
from buildsteps.steps.cedar.trials.request import Request
from buildsteps.steps.cedar.verified_permissions.batches import (
    Batch,
    Question,
    Unaskable,
    api_request,
    batches,
)
from buildsteps.steps.cedar.verified_permissions.entity_slices import EntityPool

NONE: frozenset[tuple[str, str]] = frozenset()


def request(principal: str, resource: str, **context: Any) -> Request:
    return Request(
        principal={"type": "User", "id": principal},
        action='Action::"view"',
        resource={"type": "Doc", "id": resource},
        context=context,
    )


def entities(number: int, **attributes: Any) -> str:
    return json.dumps(
        [
            {
                "uid": {"type": "User", "id": str(one)},
                "attrs": attributes,
                "parents": [{"type": "Group", "id": str(one % 3)}],
            }
            for one in range(number)
        ]
    )


@given(
    st.lists(st.tuples(st.integers(0, 40), st.integers(0, 40)), max_size=150),
    st.integers(0, 250),
)
def test_every_batch_shares_principal_or_resource_and_is_small_enough(
    asked: list[tuple[int, int]], number: int
) -> None:
    questions = [Question(n, request(str(a), str(b))) for n, (a, b) in enumerate(asked)]
    found = list(batches(questions, EntityPool(entities(number)), NONE))
    numbers: list[int] = []
    for one in found:
        assert isinstance(one, Batch)
        numbers += [question.number for question in one.questions]
        principals = {str(question.request.principal) for question in one.questions}
        resources = {str(question.request.resource) for question in one.questions}
        assert min(len(principals), len(resources)) == 1
        assert 1 <= len(one.questions) <= 30
        assert len(json.loads(one.entities)) <= 100
    assert sorted(numbers) == list(range(len(asked)))


def test_few_batches_are_enough_where_many_share_a_resource() -> None:
    questions = [Question(number, request(str(number), "one")) for number in range(60)]
    assert len(list(batches(questions, EntityPool("[]"), NONE))) == 2


def test_what_no_batch_can_hold_is_said() -> None:
    huge = "x" * 1_100_000
    questions = [
        Question(0, request("a" * 613, "r")),
        Question(1, request("", "r")),
        Question(2, request("a", "r", text=huge)),
        Question(3, request("a", "r")),
    ]
    found = list(batches(questions, EntityPool("[]"), NONE))
    why = {one.question.number: one.why for one in found if isinstance(one, Unaskable)}
    assert why.keys() == {0, 1, 2}
    assert "has not 1 to 612 characters" in why[0]
    assert "the service takes 1,000,000" in why[2]
    assert [one.questions[0].number for one in found if isinstance(one, Batch)] == [3]


def test_entities_that_hang_together_beyond_the_limit_are_said() -> None:
    chain = [
        {
            "uid": {"type": "User", "id": str(one)},
            "attrs": {},
            "parents": [{"type": "User", "id": str(one + 1)}],
        }
        for one in range(150)
    ]
    (found,) = batches([Question(0, request("0", "r"))], EntityPool(json.dumps(chain)), NONE)
    assert isinstance(found, Unaskable)
    assert "150 entities" in found.why


def test_actions_are_left_to_the_schema_and_an_empty_context_is_left_out() -> None:
    pool = EntityPool('[{"uid": {"type": "A::Action", "id": "x"}, "attrs": {}, "parents": []}]')
    assert len(pool) == 0
    assert "context" not in api_request(request("a", "b"))
    assert api_request(request("a", "b", n=1))["context"] == {"cedarJson": '{"n": 1}'}


uids = st.integers(0, 7).map(lambda number: {"type": "E", "id": str(number)})


@st.composite
def worlds(draw: st.DrawFn) -> list[dict[str, Any]]:
    """Entities that refer to each other, without a circle of parents."""
    return [
        {
            "uid": {"type": "E", "id": str(number)},
            "parents": [
                {"type": "E", "id": str(up)}
                for up in draw(st.sets(st.integers(number + 1, 9), max_size=2))
            ],
            "attrs": {
                "next": {"__entity": draw(uids)},
                "set": [{"__entity": one} for one in draw(st.lists(uids, max_size=2))],
            },
        }
        for number in range(8)
    ]


@given(worlds(), st.integers(0, 7), st.integers(0, 7))
def test_what_cannot_be_reached_changes_no_decision(
    found: list[dict[str, Any]], principal: int, resource: int
) -> None:
    policies = engine.any_policies(
        """permit (principal, action, resource) when {
             principal in resource || principal.next.next in resource.next };
           forbid (principal, action, resource) when { principal.set.contains(E::"3".next) };"""
    )
    question = {
        "principal": f'E::"{principal}"',
        "action": 'Action::"a"',
        "resource": f'E::"{resource}"',
        "context": {},
    }
    start = {("E", str(principal)), ("E", str(resource)), ("E", "3")}
    part = EntityPool(json.dumps(found)).reached(start)
    answers = [
        engine.authorize([question], policies, json.dumps(one), None)[0] for one in (found, part)
    ]
    assert answers[0].decision == answers[1].decision
    assert answers[0].reasons == answers[1].reasons
    assert [policy for policy, _ in answers[0].errors] == [p for p, _ in answers[1].errors]
