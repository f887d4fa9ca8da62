"""What a request's signature says: who signed it, for which region and service.

Only that it is there, whole, and for the right service is checked, not the signature itself: the
SDKs make it, and none of their mistakes is ours to find.
"""

import re
from collections.abc import Mapping

from msgspec import Struct

from tests.loopback_aws.errors import ServiceError

_FORM = re.compile(
    r"AWS4-HMAC-SHA256 Credential=(?P<key>[^/,]+)/(?P<day>\d{8})/(?P<region>[a-z0-9-]+)/"
    r"(?P<service>[a-z0-9-]+)/aws4_request, ?SignedHeaders=(?P<signed>[a-z0-9;-]+), ?"
    r"Signature=[0-9a-f]{64}"
)


class Scope(Struct, frozen=True):
    """The credential scope, and the access key; ``token`` is the session's, if there is one."""

    access_key: str
    region: str
    service: str
    token: str


def scope(headers: Mapping[str, str]) -> Scope:
    """Read the scope of a signed request.

    Raises:
        ServiceError: there is no signature, or it is not whole.
    """
    authorization = headers.get("authorization", "")
    if not authorization:
        raise ServiceError("MissingAuthenticationTokenException", "Missing Authentication Token")
    found = _FORM.fullmatch(authorization)
    if not found:
        raise ServiceError("IncompleteSignatureException", "Authorization is not as SigV4 has it")
    if "host" not in found["signed"].split(";"):
        raise ServiceError("IncompleteSignatureException", "'host' must be a signed header")
    if not headers.get("x-amz-date", "").startswith(found["day"]):
        raise ServiceError("InvalidSignatureException", "Date in Credential scope is not the date")
    token = headers.get("x-amz-security-token", "")
    return Scope(found["key"], found["region"], found["service"], token)
