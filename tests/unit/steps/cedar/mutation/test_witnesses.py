"""Few requests that notice many mutants."""

from hypothesis import given
from hypothesis import strategies as st

from buildsteps.steps.cedar.difference.space import Question
from buildsteps.steps.cedar.mutation.possible import spread
from buildsteps.steps.cedar.mutation.witnesses import Witness, covering


def witness(*notices: int) -> Witness:
    question = Question(0, ("U", "a"), ("Action", "a"), ("D", "d"), "{}")
    return Witness(question=question, decision="DENY", notices=frozenset(notices))


def test_the_one_that_notices_most_comes_first_and_makes_others_needless() -> None:
    small, large, other = witness(1, 2), witness(1, 2, 3), witness(4)
    assert covering([small, large, other]) == [large, other]


@given(st.lists(st.sets(st.integers(0, 12), max_size=6)))
def test_what_any_notices_the_chosen_ones_notice_and_none_is_for_nothing(
    noticed: list[set[int]],
) -> None:
    offered = [witness(*one) for one in noticed]
    chosen = covering(offered)
    covered: set[int] = set()
    for one in chosen:
        assert one.notices - covered
        covered |= one.notices
    assert covered == set().union(*noticed)


@given(st.integers(1, 2_000))
def test_every_request_has_its_turn_once(number: int) -> None:
    assert sorted(spread(number)) == list(range(number))
