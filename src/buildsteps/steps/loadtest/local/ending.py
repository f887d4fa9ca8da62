"""How Locust ended, in sentences: it ran, it could not start, or it met a foreign address."""

import re
from pathlib import Path

from buildsteps.errors import BuildstepsError, UsageError, WorldError
from buildsteps.reporting.text import printable
from buildsteps.steps.loadtest.scenario.model import Scenario
from buildsteps.world.process import Completed

_LOGGED = re.compile(r"^\[[^\]]*\] [^/]+/[A-Z]+/[\w.]+: ")
_SHOWN_LINES = 30


def refused_target(folder: Path) -> str:
    """The address that the guard refused, or nothing."""
    for path in sorted(folder.glob("refused-*.txt")):
        return printable(path.read_text(encoding="utf-8", errors="replace"))
    return ""


def refusal(target: str, scenario: Scenario) -> UsageError:
    """The error of a run that would have loaded another machine."""
    how = "the script asks" if scenario.script else "a redirect leads to"
    return UsageError(
        f"{how} {target}, which is not this machine: to load it from here, give --allow-remote",
        scenario.place,
    )


def not_started(completed: Completed, scenario: Scenario) -> BuildstepsError:
    """The error of a Locust that asked nothing, with its own words.

    A script that Locust cannot run is the user's to mend; with our own it is a failure of Locust.
    """
    lines = words_of(completed)
    last = _LOGGED.sub("", lines[-1]) if lines else f"exit code {completed.status}, and no word"
    detail = "\n".join(lines[-_SHOWN_LINES:])
    if scenario.script is not None:
        name = Path(scenario.script.path).name
        return UsageError(f"Locust cannot run {name}: {last}", scenario.place, detail)
    return WorldError(f"Locust did not run: {last}", detail=detail)


def words_of(completed: Completed) -> list[str]:
    """What Locust said to standard error, without empty lines and control characters."""
    text = completed.stderr.decode("utf-8", errors="replace")
    return [printable(line.rstrip()) for line in text.splitlines() if line.strip()]
