"""A test, whatever its format: a request, the entities it sees, and what is expected."""

from pathlib import Path

from msgspec import Struct

from buildsteps.errors import BuildstepsError
from buildsteps.results import Location
from buildsteps.steps.cedar.request import Request


class Trial(Struct, frozen=True, kw_only=True):
    """One test of a store.

    ``expected`` is ``ALLOW`` or ``DENY``; ``error`` says why there is no request to ask.
    """

    group: str
    name: str
    location: Location
    expected: str
    request: Request | None = None
    error: BuildstepsError | None = None
    entities: tuple[Path, ...] = ()
