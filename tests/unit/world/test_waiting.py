from itertools import islice

import pytest

from buildsteps.world.waiting import OutOfTimeError, pauses, wait_for
from tests.world_double import StillClock


def test_pauses_double_up_to_the_longest_and_jitter_cuts_up_to_half() -> None:
    assert list(islice(pauses(1, 5, lambda: 1.0), 5)) == [1, 2, 4, 5, 5]
    assert list(islice(pauses(1, 5, lambda: 0.0), 3)) == [0.5, 1, 2]


def test_waiting_gives_what_came_even_if_it_is_false() -> None:
    answers = iter([None, None, 0])
    clock = StillClock()
    assert wait_for(lambda: next(answers), "it", clock=clock, limit=60) == 0
    assert clock.slept > 0


def test_waiting_ends_at_the_limit_after_a_last_look() -> None:
    clock, looks = StillClock(), []
    with pytest.raises(OutOfTimeError, match="the end did not come within 30 seconds"):
        wait_for(lambda: looks.append(clock.slept), "the end", clock=clock, limit=30)
    assert looks[-1] == clock.slept == 30
