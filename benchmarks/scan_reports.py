"""Judge 100,000 findings of scanners and write every report; time and the peak of memory count.

``python -m benchmarks.scan_reports FOLDER [stopping|old]`` makes 2,000 files, 50 findings in each,
all of which stop, or are in the baseline but for a thousand. It prints seconds of processor time
of each part.
"""

import resource
import sys
import time
from pathlib import Path

from buildsteps.reporting.formats import reporter
from buildsteps.reporting.interface import Rendering
from buildsteps.results import (
    Finding,
    Location,
    Report,
    RunResult,
    Severity,
    Verdict,
    VerdictOutcome,
)
from buildsteps.steps.scan.sighting import Scanned, Sighting
from buildsteps.steps.scan.verdict.cases import cases_of
from buildsteps.steps.scan.verdict.snippets import with_snippets
from buildsteps.world import system_world

FILES, EACH = 2_000, 50
FORMATS = ("terminal", "junit", "sarif", "json", "markdown", "html", "github")
_LINE = "    subprocess.call(['tar', 'xf', archives[{number}]], shell=True)  # unpack it\n"


def sources(folder: Path) -> list[str]:
    """Write the files, and give their paths."""
    text = "".join(_LINE.format(number=number) for number in range(EACH))
    paths = [f"{folder}/package_{number % 40}/module_{number}.py" for number in range(FILES)]
    for path in paths:
        Path(path).parent.mkdir(exist_ok=True)
        Path(path).write_text(text)
    return paths


def found(paths: list[str], old: bool) -> tuple[list[Finding], list[tuple[Sighting, ...]]]:
    """A finding on each line, and the sightings that they were made of."""
    findings: list[Finding] = []
    groups: list[tuple[Sighting, ...]] = []
    for file, path in enumerate(paths):
        for line in range(1, EACH + 1):
            place = (Location(path, line, 5, line, 58),)
            rule, severity = f"rule-{line}", Severity.HIGH
            sighting = Sighting(
                engine="semgrep", rule=rule, severity=severity, message="", locations=place
            )
            groups.append((sighting,))
            findings.append(
                Finding(
                    rule=rule,
                    severity=severity,
                    message=f"subprocess call with shell=True identified, number {line}",
                    title="A call of a shell",
                    locations=place,
                    help=f"https://example.com/rules/{rule}.html",
                    cwes=(78,),
                    engines=("semgrep",),
                    fingerprint=f"{file * EACH + line:032x}",
                    known=old and file >= 20,
                )
            )
    return findings, groups


class Stopwatch:
    """Prints what took how long."""

    def __init__(self) -> None:
        self.started = time.process_time()
        self.last = self.started

    def lap(self, what: str) -> None:
        """Say what has been done since the last time."""
        now = time.process_time()
        print(f"{now - self.last:.3f} {what}")
        self.last = now


def main() -> None:
    """Make the findings, judge them, write the reports."""
    folder, old = Path(sys.argv[1]), sys.argv[2:] == ["old"]
    paths = sources(folder)
    findings, groups = found(paths, old)
    world = system_world()
    watch = Stopwatch()
    findings = with_snippets(findings, groups, (folder,), world)
    watch.lap("snippets")
    scans = [Scanned(engine="semgrep", subject="2,000 files", read=frozenset(paths))]
    stops = {one.fingerprint for one in findings if not one.known}
    cases = cases_of(scans, findings, stops)
    watch.lap("cases")
    verdict = Verdict(outcome=VerdictOutcome.STOPPED, exit_code=1)
    report = Report(cases=cases, findings=findings, facts={"baseline": {"fixed": 0}})
    result = RunResult(command="scan", report=report, verdict=verdict)
    for name in FORMATS:
        world.files.write(folder / f"report.{name}", reporter(name)(result, Rendering()))
        watch.lap(name)
    print(f"{time.process_time() - watch.started:.3f} all")
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(f"{peak:.0f} MB at most")


if __name__ == "__main__":
    main()
