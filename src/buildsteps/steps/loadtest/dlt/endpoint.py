"""Where DLT's API is: the address as given, or an output of its stack."""

import re
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

from msgspec import Struct

from buildsteps.errors import UsageError, WorldError
from buildsteps.world import World

_HOST = re.compile(r"[a-z0-9-]+\.execute-api\.(?P<region>[a-z0-9-]+)\.amazonaws\.com(\.cn)?")
_LOOPBACK = ("localhost", "127.0.0.1", "::1")
_BUCKET = re.compile(r"scenarios?bucket", re.IGNORECASE)


class Endpoint(Struct, frozen=True, kw_only=True):
    """The base of every path, and the region that requests are signed for, empty: the session's."""

    url: str
    region: str = ""


def endpoint_of(text: str) -> Endpoint:
    """Read an address; a trailing slash or ``/scenarios`` is taken off.

    Raises:
        UsageError: it is none, or not https (on this machine http will do: it is a test's).
    """
    url = text.strip().rstrip("/").removesuffix("/scenarios")
    try:
        parts = urlsplit(url)
        host, _ = parts.hostname or "", parts.port
    except ValueError:
        raise _wrong() from None
    safe = parts.scheme == "https" or (parts.scheme == "http" and host in _LOOPBACK)
    if not safe or not host or parts.query or parts.fragment or parts.username:
        raise _wrong()
    found = _HOST.fullmatch(host)
    if found and not parts.path:
        url += "/prod"  # the only stage that the solution has
    return Endpoint(url=url, region=found["region"] if found else "")


def _wrong() -> UsageError:
    return UsageError(
        "the endpoint of Distributed Load Testing must be an https:// address such as "
        "https://abc123.execute-api.eu-west-1.amazonaws.com/prod"
    )


def outputs_of_stack(stack: str, world: World) -> Mapping[str, str]:
    """The outputs of a CloudFormation stack.

    Raises:
        AwsError: CloudFormation did not tell them.
    """
    answer = world.aws.call("cloudformation", "DescribeStacks", {"StackName": stack})
    found: Mapping[str, Any] = next(iter(answer.get("Stacks") or ()), {})
    return {
        str(one.get("OutputKey", "")): str(one.get("OutputValue", ""))
        for one in found.get("Outputs") or ()
    }


def endpoint_in(outputs: Mapping[str, str], stack: str) -> Endpoint:
    """Find the API among a stack's outputs: their names differ by version, its form does not.

    Raises:
        WorldError: none of them, or more than one, has it.
    """
    found = {
        value.rstrip("/")
        for value in outputs.values()
        if _HOST.fullmatch(urlsplit(value).hostname or "")
    }
    if len(found) != 1:
        raise WorldError(
            f"the stack {stack} has {len(found) or 'no'} outputs with the address of an API: is it "
            "the one of Distributed Load Testing? --endpoint gives the address itself"
        )
    return endpoint_of(found.pop())


def bucket_in(outputs: Mapping[str, str]) -> str:
    """The bucket of scenarios and results, where the stack tells it."""
    return next((value for key, value in outputs.items() if _BUCKET.search(key)), "")
