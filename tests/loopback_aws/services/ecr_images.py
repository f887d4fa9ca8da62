"""The images of ECR's registry, which are those of a loopback registry."""

import re
from collections.abc import Mapping
from typing import Any

import requests
from msgspec import Struct

from tests.loopback_aws.errors import ServiceError
from tests.real_parts.images import ACCEPTED, digest_of

ImageId = Mapping[str, str]


class Stored(Struct, frozen=True):
    """An image that is there."""

    digest: str
    media_type: str
    content: bytes


class StoreError(Exception):
    """Why an image id names no image: one of the model's failure codes, and the reason."""

    def __init__(self, code: str, reason: str) -> None:
        super().__init__(reason)
        self.code = code
        self.reason = reason


class Images:
    """One repository; ``account`` is the registry's id.

    Raises:
        ServiceError: there is no such repository.
    """

    def __init__(self, host: str, account: str, name: str) -> None:
        self._url = f"http://{host}/v2/{name}"
        self.name = name
        if not requests.get(f"{self._url}/tags/list", timeout=10).ok:
            said = f"The repository with name '{name}' does not exist in the registry with id "
            raise ServiceError("RepositoryNotFoundException", f"{said}'{account}'")

    def tags(self) -> dict[str, str]:
        """Each tag and the digest that it means; those of the tag schema are tags like others."""
        listed = requests.get(f"{self._url}/tags/list", timeout=10).json()["tags"] or []
        return {tag: self.get({"imageTag": tag}).digest for tag in listed}

    def get(self, image_id: ImageId) -> Stored:
        """The image of an id.

        Raises:
            StoreError: the id is wrong, or there is none.
        """
        digest, tag = image_id.get("imageDigest"), image_id.get("imageTag")
        if not digest and not tag:
            raise StoreError("MissingDigestAndTag", "Invalid request parameters: no digest, no tag")
        if digest and not re.fullmatch(r"sha256:[0-9a-f]{64}", digest):
            raise StoreError("InvalidImageDigest", "Invalid request parameters: image digest")
        found = self._fetch(tag or digest or "")
        if digest and found.digest != digest:
            raise StoreError("ImageTagDoesNotMatchDigest", "The tag means another image")
        return found

    def referrers(self, digest: str) -> list[dict[str, Any]]:
        """What refers to an image, as the Referrers API lists it."""
        answer = requests.get(f"{self._url}/referrers/{digest}", timeout=10)
        listed: list[dict[str, Any]] = answer.json()["manifests"] if answer.ok else []
        return sorted(listed, key=lambda entry: str(entry["digest"]))

    def delete(self, image_id: ImageId) -> Stored:
        """Delete by digest with every tag; by tag the tag, and the image with its last tag.

        Raises:
            StoreError: the id is wrong, or there is none.
        """
        found = self.get(image_id)
        same = [tag for tag, digest in self.tags().items() if digest == found.digest]
        gone = [image_id["imageTag"]] if "imageTag" in image_id else same
        names = [*gone, *([found.digest] if set(gone) == set(same) else [])]
        for name in names:
            requests.delete(f"{self._url}/manifests/{name}", timeout=10).raise_for_status()
        return found

    def _fetch(self, name: str) -> Stored:
        answer = requests.get(
            f"{self._url}/manifests/{name}", headers={"Accept": ACCEPTED}, timeout=10
        )
        if not answer.ok:
            raise StoreError("ImageNotFound", "Requested image not found")
        return Stored(digest_of(answer.content), answer.headers["Content-Type"], answer.content)
