"""Simulate load tests, the same code and slower code, and let our verdict judge them.

Each run is 60 s at 100 requests/s: log-normal times, seconds that are alike their neighbours
(autoregressive, 0.7), and 3 % by which any two runs differ as a whole. A trial is five earlier runs
and one run of each slow-down; the same code is the slow-down 0. Writes shares as JSON.
"""

import json
import math
import random
import sys
from pathlib import Path

from buildsteps.steps.loadtest.measured.steps import Step, Steps, table_of
from buildsteps.steps.loadtest.verdict.baseline import BaselineRule, compare
from buildsteps.steps.loadtest.verdict.bootstrap import spread
from buildsteps.steps.loadtest.verdict.stored import StoredRun

TRIALS = 400
SLOWER = (0.0, 0.05, 0.10, 0.20)
SECONDS, RATE = 60, 100
MEDIAN, SIGMA = 0.1, 0.5
SECOND_NOISE, ALIKE = 0.03, 0.7
RUN_NOISE = 0.03
RULE = BaselineRule(metrics=("p95",))


def simulated(chance: random.Random, slower: float) -> Steps:
    """One run; times are whole milliseconds, as in a JTL."""
    level = math.log(MEDIAN * (1 + slower)) + chance.gauss(0, RUN_NOISE)
    drift, steps = chance.gauss(0, SECOND_NOISE), []
    for second in range(SECONDS):
        counts: dict[int, int] = {}
        for _ in range(RATE):
            tenths = round(math.exp(level + drift + chance.gauss(0, SIGMA)) * 1000) * 10
            counts[tenths] = counts.get(tenths, 0) + 1
        steps.append(Step(at=second, errors=0, users=0, times=sorted(counts.items())))
        drift = ALIKE * drift + chance.gauss(0, SECOND_NOISE * math.sqrt(1 - ALIKE**2))
    return table_of(steps)


def stored(steps: Steps, at: int) -> StoredRun:
    """What is kept of a run."""
    value = steps.percentile(95, [(0, steps.number)])
    error = spread(steps, 95, draws=100)
    if value is None or error is None:
        raise AssertionError("a simulated run always has requests")
    return StoredRun(
        id=str(at), at=at, fingerprint="", values={"p95": value}, spreads={"p95": error}, good=True
    )


def main(path: Path) -> None:
    """Judge all trials."""
    chance = random.Random(20260301)
    flagged = {slower: {"five": 0, "one": 0, "held": 0} for slower in SLOWER}
    for _ in range(TRIALS):
        earlier = [stored(simulated(chance, 0.0), at) for at in range(5)]
        for slower in SLOWER:
            now = stored(simulated(chance, slower), 9)
            value, error = now.values["p95"], now.spreads["p95"]
            five = compare("p95", value, error, earlier, RULE)
            one = compare("p95", value, error, earlier[-1:], RULE)
            flagged[slower]["five"] += five.regressed
            flagged[slower]["one"] += one.regressed
            if five.low is not None and five.high is not None:
                flagged[slower]["held"] += five.low <= slower <= five.high
    shares = {
        f"{slower:.0%}": {name: number / TRIALS for name, number in found.items()}
        for slower, found in flagged.items()
    }
    path.write_text(json.dumps(shares, indent=2) + "\n")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
