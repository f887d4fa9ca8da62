"""What can go wrong with notation, beside a signature that does not verify."""

from enum import StrEnum

from buildsteps.errors import WorldError
from buildsteps.notation.results import Reason


class NotationError(WorldError):
    """notation could not do what it was asked to."""


class NotationMissingError(NotationError):
    """There is no notation, or none that can be used."""


class NotationFailedError(NotationError):
    """notation ended in a way that says nothing about a signature.

    ``reason`` is what became known of it, ``UNKNOWN`` where that is nothing.
    """

    def __init__(self, message: str, reason: Reason = Reason.UNKNOWN, detail: str = "") -> None:
        super().__init__(message, detail=detail)
        self.reason = reason


class SigningReason(StrEnum):
    """Why an image could not be signed.

    notation prints no code of the AWS Signer plugin, so these are told from the text; the last
    ones are the registry's and mean the same as :class:`~buildsteps.notation.results.Reason`.
    """

    ACCESS_DENIED = "access-denied"
    THROTTLED = "throttled"
    BAD_PROFILE = "bad-profile"
    NO_CREDENTIALS = "no-credentials"
    SIGNER_UNREACHABLE = "signer-unreachable"
    PAYLOAD_TOO_LARGE = "payload-too-large"
    EXPIRY_REFUSED = "expiry-refused"
    FORMAT_REFUSED = "format-refused"
    NO_SUCH_KEY = "no-such-key"
    PLUGIN_MISSING = "plugin-missing"
    PLUGIN_FAILED = "plugin-failed"
    TIMESTAMP = "timestamp"
    PUSH_FAILED = "push-failed"
    NO_SUCH_IMAGE = "no-such-image"
    REGISTRY_UNREACHABLE = "registry-unreachable"
    REGISTRY_REFUSED = "registry-refused"
    REGISTRY_BUSY = "registry-busy"
    UNKNOWN = "unknown"


class SigningError(NotationError):
    """The image was not signed; ``message`` holds notation's own words."""

    def __init__(self, message: str, reason: SigningReason, detail: str = "") -> None:
        super().__init__(message, detail=detail)
        self.reason = reason
