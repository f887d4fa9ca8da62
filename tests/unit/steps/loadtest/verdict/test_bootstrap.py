import random

import pytest

from buildsteps.steps.loadtest.verdict.bootstrap import FEWEST_STEPS, block_length, spread
from tests.unit.steps.loadtest.runs import steps_of


def noisy(seconds: int, *, drift: float, seed: int = 1) -> list[list[float]]:
    """Fifty requests a second; whole seconds are slower or faster by ``drift``."""
    chance = random.Random(seed)
    return [
        [level * chance.lognormvariate(-2, 0.3) for _ in range(50)]
        for level in (chance.lognormvariate(0, drift) for _ in range(seconds))
    ]


def test_a_run_that_never_changes_has_no_spread() -> None:
    assert spread(steps_of([[0.1] * 10] * 30), 95) == 0.0


def test_seconds_that_differ_widen_it() -> None:
    calm, wild = (spread(steps_of(noisy(60, drift=drift)), 95) for drift in (0.0, 0.3))
    assert calm is not None
    assert wild is not None
    assert calm < wild / 2


def test_it_is_near_what_repeating_the_run_shows() -> None:
    import math
    import statistics

    runs = [steps_of(noisy(60, drift=0.05, seed=seed)) for seed in range(60)]
    values = [run.percentile(95, [(0, run.number)]) for run in runs]
    true = statistics.stdev(math.log(value) for value in values if value)
    estimates = [found for run in runs[:20] if (found := spread(run, 95, draws=200)) is not None]
    assert statistics.median(estimates) == pytest.approx(true, rel=0.35)


def test_the_same_run_has_the_same_spread() -> None:
    steps = steps_of(noisy(40, drift=0.1))
    assert spread(steps, 95) == spread(steps, 95)


def test_a_short_run_tells_nothing() -> None:
    assert spread(steps_of([[0.1]] * (FEWEST_STEPS - 1)), 95) is None
    assert spread(steps_of([[]] * 20), 95) is None


def test_stretches_grow_with_the_cube_root() -> None:
    assert [block_length(steps) for steps in (10, 60, 120)] == [3, 6, 7]
