"""Real images, pushed through the distribution protocol: small, of every shape, and all different.

The layer is a tar of one file; nothing ever runs it. Sources: OCI image specification 1.1, Docker
image manifest version 2 schema 2, BuildKit's attestation storage.
"""

import gzip
import hashlib
import io
import itertools
import json
import tarfile
from collections.abc import Sequence
from typing import Any

import requests
from msgspec import Struct

OCI_MANIFEST = "application/vnd.oci.image.manifest.v1+json"
OCI_INDEX = "application/vnd.oci.image.index.v1+json"
OCI_CONFIG = "application/vnd.oci.image.config.v1+json"
OCI_LAYER = "application/vnd.oci.image.layer.v1.tar+gzip"
DOCKER_MANIFEST = "application/vnd.docker.distribution.manifest.v2+json"
DOCKER_INDEX = "application/vnd.docker.distribution.manifest.list.v2+json"
DOCKER_CONFIG = "application/vnd.docker.container.image.v1+json"
DOCKER_LAYER = "application/vnd.docker.image.rootfs.diff.tar.gzip"
IN_TOTO = "application/vnd.in-toto+json"

ACCEPTED = ", ".join((OCI_MANIFEST, OCI_INDEX, DOCKER_MANIFEST, DOCKER_INDEX))

_numbers = itertools.count(1)


def digest_of(content: bytes) -> str:
    """The digest by which a registry knows a content."""
    return f"sha256:{hashlib.sha256(content).hexdigest()}"


class Image(Struct, frozen=True, kw_only=True):
    """A manifest that was pushed; ``repository`` is ``HOST/NAME``, ``tag`` may be empty.

    ``platforms`` are the manifests of an index, ``attestations`` those of BuildKit among them.
    """

    repository: str
    digest: str
    media_type: str
    size: int
    tag: str = ""
    platform: str = ""
    platforms: tuple["Image", ...] = ()
    attestations: tuple["Image", ...] = ()

    @property
    def reference(self) -> str:
        """``HOST/NAME@DIGEST``."""
        return f"{self.repository}@{self.digest}"

    @property
    def tagged(self) -> str:
        """``HOST/NAME:TAG``."""
        return f"{self.repository}:{self.tag}"

    @property
    def descriptor(self) -> dict[str, Any]:
        """As manifests name it."""
        return {"mediaType": self.media_type, "digest": self.digest, "size": self.size}


class Repository:
    """A repository of a registry that is reached over http, such as ``127.0.0.1:5000/team/web``."""

    def __init__(self, host: str, name: str) -> None:
        self.host = host
        self.name = name
        self.url = f"http://{host}/v2/{name}"
        self.path = f"{host}/{name}"

    def push_image(
        self,
        *,
        tag: str = "",
        platform: str = "linux/amd64",
        docker: bool = False,
        padding: int = 0,
    ) -> Image:
        """Push an image like no other; ``padding`` bytes of annotation make the manifest huge."""
        system, _, architecture = platform.partition("/")
        architecture, _, variant = architecture.partition("/")
        layer = _layer(f"image {next(_numbers)} of {self.path}")
        config = {
            "architecture": architecture,
            "os": system,
            "config": {"Cmd": ["/hello"]},
            "rootfs": {"type": "layers", "diff_ids": [digest_of(gzip.decompress(layer))]},
        } | ({"variant": variant} if variant else {})
        manifest = {
            "schemaVersion": 2,
            "mediaType": DOCKER_MANIFEST if docker else OCI_MANIFEST,
            "config": self.push_blob(
                json.dumps(config).encode(), DOCKER_CONFIG if docker else OCI_CONFIG
            ),
            "layers": [self.push_blob(layer, DOCKER_LAYER if docker else OCI_LAYER)],
        } | ({"annotations": {"test.padding": "x" * padding}} if padding else {})
        return self.push_manifest(manifest, tag=tag, platform=platform)

    def push_index(
        self,
        *,
        tag: str = "",
        platforms: Sequence[str] = ("linux/amd64", "linux/arm64"),
        docker: bool = False,
        attested: bool = False,
    ) -> Image:
        """Push a multi-platform image; ``attested`` adds BuildKit's entries ``unknown/unknown``."""
        images = [self.push_image(platform=platform, docker=docker) for platform in platforms]
        attestations = [self._push_attestation(image) for image in images] if attested else []
        manifest = {
            "schemaVersion": 2,
            "mediaType": DOCKER_INDEX if docker else OCI_INDEX,
            "manifests": [_entry(image) for image in images]
            + [
                _attestation_entry(attestation, image)
                for attestation, image in zip(attestations, images, strict=False)
            ],
        }
        pushed = self.push_manifest(manifest, tag=tag)
        return Image(
            repository=self.path,
            digest=pushed.digest,
            media_type=pushed.media_type,
            size=pushed.size,
            tag=tag,
            platforms=tuple(images),
            attestations=tuple(attestations),
        )

    def push_blob(self, content: bytes, media_type: str) -> dict[str, Any]:
        """Push a blob, and give its descriptor."""
        digest = digest_of(content)
        begun = requests.post(f"{self.url}/blobs/uploads/", timeout=30)
        begun.raise_for_status()
        place = requests.compat.urljoin(self.url, begun.headers["Location"])
        done = requests.put(place, params={"digest": digest}, data=content, timeout=30)
        done.raise_for_status()
        return {"mediaType": media_type, "digest": digest, "size": len(content)}

    def push_manifest(
        self, manifest: dict[str, Any], *, tag: str = "", platform: str = ""
    ) -> Image:
        """Push a manifest by its digest, and under a tag, if one is given."""
        content = json.dumps(manifest, indent=2).encode()
        digest = digest_of(content)
        for name in filter(None, (digest, tag)):
            self.put_manifest(name, content, manifest["mediaType"])
        return Image(
            repository=self.path,
            digest=digest,
            media_type=manifest["mediaType"],
            size=len(content),
            tag=tag,
            platform=platform,
        )

    def put_manifest(self, name: str, content: bytes, media_type: str) -> None:
        """Put a content under a tag, or under a digest, which the registry here does not check."""
        kind = {"Content-Type": media_type}
        url = f"{self.url}/manifests/{name}"
        requests.put(url, data=content, headers=kind, timeout=30).raise_for_status()

    def retag(self, tag: str, image: Image) -> None:
        """Let a tag mean another image: the manifest swapped under the tag."""
        content = self.manifest_bytes(image.digest)
        self.put_manifest(tag, content, image.media_type)

    def manifest_bytes(self, name: str) -> bytes:
        """What the registry gives for a tag or digest."""
        answer = requests.get(
            f"{self.url}/manifests/{name}", headers={"Accept": ACCEPTED}, timeout=30
        )
        answer.raise_for_status()
        return answer.content

    def blob_bytes(self, digest: str) -> bytes:
        """What the registry gives for a blob."""
        answer = requests.get(f"{self.url}/blobs/{digest}", timeout=30)
        answer.raise_for_status()
        return answer.content

    def delete_manifest(self, name: str) -> None:
        """Take a manifest, or a tag, away."""
        requests.delete(f"{self.url}/manifests/{name}", timeout=30).raise_for_status()

    def _push_attestation(self, image: Image) -> Image:
        """Push what BuildKit stores beside a platform's image: in-toto statements as layers."""
        statement = json.dumps(
            {
                "_type": "https://in-toto.io/Statement/v0.1",
                "predicateType": "https://slsa.dev/provenance/v0.2",
                "subject": [{"digest": {"sha256": image.digest.partition(":")[2]}}],
            }
        ).encode()
        layer = self.push_blob(statement, IN_TOTO)
        config = {
            "architecture": "unknown",
            "os": "unknown",
            "config": {},
            "rootfs": {"type": "layers", "diff_ids": [layer["digest"]]},
        }
        predicate = {"in-toto.io/predicate-type": "https://slsa.dev/provenance/v0.2"}
        manifest = {
            "schemaVersion": 2,
            "mediaType": OCI_MANIFEST,
            "config": self.push_blob(json.dumps(config).encode(), OCI_CONFIG),
            "layers": [layer | {"annotations": predicate}],
        }
        return self.push_manifest(manifest, platform="unknown/unknown")


def _entry(image: Image) -> dict[str, Any]:
    """Name a platform's image in an index."""
    parts = image.platform.split("/")
    names = ("os", "architecture", "variant")
    return image.descriptor | {"platform": dict(zip(names, parts, strict=False))}


def _attestation_entry(attestation: Image, image: Image) -> dict[str, Any]:
    """Name an attestation in an index, as BuildKit does."""
    annotations = {
        "vnd.docker.reference.digest": image.digest,
        "vnd.docker.reference.type": "attestation-manifest",
    }
    return _entry(attestation) | {"annotations": annotations}


def _layer(text: str) -> bytes:
    """A layer of one file, the same bytes for the same text."""
    raw = io.BytesIO()
    with tarfile.open(fileobj=raw, mode="w") as archive:
        member = tarfile.TarInfo("hello")
        member.size = len(text)
        archive.addfile(member, io.BytesIO(text.encode()))
    return gzip.compress(raw.getvalue(), mtime=0)
