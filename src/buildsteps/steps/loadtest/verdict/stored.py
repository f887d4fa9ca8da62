"""What is kept of a run, so that later runs can be compared with it."""

import hashlib
from collections.abc import Mapping
from pathlib import Path

import msgspec
from msgspec import Struct, field

from buildsteps.steps.loadtest.scenario.model import Request, Scenario, Script

VERSION = 1


class StoredRun(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A run in a result store, or taken from an engine's own history.

    ``at`` is when it began, in seconds since 1970. ``values`` are by metric, in the base of its
    dimension (seconds, shares of 1, a second); ``spreads`` the standard errors of their
    logarithms. Only ``good`` runs count: valid ones that the gate let pass.
    """

    id: str
    at: float
    fingerprint: str
    values: Mapping[str, float]
    good: bool = False
    engine: str = ""
    spreads: Mapping[str, float] = field(default_factory=dict)
    version: int = VERSION


def fingerprint(scenario: Scenario, engine: str, users: int | None = None) -> str:
    """What two runs must share to be compared: the engine, the requests and the load.

    Values of headers are left out, because tokens in them change with each build; thresholds,
    tags and descriptions, because they change no load. A script counts by its bytes. ``users`` is
    what a flag asked for instead of the scenario.
    """
    parts = {
        "version": VERSION,
        "engine": engine,
        "name": scenario.name,
        "requests": [_request(request) for request in scenario.requests],
        "script": _digest(scenario.script) if scenario.script else None,
        "concurrency": scenario.concurrency,
        "tasks": scenario.tasks,
        "regions": scenario.regions,
        "ramp_up": scenario.ramp_up,
        "hold_for": scenario.hold_for,
        "local": (scenario.local.users, scenario.local.ramp_up, scenario.local.hold_for)
        if engine == "local"
        else None,
        **({} if users is None else {"users": users}),
    }
    return hashlib.sha256(msgspec.json.encode(parts, order="deterministic")).hexdigest()[:16]


def _request(request: Request) -> dict[str, object]:
    return {
        "url": request.url,
        "method": request.method,
        "name": request.name,
        "headers": sorted(request.headers),
        "body": request.body,
        "checks": request.checks,
    }


def _digest(script: Script) -> str:
    if not script.path:  # it lies with Distributed Load Testing, under the test's id
        return script.kind
    path = Path(script.path)
    return hashlib.sha256(path.read_bytes()).hexdigest()
