"""What can go wrong with a registry."""

from enum import StrEnum

from buildsteps.errors import UsageError, WorldError


class NoSuchImageError(UsageError):
    """The registry answered: no such repository, tag or digest (or none that we may see)."""


class RegistryReason(StrEnum):
    """Why a registry was of no use; the values are those that cases show as their kind."""

    UNREACHABLE = "registry-unreachable"
    REFUSED = "registry-refused"
    BUSY = "registry-busy"
    MALFORMED = "registry-malformed"
    UNSUPPORTED = "registry-unsupported"


class RegistryError(WorldError):
    """The registry did not answer, refused us, or answered what the protocol does not allow."""

    def __init__(self, message: str, reason: RegistryReason = RegistryReason.UNREACHABLE) -> None:
        super().__init__(message)
        self.reason = reason


def malformed(message: str) -> RegistryError:
    """Give the error of an answer that the protocol does not allow."""
    return RegistryError(message, RegistryReason.MALFORMED)
