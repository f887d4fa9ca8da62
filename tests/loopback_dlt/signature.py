"""Whether a request is signed, computed again from what arrived.

Source: "Create a signed AWS API request" in the IAM User Guide. Like API Gateway it encodes the
query anew, so that a value which the client signed unencoded does not match.
"""

import hashlib
import hmac
from collections.abc import Mapping
from urllib.parse import parse_qsl, quote

from tests.loopback_aws.errors import ServiceError
from tests.loopback_aws.protocols.interface import Request
from tests.loopback_aws.sigv4 import scope
from tests.loopback_dlt.errors import GatewayError

SERVICE = "execute-api"
_MISMATCH = (
    "The request signature we calculated does not match the signature you provided. Check your AWS "
    "Secret Access Key and signing method. Consult the service documentation for details."
)


def check(request: Request, secrets: Mapping[str, str]) -> str:
    """Check the signature and give the access key; ``secrets`` are by access key.

    Raises:
        GatewayError: as API Gateway refuses.
    """
    try:
        signed = scope(request.headers)
    except ServiceError as error:
        raise GatewayError(403, error.message, error.code) from error
    if signed.service != SERVICE:
        raise _invalid(f"Credential should be scoped to correct service: '{SERVICE}'. ")
    secret = secrets.get(signed.access_key)
    if secret is None:
        said = "The security token included in the request is invalid."
        raise GatewayError(403, said, "UnrecognizedClientException")
    day = request.headers["x-amz-date"][:8]
    key = b"AWS4" + secret.encode()
    for part in (day, signed.region, SERVICE, "aws4_request"):
        key = hmac.new(key, part.encode(), hashlib.sha256).digest()
    text = _string_to_sign(request, f"{day}/{signed.region}/{SERVICE}/aws4_request")
    expected = hmac.new(key, text.encode(), hashlib.sha256).hexdigest()
    given = request.headers["authorization"].rpartition("Signature=")[2]
    if not hmac.compare_digest(expected, given):
        raise _invalid(_MISMATCH)
    return signed.access_key


def _invalid(message: str) -> GatewayError:
    return GatewayError(403, message, "InvalidSignatureException")


def _string_to_sign(request: Request, scope_text: str) -> str:
    names = request.headers["authorization"].partition("SignedHeaders=")[2].partition(",")[0]
    lines = "".join(f"{n}:{' '.join(request.headers[n].split())}\n" for n in names.split(";"))
    path, _, query = request.target.partition("?")
    pairs = sorted(
        (quote(name, safe=""), quote(value, safe=""))
        for name, value in parse_qsl(query, keep_blank_values=True)
    )
    canonical = "\n".join(
        [
            request.method,
            quote(path, safe="/~%"),
            "&".join(f"{name}={value}" for name, value in pairs),
            lines,
            names,
            hashlib.sha256(request.body).hexdigest(),
        ]
    )
    digest = hashlib.sha256(canonical.encode()).hexdigest()
    return f"AWS4-HMAC-SHA256\n{request.headers['x-amz-date']}\n{scope_text}\n{digest}"
