"""An image of a private registry of ECR: its digest, and the images of an index.

An index is not scanned itself: each platform's image is. Entries that are no image, such as the
attestations of BuildKit, are passed over: their platform is ``unknown/unknown``
(docs.docker.com, "Image attestation storage").
"""

import hashlib
from typing import Any

import msgspec
from msgspec import Struct

from buildsteps.ecr_hosts import EcrHost, ecr_host
from buildsteps.errors import UsageError
from buildsteps.image_reference import ImageReference, is_digest, parse_reference
from buildsteps.steps.scan.engines.unjudgeable import UnjudgeableError
from buildsteps.world.aws import Aws, AwsError

_INDEX_TYPES = (
    "application/vnd.oci.image.index.v1+json",
    "application/vnd.docker.distribution.manifest.list.v2+json",
)
_IMAGE_TYPES = (
    "application/vnd.oci.image.manifest.v1+json",
    "application/vnd.docker.distribution.manifest.v2+json",
)
_ABSENT = ("RepositoryNotFoundException", "ImageNotFoundException")


class Scannable(Struct, frozen=True):
    """One image that ECR scans; ``platform`` is empty where it is not one of several."""

    digest: str
    platform: str = ""


class Resolved(Struct, frozen=True, kw_only=True):
    """What an image's name means now."""

    reference: ImageReference
    host: EcrHost
    digest: str
    images: tuple[Scannable, ...]

    @property
    def place(self) -> dict[str, str]:
        """The members of a request that name the repository."""
        return place_of(self.reference, self.host)


class _Platform(Struct, frozen=True):
    os: str = ""
    architecture: str = ""
    variant: str = ""


class _Entry(Struct, frozen=True, rename="camel"):
    digest: str
    media_type: str = ""
    artifact_type: str = ""
    platform: _Platform = _Platform()


class _Manifest(Struct, frozen=True, rename="camel"):
    media_type: str = ""
    manifests: tuple[_Entry, ...] | None = None


def named_image(text: str) -> tuple[ImageReference, EcrHost]:
    """Read an image's name.

    Raises:
        UsageError: it is none, or not one of a private registry of ECR.
    """
    reference = parse_reference(text)
    host = ecr_host(reference.registry)
    if host is None:
        raise UsageError(
            f"{reference}: ECR scans images of its private registries, such as "
            "123456789012.dkr.ecr.eu-central-1.amazonaws.com/app:1.0"
        )
    return reference, host


def resolved(reference: ImageReference, host: EcrHost, aws: Aws) -> Resolved:
    """Ask once which digest the name means, and which images it holds (``BatchGetImage``).

    Raises:
        UnjudgeableError: there is no such image, or nothing in it that can be scanned.
        AwsError: ECR refused, did not answer, or answered what cannot be.
    """
    wanted = (
        {"imageDigest": reference.digest}
        if reference.digest
        else {"imageTag": reference.tag or "latest"}
    )
    request = {
        **place_of(reference, host),
        "imageIds": [wanted],
        "acceptedMediaTypes": [*_INDEX_TYPES, *_IMAGE_TYPES],
    }
    try:
        answer = aws.call("ecr", "BatchGetImage", request, region=host.region)
    except AwsError as error:
        if error.code in _ABSENT:
            raise UnjudgeableError(f"there is no such image in ECR: {error.said}") from None
        raise
    body, media_type = _manifest_in(answer)
    digest = f"sha256:{hashlib.sha256(body).hexdigest()}"
    if reference.digest and digest != reference.digest:
        raise AwsError(f"{reference}: ECR gave another image, whose digest is {digest}")
    return Resolved(
        reference=reference, host=host, digest=digest, images=_images_in(body, media_type, digest)
    )


def place_of(reference: ImageReference, host: EcrHost) -> dict[str, str]:
    """The members of a request that name the repository."""
    return {"registryId": host.account, "repositoryName": reference.repository}


def _manifest_in(answer: dict[str, Any]) -> tuple[bytes, str]:
    failures, images = answer.get("failures") or [], answer.get("images") or []
    if failures:
        code, why = failures[0].get("failureCode", ""), failures[0].get("failureReason", "")
        if code in ("ImageNotFound", "ImageTagDoesNotMatchDigest", "InvalidImageTag"):
            raise UnjudgeableError(f"there is no such image in ECR: {why or code}")
        raise AwsError(f"ECR refuses: {code}: {why}")
    if len(images) != 1 or not isinstance(images[0].get("imageManifest"), str):
        raise AwsError("ecr:BatchGetImage gave no manifest")
    return images[0]["imageManifest"].encode(), str(images[0].get("imageManifestMediaType") or "")


def _images_in(body: bytes, media_type: str, digest: str) -> tuple[Scannable, ...]:
    try:
        manifest = msgspec.json.decode(body, type=_Manifest)
    except (msgspec.MsgspecError, RecursionError) as error:
        raise UnjudgeableError(f"its manifest cannot be read: {error}") from None
    if (manifest.media_type or media_type) not in _INDEX_TYPES:
        return (Scannable(digest),)
    images = {
        entry.digest: Scannable(entry.digest, _platform(entry.platform))
        for entry in manifest.manifests or ()
        if entry.platform.os != "unknown" and not entry.artifact_type and is_digest(entry.digest)
    }
    if not images:
        raise UnjudgeableError("it is an index without an image")
    return tuple(images.values())


def _platform(platform: _Platform) -> str:
    parts = (platform.os, platform.architecture, platform.variant)
    return "/".join(part for part in parts if part)
