"""What the impossible-policy check costs within a run, which has no switch to leave it out.

``python -m benchmarks.price STORE`` prints two processor times in seconds: that of the check, and
that of the whole command after the interpreter has started.
"""

import contextlib
import io
import sys
import time
from collections.abc import Sequence

from buildsteps import cli
from buildsteps.results import Finding
from buildsteps.steps.cedar import engine
from buildsteps.steps.cedar.policies import validation
from buildsteps.steps.cedar.policies.policy import Policy


def price(store: str) -> tuple[float, float]:
    """Run ``cedar-validate`` on a store in this process with a clock around the check."""
    spent: list[float] = []
    check = validation.impossible

    def timed(policies: Sequence[Policy], schema: engine.Schema) -> list[Finding]:
        started = time.process_time()
        found = check(policies, schema)
        spent.append(time.process_time() - started)
        return found

    validation.impossible = timed
    started = time.process_time()
    with contextlib.redirect_stdout(io.StringIO()):
        code = cli.main(["cedar-validate", store, "-q"])
    whole = time.process_time() - started
    if code != 0 or not spent:
        raise SystemExit(f"the command exited {code} after {len(spent)} checks")
    return sum(spent), whole


if __name__ == "__main__":
    print(*price(sys.argv[1]))
