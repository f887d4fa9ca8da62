"""What is behind the endpoint: which version, in which region, with which regions and bucket."""

import re
from urllib.parse import urlsplit

from msgspec import Struct

from buildsteps.errors import WorldError
from buildsteps.steps.loadtest.dlt.api import Api
from buildsteps.steps.loadtest.dlt.errors import DltError

_BUCKET = re.compile(r"(?P<bucket>[a-z0-9.-]{3,63})\.s3[.-]([a-z0-9-]+\.)?amazonaws\.com(\.cn)?")


class Solution(Struct, frozen=True, kw_only=True):
    """An installation of DLT. ``region`` is its stack's own, ``regions`` those that are set up."""

    version: str
    region: str
    regions: tuple[str, ...]
    bucket: str = ""

    @property
    def lists_runs(self) -> bool:
        """Whether it has ``/testruns`` and ``/baseline``, which came with version 4."""
        return not self.version.startswith("3")


class _StackInfo(Struct):
    version: str = ""
    region: str = ""


class _Region(Struct):
    region: str
    compatible: bool = True


class _Regions(Struct):
    regions: tuple[_Region, ...] = ()
    url: str = ""


def solution_at(api: Api) -> Solution:
    """Ask what it is: only version 4 knows ``/stack-info``.

    Raises:
        WorldError: there is no DLT at this address.
        DltError: it did not answer; errors of credentials as with :meth:`Api.get`.
    """
    try:
        info = api.get("/stack-info", _StackInfo)
    except DltError as error:
        if not error.is_unknown_path:
            raise
        info = _StackInfo("3", api.endpoint.region)
    try:
        found = api.get("/regions", _Regions)
    except DltError as error:
        if not error.is_unknown_path:
            raise
        raise WorldError(
            f"{api.endpoint.url} is not the API of Distributed Load Testing: it knows no /regions; "
            "the address ends in its stage, /prod"
        ) from None
    usable = tuple(one.region for one in found.regions if one.compatible)
    return Solution(
        version=info.version.removeprefix("v") or "4",
        region=info.region or api.endpoint.region or next(iter(usable), ""),
        regions=usable,
        bucket=_bucket(found.url),
    )


def _bucket(url: str) -> str:
    """The bucket of scenarios and results: it also holds the regional template."""
    match = _BUCKET.fullmatch(urlsplit(url).hostname or "")
    return match["bucket"] if match else ""
