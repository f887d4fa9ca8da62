"""How far a percentile of one run could have been another: the moving-block bootstrap.

Response times of neighbouring seconds are alike, so single requests must not be drawn one by one:
stretches of whole steps are (H. R. Künsch, The Jackknife and the Bootstrap for General Stationary
Observations, Annals of Statistics 17, 1989).
"""

import math
import random
import statistics

from buildsteps.steps.loadtest.measured.steps import Steps

DRAWS = 400
FEWEST_STEPS = 10
"""A run of fewer steps has too few stretches to draw from."""

_SEED = 20260301


def spread(steps: Steps, share: float, draws: int = DRAWS) -> float | None:
    """The standard error of the logarithm of a percentile: 0.02 is some 2 % up or down.

    The same run always gives the same number. None where the run is too short.
    """
    number = steps.number
    if number < FEWEST_STEPS:
        return None
    length = block_length(number)
    chance = random.Random(_SEED)  # noqa: S311 - a simulation, no secret
    logarithms = []
    for _ in range(draws):
        stretches = _stretches(chance, number, length)
        value = steps.percentile(share, stretches)
        if value:
            logarithms.append(math.log(value))
    return statistics.stdev(logarithms) if len(logarithms) > draws // 2 else None


def block_length(steps: int) -> int:
    """How many steps are drawn together: with the cube root of their number, as theory has it."""
    return max(2, round(1.5 * math.cbrt(steps)))


def _stretches(chance: random.Random, number: int, length: int) -> list[tuple[int, int]]:
    starts = [chance.randrange(number - length + 1) for _ in range(math.ceil(number / length))]
    stretches = [(start, start + length) for start in starts]
    surplus = len(stretches) * length - number
    stretches[-1] = (starts[-1], starts[-1] + length - surplus)
    return stretches
