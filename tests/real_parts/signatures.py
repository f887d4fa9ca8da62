"""Signatures in a registry, and what an attacker does to them: copy, tamper, replace.

Source: notaryproject/specifications, ``signature-specification.md`` (storage), OCI distribution
specification 1.1 (referrers, and the tag schema as its fallback).
"""

import base64
import json
from collections.abc import Callable
from typing import Any

import requests

from tests.real_parts.images import OCI_INDEX, OCI_MANIFEST, Image, Repository

ARTIFACT_TYPE = "application/vnd.cncf.notary.signature"
JWS = "application/jose+json"


Change = Callable[[dict[str, Any]], None]
"""What is done to the document of a JWS envelope."""


def signatures(repository: Repository, image: Image) -> list[str]:
    """Digests of the manifests of an image's signatures, as either way of finding them says."""
    found = [
        entry["digest"]
        for entry in _referrers(repository, image)
        if entry.get("artifactType") == ARTIFACT_TYPE
    ]
    return list(dict.fromkeys(found))


def envelope(repository: Repository, signature: str) -> bytes:
    """The envelope of a signature, given by its manifest's digest."""
    manifest = json.loads(repository.manifest_bytes(signature))
    return repository.blob_bytes(manifest["layers"][0]["digest"])


def attach(repository: Repository, image: Image, content: bytes, media_type: str = JWS) -> str:
    """Push an envelope as a signature of an image; gives the digest of its manifest."""
    manifest = {
        "schemaVersion": 2,
        "mediaType": OCI_MANIFEST,
        "config": repository.push_blob(b"{}", ARTIFACT_TYPE),
        "layers": [repository.push_blob(content, media_type)],
        "subject": image.descriptor,
        "annotations": {"io.cncf.notary.x509chain.thumbprint#S256": "[]"},
    }
    pushed = repository.push_manifest(manifest)
    _list_by_tag(repository, image, add=pushed)
    return pushed.digest


def detach(repository: Repository, image: Image, signature: str) -> None:
    """Take a signature away from an image."""
    repository.delete_manifest(signature)
    _list_by_tag(repository, image, remove=signature)


def copy_signature(repository: Repository, signature: str, image: Image) -> str:
    """Attach the signature of another image to this one."""
    return attach(repository, image, envelope(repository, signature))


def tamper(repository: Repository, image: Image, signature: str, change: Change) -> str:
    """Replace a signature by one whose JWS envelope is changed."""
    document = json.loads(envelope(repository, signature))
    change(document)
    detach(repository, image, signature)
    return attach(repository, image, json.dumps(document).encode())


def change_payload(document: dict[str, Any]) -> None:
    """Let the envelope speak of another image than the one that was signed."""
    payload = json.loads(unpadded(document["payload"]))
    payload["targetArtifact"]["digest"] = "sha256:" + "0" * 64
    document["payload"] = padless(json.dumps(payload).encode())


def change_signature(document: dict[str, Any]) -> None:
    """Turn one bit of the signature itself."""
    raw = bytearray(unpadded(document["signature"]))
    raw[-1] ^= 1
    document["signature"] = padless(bytes(raw))


def unpadded(text: str) -> bytes:
    """Decode base64url as JWS writes it, without padding."""
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


def padless(content: bytes) -> str:
    """Encode base64url as JWS writes it, without padding."""
    return base64.urlsafe_b64encode(content).rstrip(b"=").decode()


def _referrers(repository: Repository, image: Image) -> list[dict[str, Any]]:
    return [*(_api(repository, image) or []), *(_tag_index(repository, image) or [])]


def _api(repository: Repository, image: Image) -> list[dict[str, Any]] | None:
    """What the Referrers API lists; None where the registry has none."""
    answer = requests.get(f"{repository.url}/referrers/{image.digest}", timeout=30)
    return list(answer.json()["manifests"]) if answer.ok else None


def _tag_index(repository: Repository, image: Image) -> list[dict[str, Any]] | None:
    """What the tag of the tag schema lists; None where there is no such tag."""
    url = f"{repository.url}/manifests/{_tag(image)}"
    answer = requests.get(url, headers={"Accept": OCI_INDEX}, timeout=30)
    return list(answer.json()["manifests"]) if answer.ok else None


def _list_by_tag(
    repository: Repository, image: Image, *, add: Image | None = None, remove: str = ""
) -> None:
    """Keep the tag schema's index where somebody made one, or where there is no Referrers API."""
    listed = _tag_index(repository, image)
    if listed is None and _api(repository, image) is not None:
        return
    entries = [one for one in listed or [] if one["digest"] != remove]
    if add:
        entries.append(add.descriptor | {"artifactType": ARTIFACT_TYPE})
    index = {"schemaVersion": 2, "mediaType": OCI_INDEX, "manifests": entries}
    repository.put_manifest(_tag(image), json.dumps(index).encode(), OCI_INDEX)


def _tag(image: Image) -> str:
    return image.digest.replace(":", "-")
