"""A scenario as a file holds it: text and numbers, not yet checked against each other."""

from typing import Annotated, Any

from msgspec import Meta, Struct, field

from buildsteps.steps.loadtest.scenario.model import ScriptKind

Duration = Annotated[str, Meta(extra_json_schema={"pattern": "^[0-9]+[sm]$"})]
"""Seconds or minutes, such as ``30s`` or ``5m``: what DLT takes."""


class _Part(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A mapping of the file."""


class ChecksDocument(_Part, frozen=True, kw_only=True):
    """What an answer must be like: one of these statuses, this text in its body."""

    status: int | tuple[int, ...] | None = None
    body_contains: str = ""


class RequestDocument(_Part, frozen=True, kw_only=True):
    """One request; ``body`` is text, or a value that is sent as JSON."""

    url: str
    method: str = "GET"
    name: str = ""
    headers: dict[str, str] = field(default_factory=dict)
    body: Any = ""
    checks: ChecksDocument = ChecksDocument()


class ScriptDocument(_Part, frozen=True, kw_only=True):
    """A script with its kind, where the name does not tell it."""

    path: str
    kind: ScriptKind | None = None


class RegionDocument(_Part, frozen=True, kw_only=True):
    """How much load comes from one region; what is left out is the scenario's."""

    tasks: int | None = None
    concurrency: int | None = None


class BaselineDocument(_Part, frozen=True, kw_only=True):
    """What a run is compared with; ``tolerance`` is a share, such as ``10%``."""

    last: int = 5
    tolerance: str = "10%"
    mads: float = 3.0
    metrics: tuple[str, ...] = ()


class ThresholdDocument(_Part, frozen=True, kw_only=True):
    """A threshold with its level: one that warns, one that fails, or both."""

    warn: str = ""
    fail: str = ""


ThresholdsDocument = tuple[str | ThresholdDocument, ...]


class LocalDocument(_Part, frozen=True, kw_only=True):
    """What is different on this machine."""

    users: int | None = None
    ramp_up: Duration | None = None
    hold_for: Duration | None = None
    thresholds: ThresholdsDocument | None = None


class ScenarioDocument(_Part, frozen=True, kw_only=True):
    """A scenario: either ``requests`` or ``script``."""

    name: str = ""
    description: str = ""
    requests: tuple[RequestDocument, ...] = ()
    script: str | ScriptDocument = ""
    concurrency: int = 1
    tasks: int = 1
    regions: dict[str, RegionDocument | None] = field(default_factory=dict)
    ramp_up: Duration = "0s"
    hold_for: Duration = "1m"
    tags: tuple[str, ...] = ()
    warm_up: Duration = "0s"
    thresholds: ThresholdsDocument = ()
    baseline: BaselineDocument | None = None
    local: LocalDocument = LocalDocument()
    test_id: str = ""
