"""A test, whatever its format: a request, the entities it sees, and what is expected."""

from pathlib import Path

from msgspec import Struct

from buildsteps.errors import BuildstepsError
from buildsteps.results import Location
from buildsteps.steps.cedar.trials.request import Request


class Expectation(Struct, frozen=True, kw_only=True):
    """What a test expects of the engine's answer; None means: not asked.

    ``decision`` is ``ALLOW`` or ``DENY``. ``reasons`` are the determining policies: exactly
    these, or with ``exact`` off at least these; an empty set is the default deny. ``errors``
    are the policies whose evaluation fails, or how many do.
    """

    decision: str
    reasons: frozenset[str] | None = None
    exact: bool = True
    errors: frozenset[str] | int | None = None


class EntitySource(Struct, frozen=True, kw_only=True):
    """Which entities a test sees: files, and JSON entities laid over them."""

    paths: tuple[Path, ...] = ()
    overlay: str = ""


class Trial(Struct, frozen=True, kw_only=True):
    """One test of a store.

    ``error`` says why there is no request to ask; ``skip`` why it is not to be asked.
    """

    group: str
    name: str
    location: Location
    expected: Expectation
    request: Request | None = None
    error: BuildstepsError | None = None
    skip: str = ""
    entities: EntitySource = EntitySource()
