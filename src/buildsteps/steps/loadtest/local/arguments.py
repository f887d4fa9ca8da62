"""How Locust is called, and the file that tells it what to do."""

import json
import math
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from buildsteps.errors import UsageError
from buildsteps.steps.loadtest.local.plan import STARTING, Plan
from buildsteps.steps.loadtest.measured.model import SAMPLE_COLUMNS
from buildsteps.steps.loadtest.scenario.model import Request, Scenario

RUN_FILE = "BUILDSTEPS_LOCAL_RUN"
"""The variable that names the file, for the locustfiles."""

_SHIPPED = Path(__file__).parent / "locustfiles"
RECORDING = _SHIPPED / "recording" / "_buildsteps_recording.py"
REQUESTS = _SHIPPED / "requests" / "_buildsteps_requests.py"


def arguments(scenario: Scenario, plan: Plan, port: int) -> list[str]:
    """The call; ``port`` is where several processes meet, on the loopback.

    Our recording ends the run in time; Locust's own limit is for the case that it does not.
    ``-P`` keeps the working folder off the module path, so that no file there stands in for one
    of Locust's own.

    Raises:
        UsageError: Locust cannot take the script's path.
    """
    locustfile = scenario.script.path if scenario.script else str(REQUESTS)
    if "," in locustfile or locustfile != locustfile.strip():
        raise UsageError(
            f"Locust cannot take the path {locustfile}: it has a comma, or a space at its end",
            scenario.place,
        )
    call = [sys.executable, "-P", "-m", "locust", "--headless", "--only-summary"]
    call += ["--loglevel", "WARNING", "-f", f"{RECORDING},{locustfile}"]
    call += ["--users", str(plan.users), "--spawn-rate", f"{plan.spawn_rate:.4f}"]
    call += ["--run-time", f"{math.ceil(plan.planned + STARTING)}s", "--exit-code-on-error", "0"]
    if plan.processes > 1:
        call += ["--processes", str(plan.processes), "--master-bind-host", "127.0.0.1"]
        call += ["--master-bind-port", str(port), "--master-host", "127.0.0.1"]
        call += ["--master-port", str(port)]
    return call


def run_file(scenario: Scenario, plan: Plan, folder: Path, *, allow_remote: bool) -> str:
    """The scenario as data, for the locustfiles."""
    return json.dumps(
        {
            "folder": str(folder),
            "columns": SAMPLE_COLUMNS,
            "seconds": plan.planned,
            "allow_remote": allow_remote,
            "requests": [request_data(one) for one in scenario.requests],
        }
    )


def request_data(request: Request) -> dict[str, Any]:
    """One request, with its label."""
    return {
        "name": request.label,
        "method": request.method,
        "url": request.url,
        "headers": request.headers,
        "body": request.body,
        "status": request.checks.status,
        "body_contains": request.checks.body_contains,
    }


def environment(
    environ: Mapping[str, str], scenario: Scenario, folder: Path, file: Path
) -> dict[str, str]:
    """The variables for Locust.

    A locustfile of the user's own sees those of this command, with Locust's settings among them.
    Requests are asked in the same way everywhere, so nothing of this machine counts for them.
    """
    kept = dict(environ)
    if scenario.script is None:
        kept = {name: value for name, value in kept.items() if not name.startswith("LOCUST_")}
        kept["HOME"] = str(folder)  # where ~/.locust.conf would be
    return {**kept, RUN_FILE: str(file), "PYTHONUNBUFFERED": "1"}
