import subprocess
import sys
from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from buildsteps.steps.cedar.difference.numbering import Block, Question, Space

Size = tuple[int, int, int]
sizes = st.lists(st.tuples(*(st.integers(1, 5),) * 3), min_size=1, max_size=5)


def block(number: int, size: Size) -> Block:
    return Block(
        universe=number // 2,
        action=("Action", f"a{number}"),
        principals=tuple(("User", f"u{n}") for n in range(size[0])),
        resources=tuple(("Doc", f"d{n}") for n in range(size[1])),
        contexts=tuple(f'{{"n":{n}}}' for n in range(size[2])),
    )


def space(sizes: Sequence[Size], most: int = 10**9, seed: int = 0) -> Space:
    return Space(tuple(block(n, size) for n, size in enumerate(sizes)), most, seed)


def key(one: Question) -> tuple[object, ...]:
    return one.universe, one.action, one.principal, one.resource, one.context_json


@given(sizes)
def test_every_combination_has_one_number(sizes: list[Size]) -> None:
    whole = space(sizes)
    found = [key(one) for one in whole.questions(0, whole.asked)]
    assert len(found) == len(set(found)) == whole.total == sum(a * b * c for a, b, c in sizes)


@given(sizes, st.integers(1, 40), st.integers(-5, 2**70))
def test_a_sample_takes_one_request_of_every_stretch(
    sizes: list[Size], most: int, seed: int
) -> None:
    whole, sample = space(sizes), space(sizes, most, seed)
    places = {key(one): number for number, one in enumerate(whole.questions(0, whole.asked))}
    taken = [places[key(one)] for one in sample.questions(0, sample.asked)]
    assert len(taken) == min(most, whole.total)
    for number, place in enumerate(taken):
        first, last = (n * whole.total // len(taken) for n in (number, number + 1))
        assert first <= place < last


@given(sizes, st.integers(1, 60), st.integers(1, 7))
def test_batches_hold_the_same_requests_each_of_one_universe(
    sizes: list[Size], most: int, batch: int
) -> None:
    sample = space(sizes, most)
    numbers = []
    for asking in sample.batches(0, sample.asked, batch):
        assert 0 < len(asking.numbers) == len(asking.requests) <= batch
        for number, request in zip(asking.numbers, asking.requests, strict=True):
            question = sample.question(number)
            assert question.universe == asking.universe
            assert request == {**question.arguments(), "context": question.context_json}
        numbers += asking.numbers
    assert numbers == list(range(sample.asked))


def test_another_seed_is_another_sample_and_any_process_finds_the_same() -> None:
    one, other = (space([(5, 5, 5)], 20, seed) for seed in (1, 2))
    assert [*map(key, one.questions(0, 20))] != [*map(key, other.questions(0, 20))]
    script = (
        "from tests.unit.steps.cedar.difference.test_numbering import space, key;"
        "print([*map(key, space([(5, 5, 5)], 20, 1).questions(0, 20))])"
    )
    printed = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True
    ).stdout
    assert printed.strip() == str([*map(key, one.questions(0, 20))])


@pytest.mark.parametrize("number", [0, 1, 2**40])
def test_a_sample_of_a_space_too_large_to_hold_is_spread_evenly(number: int) -> None:
    large = space([(1_000, 1_000, 1_000)], 10_000, number)
    contexts = [one.context["n"] for one in large.questions(0, 10_000)]
    thirds = [sum(third * 334 <= one < third * 334 + 334 for one in contexts) for third in range(3)]
    assert all(2_900 < one < 3_800 for one in thirds)


def test_nothing_possible_is_nothing_asked() -> None:
    assert (Space((), 10).total, Space((), 10).asked) == (0, 0)
    assert list(Space((), 10).batches(0, 0, 5)) == []
