"""From the words of a failed ``notation sign`` to a SigningReason: one row a message.

notation prints what the AWS Signer plugin said without its code, so the service's own messages are
matched: AWS SDK for Go v2's operation errors, and the plugin's (1.0.350, ``internal/signer``).
"""

import re

from buildsteps.notation.errors import SigningReason
from buildsteps.notation.reasons import reason_of_image
from buildsteps.notation.results import Reason

_WORDS = {
    SigningReason.NO_CREDENTIALS: (
        r"security token .*(?:invalid|expired)|ExpiredToken|UnrecognizedClient|get credentials"
        r"|credential providers|refresh cached credentials|IMDS role"
    ),
    SigningReason.ACCESS_DENIED: r"AccessDenied|not authorized|explicit deny",
    SigningReason.THROTTLED: r"Throttling|TooManyRequests|rate exceeded|too many requests",
    SigningReason.EXPIRY_REFUSED: r"--expiry|signature expiry|expiry ?(?:duration|InSeconds)",
    SigningReason.FORMAT_REFUSED: r"envelope (?:type )?.*not supported",
    SigningReason.PAYLOAD_TOO_LARGE: r"less than or equal to 4096|payload.*too large",
    SigningReason.BAD_PROFILE: (
        r"not a valid signing profile|ResourceNotFound"
        r"|signing.?profile.*(?:not (?:found|exist|valid|active)|invalid|cancel|revoked)"
    ),
    SigningReason.SIGNER_UNREACHABLE: (
        r"Failed to call AWSSigner.*(?:dial tcp|no such host|i/o timeout|connection re"
        r"|request send failed)"
    ),
    SigningReason.NO_SUCH_KEY: r"signing key .*not found|signingkeys\.json|default signing key",
    SigningReason.PLUGIN_MISSING: (
        r"plugin executable file is either not found|plugin .*no such file"
    ),
    SigningReason.PLUGIN_FAILED: r"\bplugin\b",
    SigningReason.TIMESTAMP: r"timestamp",
}
"""The first that fits counts."""

_ROWS = tuple(
    (re.compile(words, re.IGNORECASE | re.DOTALL), reason) for reason, words in _WORDS.items()
)

_OF_THE_REGISTRY = {
    Reason.NO_SUCH_IMAGE: SigningReason.NO_SUCH_IMAGE,
    Reason.REGISTRY_UNREACHABLE: SigningReason.REGISTRY_UNREACHABLE,
    Reason.REGISTRY_REFUSED: SigningReason.REGISTRY_REFUSED,
    Reason.REGISTRY_BUSY: SigningReason.REGISTRY_BUSY,
}

BEFORE_SIGNING = "failed to get manifest descriptor: "
"""What an error begins with that came before anything was signed: it may be tried again."""

_PUSHING = "failed to push signature to registry"


def signing_reason(message: str) -> SigningReason:
    """Why the image was not signed; ``UNKNOWN`` for words that we do not know."""
    of_registry = _OF_THE_REGISTRY.get(reason_of_image(message))
    if message.startswith(BEFORE_SIGNING):
        return of_registry or SigningReason.UNKNOWN
    if message.startswith(_PUSHING):
        return of_registry or SigningReason.PUSH_FAILED
    for pattern, reason in _ROWS:
        if pattern.search(message):
            return reason
    return of_registry or SigningReason.UNKNOWN
