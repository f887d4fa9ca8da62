"""A private registry of Amazon ECR, by its API (botocore's model ``ecr`` 2015-09-21)."""

import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from msgspec import json

from buildsteps.ecr_hosts import EcrHost
from buildsteps.image_reference import ImageReference
from buildsteps.steps.signing.registries import referrers_tag
from buildsteps.steps.signing.registries.answers import (
    MANIFEST_TYPES,
    descriptors_of,
    manifest_of,
    sha256_of,
)
from buildsteps.steps.signing.registries.ecr_login import private_login
from buildsteps.steps.signing.registries.errors import (
    NoSuchImageError,
    RegistryError,
    RegistryReason,
    malformed,
)
from buildsteps.steps.signing.registries.interface import (
    Credentials,
    Descriptor,
    Manifest,
    Referrers,
)
from buildsteps.steps.signing.registries.refusals import refusal
from buildsteps.world.aws import AccessDeniedError, Aws, AwsError, NoAwsCredentialsError
from buildsteps.world.http import Http, HttpError

_NOT_THERE = frozenset(
    {"RepositoryNotFoundException", "ImageNotFoundException", "LayersNotFoundException"}
)
_ABSENT = frozenset({"ImageNotFound", "ImageTagDoesNotMatchDigest"})
ARTIFACT_STATUS = "ANY"
"""Referrers that were archived count too: they are there, and cannot be verified until restored."""


class EcrRegistry:
    """A private registry of ECR; see :class:`Registry` for the methods.

    It needs ``ecr:BatchGetImage`` and, by what is asked, ``ecr:ListImageReferrers``,
    ``ecr:GetDownloadUrlForLayer``, ``ecr:BatchDeleteImage``, ``ecr:PutImage``,
    ``ecr:GetAuthorizationToken``.
    """

    def __init__(self, aws: Aws, http: Http, host: EcrHost) -> None:
        self._aws = aws
        self._http = http
        self._host = host
        self._login: Credentials | None = None
        self._logging_in = threading.Lock()

    def credentials(self) -> Credentials | None:
        """See :meth:`Registry.credentials`; asked for once."""
        with self._logging_in:
            if self._login is None:
                with _told("ECR"):
                    self._login = private_login(self._aws, self._host.region)
            return self._login

    def resolve(self, reference: ImageReference) -> Descriptor:
        """See :meth:`Registry.resolve`."""
        return self.manifest(reference).descriptor

    def manifest(self, reference: ImageReference) -> Manifest:
        """See :meth:`Registry.manifest`; here a tag does, too (``BatchGetImage``)."""
        tag = {"imageTag": reference.tag or "latest"}
        wanted = {"imageDigest": reference.digest} if reference.digest else tag
        request = {"imageIds": [wanted], "acceptedMediaTypes": list(MANIFEST_TYPES)}
        answer = self._call("BatchGetImage", reference, request)
        _raise_failures(answer, str(reference))
        images = answer.get("images") or []
        if len(images) != 1 or not isinstance(images[0].get("imageManifest"), str):
            raise malformed(f"{reference}: ecr:BatchGetImage gave no manifest")
        digest = reference.digest or images[0].get("imageId", {}).get("imageDigest", "")
        body = images[0]["imageManifest"].encode()
        return manifest_of(
            body, images[0].get("imageManifestMediaType", ""), digest, str(reference)
        )

    def blob(self, reference: ImageReference, digest: str, limit: int) -> bytes:
        """See :meth:`Registry.blob`; ECR gives a signed address, whose query is a secret."""
        what = str(reference.at(digest))
        answer = self._call("GetDownloadUrlForLayer", reference, {"layerDigest": digest})
        try:
            fetched = self._http.request("GET", str(answer.get("downloadUrl", "")), limit=limit)
        except HttpError as error:
            raise RegistryError(str(error)) from None
        if fetched.status != 200:
            raise refusal(fetched, what)
        if sha256_of(fetched.body) != digest:
            raise malformed(f"{what}: ECR gave other bytes than those of this digest")
        return fetched.body

    def referrers(self, reference: ImageReference, artifact_type: str = "") -> Referrers:
        """See :meth:`Registry.referrers` (``ListImageReferrers``)."""
        kinds = {"artifactTypes": [artifact_type]} if artifact_type else {}
        request = {
            **self._place(reference),
            "subjectId": {"imageDigest": reference.digest},
            "filter": {**kinds, "artifactStatus": ARTIFACT_STATUS},
        }
        found: list[Descriptor] = []
        with _told(f"the referrers of {reference}"):
            for page in self._aws.pages(
                "ecr", "ListImageReferrers", request, region=self._host.region
            ):
                body = json.encode({"manifests": page.get("referrers") or []})
                found += descriptors_of(body, f"the referrers of {reference}")
        wanted = (d for d in found if artifact_type in ("", d.artifact_type))
        return Referrers(tuple({d.digest: d for d in wanted}.values()))

    def tagged_referrers(self, reference: ImageReference) -> tuple[Descriptor, ...]:
        """See :meth:`Registry.tagged_referrers`."""
        tag = referrers_tag.tag_of(reference)
        try:
            index = self.manifest(tag).content
        except NoSuchImageError:
            return ()
        return descriptors_of(json.encode(index), str(tag))

    def detach(self, subject: ImageReference, digest: str) -> bool:
        """See :meth:`Registry.detach`; ECR deletes no manifest that an index lists."""
        tag = referrers_tag.tag_of(subject)
        try:
            index = self.manifest(tag).content
        except NoSuchImageError:
            return False
        changed = referrers_tag.without(index, digest)
        if changed is None:
            return False
        request = {
            "imageTag": tag.tag,
            "imageManifest": changed.decode(),
            "imageManifestMediaType": referrers_tag.INDEX_TYPE,
        }
        self._call("PutImage", tag, request)
        return True

    def delete(self, reference: ImageReference) -> None:
        """See :meth:`Registry.delete` (``BatchDeleteImage``)."""
        wanted = {"imageDigest": reference.digest}
        answer = self._call("BatchDeleteImage", reference, {"imageIds": [wanted]})
        _raise_failures(answer, str(reference))

    def _place(self, reference: ImageReference) -> dict[str, Any]:
        return {"registryId": self._host.account, "repositoryName": reference.repository}

    def _call(
        self, operation: str, reference: ImageReference, request: Mapping[str, Any]
    ) -> dict[str, Any]:
        with _told(str(reference)):
            return self._aws.call(
                "ecr", operation, {**self._place(reference), **request}, region=self._host.region
            )


def _raise_failures(answer: Mapping[str, Any], what: str) -> None:
    """Raise for the one image that was asked about, where ECR lists it as a failure."""
    for failure in answer.get("failures") or []:
        code, why = failure.get("failureCode", ""), failure.get("failureReason", "")
        if code in _ABSENT:
            raise NoSuchImageError(f"{what}: there is no such image in ECR")
        if code == "ImageReferencedByManifestList":
            message = f"{what}: a multi-platform index still refers to it; delete that first"
            raise RegistryError(message, RegistryReason.REFUSED)
        busy = code in ("UpstreamTooManyRequests", "UpstreamUnavailable")
        reason = RegistryReason.BUSY if busy else RegistryReason.REFUSED
        raise RegistryError(f"{what}: ECR refuses: {code}: {why}", reason)


@contextmanager
def _told(what: str) -> Iterator[None]:
    """Turn what AWS says into the registry's errors."""
    try:
        yield
    except AwsError as error:
        if error.code in _NOT_THERE:
            message = f"{what}: there is no such image in ECR: {error.said or error.code}"
            raise NoSuchImageError(message) from None
        denied = isinstance(error, AccessDeniedError | NoAwsCredentialsError)
        reason = RegistryReason.REFUSED if denied else RegistryReason.UNREACHABLE
        raise RegistryError(f"{what}: {error}", reason) from None
