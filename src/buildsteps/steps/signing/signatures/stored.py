"""The signatures that are stored for an image: listed, fetched, held to what they must be."""

from typing import Any

from msgspec import Struct
from msgspec.structs import replace

from buildsteps.image_reference import ImageReference, is_digest
from buildsteps.reporting.text import clipped, printable
from buildsteps.steps.signing.registries.errors import (
    NoSuchImageError,
    RegistryError,
    RegistryReason,
)
from buildsteps.steps.signing.registries.interface import (
    SIGNATURE_TYPE,
    Descriptor,
    Manifest,
    Registry,
)
from buildsteps.steps.signing.signatures.envelope import COSE_TYPE, JWS_TYPE, Claims, claims_of

ENVELOPE_LIMIT = 4 * 1024 * 1024
CREATED = "org.opencontainers.image.created"


class StoredSignature(Struct, frozen=True, kw_only=True):
    """One signature of an image, by the digest of its manifest; ``size`` is the envelope's.

    ``claims`` are what the envelope says, unverified; None where it was not read, and ``problem``
    says why. ``by_api`` and ``by_tag`` tell where it is listed. ``missing`` is one that is listed
    only: its manifest is gone. ``is_signature`` is false where what is listed is something else.
    """

    digest: str
    media_type: str = ""
    size: int = 0
    created: str = ""
    claims: Claims | None = None
    problem: str = ""
    by_api: bool = False
    by_tag: bool = False
    missing: bool = False
    is_signature: bool = True


def stored_signatures(registry: Registry, image: ImageReference) -> tuple[StoredSignature, ...]:
    """Give all signatures of ``image``, which is named by digest, in the order of the registry.

    Raises:
        NoSuchImageError, RegistryError: the registry is of no use.
    """
    referrers = registry.referrers(image, SIGNATURE_TYPE)
    api = () if referrers.by_tag else referrers.descriptors
    tagged = referrers.descriptors if referrers.by_tag else registry.tagged_referrers(image)
    by_api = {found.digest for found in api}
    by_tag = {found.digest for found in tagged if found.artifact_type == SIGNATURE_TYPE}
    order = dict.fromkeys(d.digest for d in (*api, *tagged) if d.digest in by_api | by_tag)
    return tuple(
        _read(
            StoredSignature(digest=digest, by_api=digest in by_api, by_tag=digest in by_tag),
            registry,
            image,
        )
        for digest in order
    )


def _read(listed: StoredSignature, registry: Registry, image: ImageReference) -> StoredSignature:
    try:
        manifest = registry.manifest(image.at(listed.digest))
    except NoSuchImageError:
        return replace(listed, missing=True, problem="it is listed, and its manifest is not there")
    except RegistryError as error:
        if error.reason is not RegistryReason.MALFORMED:
            raise
        return replace(listed, is_signature=False, problem=str(error))
    if problem := _why_no_signature(manifest, image):
        return replace(listed, is_signature=False, problem=problem)
    created = clipped(printable(manifest.descriptor.annotations.get(CREATED, "")), 40)
    layer = _envelope_layer(manifest)
    if layer is None:
        return replace(listed, created=created, problem="its manifest holds no envelope")
    claims, problem = _claims(registry, image, layer)
    return replace(
        listed,
        media_type=layer.media_type,
        size=layer.size,
        created=created,
        claims=claims,
        problem=problem,
    )


def _why_no_signature(manifest: Manifest, image: ImageReference) -> str:
    """Say why this is no signature of ``image``: an index may list whatever somebody wrote there.

    What is deleted must be a signature, and this image's.
    """
    config = manifest.content.get("config")
    kind = manifest.descriptor.artifact_type or _field(config, "mediaType")
    if kind != SIGNATURE_TYPE:
        return "it is listed as a signature, and is something else"
    if _field(manifest.content.get("subject"), "digest") != image.digest:
        return "it is listed for this image, and belongs to another one"
    return ""


def _envelope_layer(manifest: Manifest) -> Descriptor | None:
    layers = manifest.content.get("layers") or manifest.content.get("blobs")
    layer = layers[0] if isinstance(layers, list) and layers else None
    digest, kind = _field(layer, "digest"), _field(layer, "mediaType")
    size = layer.get("size") if isinstance(layer, dict) else None
    if not is_digest(digest) or not isinstance(size, int):
        return None
    return Descriptor(digest, clipped(printable(kind), 100), size)


def _claims(
    registry: Registry, image: ImageReference, layer: Descriptor
) -> tuple[Claims | None, str]:
    if layer.media_type == COSE_TYPE:
        return None, "what a COSE envelope says is not read here: notation inspect shows it"
    if layer.media_type != JWS_TYPE:
        return None, f"the envelope's type is unknown: {layer.media_type or 'none'}"
    try:
        return claims_of(registry.blob(image, layer.digest, ENVELOPE_LIMIT)), ""
    except (NoSuchImageError, RegistryError, ValueError) as error:
        return None, str(error)


def _field(value: Any, name: str) -> str:
    found = value.get(name) if isinstance(value, dict) else None
    return found if isinstance(found, str) else ""
