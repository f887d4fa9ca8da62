"""The variables of AWS's sample pipeline, taken as they are: a drop-in for its script."""

import math
from collections.abc import Mapping

from buildsteps.errors import UsageError

ENDPOINT = "LOAD_TEST_API_ENDPOINT"
AVERAGE = "AVG_RT_THRESHOLD"
FAILURES = "FAILURE_THRESHOLD"


def sample_thresholds(environ: Mapping[str, str]) -> tuple[str, ...]:
    """What the sample's two thresholds say: the mean in seconds, and failed requests.

    They are compared as numbers here; the sample compares texts, so ``10.5 < 9`` passes there.

    Raises:
        UsageError: one of them is no number.
    """
    found = []
    if text := environ.get(AVERAGE, "").strip():
        found.append(f"avg_rt < {_number(AVERAGE, text)}s")
    if text := environ.get(FAILURES, "").strip():
        found.append(f"errors < {_number(FAILURES, text)}")
    return tuple(found)


def _number(name: str, text: str) -> str:
    try:
        number = float(text)
    except ValueError:
        number = math.nan
    if not math.isfinite(number) or number < 0 or len(text) > 20:
        raise UsageError(f"the environment variable {name} must be a number, such as 1 or .2")
    return f"{number:.10f}".rstrip("0").rstrip(".")
