"""A scenario, as both engines take it. Times are in seconds."""

from collections.abc import Mapping
from typing import Any, Literal
from urllib.parse import urlsplit

from msgspec import Struct, field

from buildsteps.results import Location

ScriptKind = Literal["locust", "jmeter", "k6"]


class Check(Struct, frozen=True, kw_only=True):
    """What an answer must be like to count as a success: its status, or a text in its body."""

    status: tuple[int, ...] = ()
    body_contains: str = ""


class Request(Struct, frozen=True, kw_only=True):
    """One request; ``name`` is what the user calls it."""

    url: str
    method: str = "GET"
    name: str = ""
    headers: dict[str, str] = field(default_factory=dict)
    body: str = ""
    checks: Check = Check()

    @property
    def label(self) -> str:
        """What results call it: its name, else method and path."""
        return self.name or f"{self.method} {urlsplit(self.url).path or '/'}"


class Script(Struct, frozen=True, kw_only=True):
    """A test of the user's own; ``path`` is absolute.

    It is empty where the script lies with Distributed Load Testing already.
    """

    kind: ScriptKind
    path: str


class Region(Struct, frozen=True, kw_only=True):
    """How much load comes from one region: ``concurrency`` users in each of ``tasks`` tasks."""

    region: str
    tasks: int
    concurrency: int


class Local(Struct, frozen=True, kw_only=True):
    """What is different on a laptop; None is as in the scenario."""

    users: int | None = None
    ramp_up: float | None = None
    hold_for: float | None = None
    thresholds: tuple[str, ...] | None = None
    threshold_places: tuple[Location, ...] = ()


class Baseline(Struct, frozen=True, kw_only=True):
    """What a run is compared with: the ``last`` good ones.

    A metric may be worse by the share ``tolerance`` (0.1 is 10 %), and by ``mads`` median absolute
    deviations, before it counts; no ``metrics`` are the usual ones.
    """

    last: int = 5
    tolerance: float = 0.1
    mads: float = 3.0
    metrics: tuple[str, ...] = ()


class Scenario(Struct, frozen=True, kw_only=True):
    """What a run does. Either ``requests`` or ``script``.

    Without ``regions`` the stack's own region carries ``tasks`` tasks. ``place`` is where the
    scenario stands, for messages, and ``threshold_places`` where each threshold does; ``test_id``
    is DLT's stable id, made from the name where the scenario has none.

    ``thresholds`` are expressions, with ``warn:`` before those that only warn; those without a
    window leave the first ``warm_up`` seconds out.

    ``payload`` is the body of DLT's ``POST /scenarios`` where the scenario was given as one,
    variables filled in and mended: it may hold more than is modelled here.
    """

    name: str
    requests: tuple[Request, ...] = ()
    script: Script | None = None
    concurrency: int = 1
    tasks: int = 1
    regions: tuple[Region, ...] = ()
    ramp_up: float = 0.0
    hold_for: float = 60.0
    warm_up: float = 0.0
    description: str = ""
    tags: tuple[str, ...] = ()
    thresholds: tuple[str, ...] = ()
    local: Local = Local()
    test_id: str = ""
    baseline: Baseline | None = None
    place: Location | None = None
    threshold_places: tuple[Location, ...] = ()
    payload: Mapping[str, Any] = field(default_factory=dict)
