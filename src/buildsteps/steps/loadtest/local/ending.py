"""How Locust ended, in sentences: it ran, it could not start, or it met a foreign address."""

import itertools
import re
from collections.abc import Sequence
from pathlib import Path

from buildsteps.errors import BuildstepsError, UsageError, WorldError
from buildsteps.reporting.text import printable
from buildsteps.steps.loadtest.local.generator import Generator
from buildsteps.steps.loadtest.local.plan import Plan
from buildsteps.steps.loadtest.scenario.model import Scenario
from buildsteps.world.process import Completed

_LOGGED = re.compile(r"^\[[^\]]*\] [^/]+/[A-Z]+/[\w.]+: ")
_ERROR = re.compile(r"^\[[^\]]*\] [^/]+/ERROR/")
_SUMMARY = re.compile(r"^Type +Name ")
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
    lines = _without_its_own_frames(words_of(completed))
    told = [line for line in lines if _ERROR.match(line)] or lines
    last = _LOGGED.sub("", told[-1]) if told else f"exit code {completed.status}, and no word"
    detail = "\n".join(lines[-_SHOWN_LINES:])
    if "must specify the base host" in last:
        last = "its users have no host: give them one, or set the variable LOCUST_HOST"
        detail = ""
    if scenario.script is not None:
        name = Path(scenario.script.path).name
        return UsageError(f"Locust cannot run {name}: {last}", scenario.place, detail)
    return WorldError(f"Locust did not run: {last}", detail=detail)


def made_no_user(completed: Completed, generators: Sequence[Generator]) -> bool:
    """Whether Locust began, and gave up with an error before there was a user."""
    gave_up = any(_ERROR.match(line) for line in words_of(completed))
    return gave_up and not any(one.users for one in generators)


def _without_its_own_frames(lines: list[str]) -> list[str]:
    """Leave out what a traceback says of Locust and Python: the user's own lines remain."""
    kept: list[str] = []
    within = False
    for line in lines:
        if line.startswith("  File "):
            within = "/site-packages/" in line or 'File "<frozen' in line
        elif not line.startswith("    "):
            within = False
        if not within:
            kept.append(line)
    return kept


def too_long(planned: Plan) -> WorldError:
    """The error of a run that its limit ended."""
    return WorldError(
        f"the load test did not end within {planned.limit:g} s, of which the load was to take "
        f"{planned.planned:g} s: it was ended, and --timeout gives it longer"
    )


def words_of(completed: Completed) -> list[str]:
    """What Locust said to standard error: no summary, no empty lines, no control characters."""
    text = completed.stderr.decode("utf-8", errors="replace")
    lines = [printable(line.rstrip()) for line in text.splitlines() if line.strip()]
    return list(itertools.takewhile(lambda line: not _SUMMARY.match(line), lines))
