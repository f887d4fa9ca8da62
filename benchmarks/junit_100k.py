"""Write a JUnit file of 100,000 cases, as a run does; the peak of memory is what counts."""

import sys
from pathlib import Path

from buildsteps.reporting.interface import Rendering
from buildsteps.reporting.junit import render
from buildsteps.results import Case, Location, Outcome, Report, RunResult, Verdict, VerdictOutcome
from buildsteps.world.files import Files

CASES = [
    Case(
        name=f"case {n}",
        group=f"suite {n % 20}",
        outcome=Outcome.FAILED if n % 10 == 0 else Outcome.PASSED,
        kind="decision" if n % 10 == 0 else "",
        message="unexpected ALLOW" if n % 10 == 0 else "",
        detail=f"expected DENY, but policy {n} allows it" if n % 10 == 0 else "",
        locations=(Location(path=f"tests/suite {n % 20}/DENY/case {n}.cedarauth.json"),),
    )
    for n in range(100_000)
]

if __name__ == "__main__":
    stopped = Verdict(outcome=VerdictOutcome.STOPPED, exit_code=1, reasons=("10,000 failed",))
    result = RunResult(command="cedar-validate", report=Report(cases=CASES), verdict=stopped)
    Files(Path.cwd()).write(Path(sys.argv[1]), render(result, Rendering()))
