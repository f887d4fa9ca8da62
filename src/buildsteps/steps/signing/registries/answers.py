"""What a registry may answer: manifests and lists of them, checked before anybody uses them.

A registry is somebody else's machine. What it says is held to its digest and to the shapes of the
OCI image specification 1.1 (``manifest.md``, ``image-index.md``, ``descriptor.md``).
"""

import hashlib
from typing import Any

import msgspec

from buildsteps.image_reference import is_digest
from buildsteps.steps.signing.registries.errors import malformed
from buildsteps.steps.signing.registries.interface import INDEX_TYPES, Descriptor, Manifest

MANIFEST_LIMIT = 4 * 1024 * 1024
"""The largest manifest in bytes that registries take (OCI distribution specification 1.1, "Pushing
Manifests")."""

IMAGE_TYPES = frozenset(
    {
        "application/vnd.oci.image.manifest.v1+json",
        "application/vnd.docker.distribution.manifest.v2+json",
        "application/vnd.oci.artifact.manifest.v1+json",
    }
)
MANIFEST_TYPES = tuple(sorted(IMAGE_TYPES | INDEX_TYPES))


class _Platform(msgspec.Struct, frozen=True):
    os: str = ""
    architecture: str = ""
    variant: str = ""


class _Entry(msgspec.Struct, frozen=True, rename="camel"):
    digest: str
    media_type: str = ""
    size: int = 0
    artifact_type: str = ""
    platform: _Platform | None = None
    annotations: dict[str, str] | None = None


class _Index(msgspec.Struct, frozen=True):
    manifests: list[_Entry] | None = None


def sha256_of(data: bytes) -> str:
    """Give the digest of these bytes, as OCI writes it."""
    return f"sha256:{hashlib.sha256(data).hexdigest()}"


def manifest_of(body: bytes, media_type: str, expected: str, place: str) -> Manifest:
    """Read a manifest; ``expected`` is its digest, or empty where a tag was asked for.

    ``media_type`` is what the registry called it: it must not contradict the manifest.

    Raises:
        RegistryError: other bytes than were asked for, no manifest, or one that is ambiguous.
    """
    digest = sha256_of(body)
    if expected and digest != expected:
        raise malformed(f"{place}: the registry gave other bytes, whose digest is {digest}")
    content = object_of(body, place)
    kind = _kind(content, media_type, place)
    if kind in INDEX_TYPES:
        descriptors_of(body, place)
    artifact = content.get("artifactType")
    annotations = content.get("annotations")
    if not isinstance(artifact, str | None) or not _is_text_map(annotations):
        raise malformed(f"{place}: the manifest's artifactType or annotations are no text")
    descriptor = Descriptor(
        digest=digest,
        media_type=kind,
        size=len(body),
        artifact_type=artifact or "",
        annotations=annotations or {},
    )
    return Manifest(descriptor, content)


def object_of(body: bytes, place: str) -> dict[str, Any]:
    """Read a JSON object.

    Raises:
        RegistryError: it is none, or a page for people.
    """
    try:
        return msgspec.json.decode(body, type=dict[str, Any])
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        page = body.lstrip()[:1] == b"<"
        what = "a web page" if page else "no JSON object"
        raise malformed(f"{place}: the answer is {what}; is this a registry?") from None


def descriptors_of(body: bytes, place: str) -> tuple[Descriptor, ...]:
    """Give what an index lists.

    Raises:
        RegistryError: it is no index, or an entry is not as the specification says.
    """
    try:
        entries = msgspec.json.decode(body, type=_Index).manifests or []
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        object_of(body, place)  # says it better where it is no JSON at all
        raise malformed(f"{place}: the index is not as it must be: {error}") from None
    for entry in entries:
        if not is_digest(entry.digest) or entry.size < 0:
            raise malformed(f"{place}: the index lists a manifest without a right digest and size")
    return tuple(
        Descriptor(
            digest=entry.digest,
            media_type=entry.media_type,
            size=entry.size,
            artifact_type=entry.artifact_type,
            platform=_platform(entry.platform),
            annotations=entry.annotations or {},
        )
        for entry in entries
    )


def _platform(platform: _Platform | None) -> str:
    if platform is None:
        return ""
    return "/".join(p for p in (platform.os, platform.architecture, platform.variant) if p)


def _kind(content: dict[str, Any], media_type: str, place: str) -> str:
    """Say which kind of manifest it is.

    One that could be read as either kind is refused (GHSA-77vh-xpmg-72qh): what was signed as an
    index would run as an image.
    """
    lists = "manifests" in content
    if lists and ("layers" in content or "config" in content):
        raise malformed(f"{place}: the manifest is an image and an index at once")
    said = content.get("mediaType")
    kind = said if said in MANIFEST_TYPES else media_type
    if kind not in MANIFEST_TYPES:
        kind = "application/vnd.oci.image.index.v1+json" if lists else _guessed(content, place)
    if lists != (kind in INDEX_TYPES):
        raise malformed(f"{place}: the manifest is not what its type {kind} says")
    return str(kind)


def _guessed(content: dict[str, Any], place: str) -> str:
    if "layers" in content and "config" in content:
        return "application/vnd.oci.image.manifest.v1+json"
    raise malformed(f"{place}: the answer is no manifest that we know; is this a registry?")


def _is_text_map(value: object) -> bool:
    if value is None:
        return True
    return isinstance(value, dict) and all(isinstance(text, str) for text in value.values())
