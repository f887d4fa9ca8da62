"""What we ask of a registry, whichever it is."""

from typing import Any, Protocol

from msgspec import Struct, field

from buildsteps.image_reference import ImageReference

INDEX_TYPES = frozenset(
    {
        "application/vnd.oci.image.index.v1+json",
        "application/vnd.docker.distribution.manifest.list.v2+json",
    }
)
SIGNATURE_TYPE = "application/vnd.cncf.notary.signature"
"""The artifact type of a Notary Project signature (notaryproject/specifications,
signature-specification.md)."""


class Credentials(Struct, frozen=True):
    """User and password of one registry; never printed.

    Without a user, the password is an identity token, as in Docker's configuration and notation's
    ``NOTATION_PASSWORD``.
    """

    username: str
    password: str

    def __repr__(self) -> str:
        return f"Credentials({self.username!r}, '***')"


class Descriptor(Struct, frozen=True):
    """A manifest by digest, as OCI's image specification describes one; ``size`` in bytes."""

    digest: str
    media_type: str
    size: int = 0
    artifact_type: str = ""
    platform: str = ""
    annotations: dict[str, str] = field(default_factory=dict)

    @property
    def is_index(self) -> bool:
        """Whether it lists manifests, one a platform."""
        return self.media_type in INDEX_TYPES


class Manifest(Struct, frozen=True):
    """A manifest's descriptor and what it says, decoded."""

    descriptor: Descriptor
    content: dict[str, Any]

    @property
    def platforms(self) -> tuple[Descriptor, ...]:
        """The manifests of an index that are images.

        BuildKit's attestations stand there too, with the platform ``unknown/unknown``.
        """
        return tuple(
            _platform_descriptor(entry)
            for entry in self.content.get("manifests", ())
            if _platform(entry) != "unknown/unknown"
        )


def _platform_descriptor(entry: dict[str, Any]) -> Descriptor:
    return Descriptor(
        digest=entry["digest"],
        media_type=entry.get("mediaType", ""),
        size=entry.get("size", 0),
        platform=_platform(entry),
    )


def _platform(entry: dict[str, Any]) -> str:
    platform = entry.get("platform") or {}
    parts = (platform.get(key) for key in ("os", "architecture", "variant"))
    return "/".join(part for part in parts if part)


class Referrers(Struct, frozen=True):
    """What refers to a manifest; ``by_tag`` where the registry has no referrers API."""

    descriptors: tuple[Descriptor, ...]
    by_tag: bool = False


class Registry(Protocol):
    """One registry. Throttling, 5xx and lost connections are retried before they are told.

    Every method raises :class:`~buildsteps.steps.signing.registries.errors.NoSuchImageError` where
    the image is not there, ``RegistryError`` (a world error) where the registry did not answer,
    refused us, or answered what the protocol does not allow.
    """

    def resolve(self, reference: ImageReference) -> Descriptor:
        """Give the manifest that the tag or digest means."""
        ...

    def manifest(self, reference: ImageReference) -> Manifest:
        """Fetch a manifest by digest; its bytes are checked against it."""
        ...

    def referrers(self, reference: ImageReference, artifact_type: str = "") -> Referrers:
        """List what refers to the manifest: by the API, else by the tag ``sha256-<digest>``."""
        ...

    def tagged_referrers(self, reference: ImageReference) -> tuple[Descriptor, ...]:
        """List what the index under the tag says, also where the registry has the API.

        Some clients, notation among them unless told otherwise, write the tag in any case.
        """
        ...

    def blob(self, reference: ImageReference, digest: str, limit: int) -> bytes:
        """Fetch a blob of the repository, of at most ``limit`` bytes, checked against its digest.

        It raises ``NoSuchImageError`` where the repository does not hold it.
        """
        ...

    def detach(self, subject: ImageReference, digest: str) -> bool:
        """Take a referrer out of the index under the subject's tag; whether it was there."""
        ...

    def delete(self, reference: ImageReference) -> None:
        """Delete a manifest by digest."""
        ...

    def credentials(self) -> Credentials | None:
        """The credentials that were used, for a program that talks to the registry itself."""
        ...
