"""What can go wrong with a registry."""

from buildsteps.errors import UsageError, WorldError


class NoSuchImageError(UsageError):
    """The registry answered: no such repository, tag or digest (or none that we may see)."""


class RegistryError(WorldError):
    """The registry did not answer, refused us, or answered what the protocol does not allow."""
