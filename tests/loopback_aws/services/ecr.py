"""Amazon ECR: its API over a loopback registry, and the registry itself under its own name.

Source: botocore's model of ``ecr``; messages as the service words them where they are known.
"""

import base64
import datetime
import json
import secrets
from collections.abc import Callable, Mapping, Sequence
from http.client import HTTPConnection
from typing import Any

import requests
from msgspec import Struct

from tests.loopback_aws.errors import ServiceError
from tests.loopback_aws.paging import page
from tests.loopback_aws.protocols.interface import Answer, Request
from tests.loopback_aws.service import Service
from tests.loopback_aws.services.ecr_images import ImageId, Images, Stored, StoreError
from tests.loopback_aws.sigv4 import Scope
from tests.real_parts.certificates import now

ACCOUNT = "123456789012"

Result = Mapping[str, Any]


class ManagedSigning(Struct):
    """How signing on push goes for an image: one status for each time that somebody asks.

    The last status stays; ``then`` runs when it is reached. FAILED has a code and a reason.
    """

    profile_arn: str
    statuses: list[str]
    then: Callable[[], None] | None = None
    code: str = ""
    reason: str = ""

    def ask(self) -> dict[str, Any]:
        """The status now, and a step further for the next."""
        status = self.statuses.pop(0) if len(self.statuses) > 1 else self.statuses[0]
        if self.then and len(self.statuses) == 1 and status == self.statuses[0]:
            self.then()
            self.then = None
        told = {"signingProfileArn": self.profile_arn, "status": status}
        failure = {"failureCode": self.code, "failureReason": self.reason}
        return told | (failure if status == "FAILED" else {})


class Ecr:
    """The service over the registry at ``host``.

    ``configuration`` is the registry's signing configuration (None: there is none), ``signing``
    has for each digest how managed signing goes.
    """

    def __init__(self, host: str, account: str = ACCOUNT) -> None:
        self.host = host
        self.account = account
        self.configuration: dict[str, Any] | None = None
        self.signing: dict[str, Sequence[ManagedSigning]] = {}
        self.passwords: set[str] = set()
        self.service = Service(
            "ecr",
            {
                "GetAuthorizationToken": self._get_authorization_token,
                "BatchGetImage": self._batch_get_image,
                "BatchDeleteImage": self._batch_delete_image,
                "DescribeImages": self._describe_images,
                "DescribeRepositories": self._describe_repositories,
                "DescribeImageSigningStatus": self._describe_image_signing_status,
                "GetSigningConfiguration": self._get_signing_configuration,
                "ListImageReferrers": self._list_image_referrers,
                "GetDownloadUrlForLayer": self._get_download_url_for_layer,
                "PutImage": self._put_image,
            },
        )

    def registry_name(self, region: str = "eu-central-1") -> str:
        """The host name of the registry, which the loopback AWS answers for as a proxy."""
        return f"{self.account}.dkr.ecr.{region}.amazonaws.com"

    def forward(self, request: Request) -> Answer:
        """Hand a request of the distribution protocol to the registry; ECR wants Basic always."""
        if not self._knows(request.headers.get("authorization", "")):
            challenge = 'Basic realm="https://ecr.test/",service="ecr.amazonaws.com"'
            headers = {"Content-Type": "application/json", "WWW-Authenticate": challenge}
            body = b'{"errors":[{"code":"DENIED","message":"Not Authorized"}]}'
            return Answer(401, headers, body)
        dropped = {"authorization", "host", "connection", "proxy-connection"}
        headers = {name: value for name, value in request.headers.items() if name not in dropped}
        connection = HTTPConnection(self.host, timeout=60)
        try:
            connection.request(request.method, request.target, request.body, headers)
            answer = connection.getresponse()
            return Answer(answer.status, dict(answer.getheaders()), answer.read())
        finally:
            connection.close()

    def _knows(self, authorization: str) -> bool:
        known = [base64.b64encode(f"AWS:{one}".encode()).decode() for one in self.passwords]
        return authorization in {f"Basic {pair}" for pair in known}

    def _images(self, given: Mapping[str, Any]) -> Images:
        account = given.get("registryId", self.account)
        if account != self.account:
            said = f"The repository with name '{given['repositoryName']}' does not exist in the "
            raise ServiceError("RepositoryNotFoundException", f"{said}registry with id '{account}'")
        return Images(self.host, account, given["repositoryName"])

    def _get_authorization_token(self, given: Mapping[str, Any], scope: Scope) -> Result:
        password = secrets.token_urlsafe(24)
        self.passwords.add(password)
        data = {
            "authorizationToken": base64.b64encode(f"AWS:{password}".encode()).decode(),
            "expiresAt": now() + datetime.timedelta(hours=12),
            "proxyEndpoint": f"https://{self.registry_name(scope.region)}",
        }
        return {"authorizationData": [data]}

    def _batch_get_image(self, given: Mapping[str, Any], scope: Scope) -> Result:
        images = self._images(given)
        found, failures = _each(images.get, given["imageIds"])
        described = [
            {
                "registryId": self.account,
                "repositoryName": images.name,
                "imageId": {"imageDigest": image.digest} | _tag(image_id),
                "imageManifest": image.content.decode(),
                "imageManifestMediaType": image.media_type,
            }
            for image_id, image in found
        ]
        return {"images": described, "failures": failures}

    def _batch_delete_image(self, given: Mapping[str, Any], scope: Scope) -> Result:
        found, failures = _each(self._images(given).delete, given["imageIds"])
        deleted = [{"imageDigest": image.digest} | _tag(image_id) for image_id, image in found]
        return ({"imageIds": deleted} if deleted else {}) | {"failures": failures}

    def _describe_images(self, given: Mapping[str, Any], scope: Scope) -> Result:
        images = self._images(given)
        tags = images.tags()
        asked = given.get("imageIds") or [{"imageDigest": one} for one in sorted({*tags.values()})]
        details = [self._detail(images, image_id, tags) for image_id in asked]
        return page(details, "imageDetails", given, 100)

    def _detail(self, images: Images, image_id: ImageId, tags: Mapping[str, str]) -> dict[str, Any]:
        image = self._existing(images, image_id)
        manifest = json.loads(image.content)
        named = [tag for tag, digest in tags.items() if digest == image.digest]
        layers = [one["size"] for one in manifest.get("layers", [])]
        return {
            "registryId": self.account,
            "repositoryName": images.name,
            "imageDigest": image.digest,
            "imageSizeInBytes": len(image.content) + sum(layers),
            "imagePushedAt": now(),
            "imageManifestMediaType": image.media_type,
            "imageStatus": "ACTIVE",
        } | ({"imageTags": named} if named else {})

    def _existing(self, images: Images, image_id: ImageId) -> Stored:
        try:
            return images.get(image_id)
        except StoreError as error:
            if error.code != "ImageNotFound":
                raise ServiceError("InvalidParameterException", error.reason) from error
            digest, tag = image_id.get("imageDigest", "null"), image_id.get("imageTag", "null")
            raise ServiceError(
                "ImageNotFoundException",
                f"The image with imageId {{imageDigest:'{digest}', imageTag:'{tag}'}} does not "
                f"exist within the repository with name '{images.name}' in the registry with id "
                f"'{self.account}'",
            ) from error

    def _describe_repositories(self, given: Mapping[str, Any], scope: Scope) -> Result:
        catalog = requests.get(f"http://{self.host}/v2/_catalog", timeout=10).json()
        names = given.get("repositoryNames") or sorted(catalog["repositories"])
        for name in names:
            self._images({**given, "repositoryName": name})
        described = [self._repository(name, scope.region) for name in names]
        return page(described, "repositories", given, 100)

    def _repository(self, name: str, region: str) -> dict[str, Any]:
        return {
            "repositoryArn": f"arn:aws:ecr:{region}:{self.account}:repository/{name}",
            "registryId": self.account,
            "repositoryName": name,
            "repositoryUri": f"{self.registry_name(region)}/{name}",
            "createdAt": now(),
            "imageTagMutability": "MUTABLE",
        }

    def _describe_image_signing_status(self, given: Mapping[str, Any], scope: Scope) -> Result:
        image = self._existing(self._images(given), given["imageId"])
        return {
            "repositoryName": given["repositoryName"],
            "imageId": {"imageDigest": image.digest} | _tag(given["imageId"]),
            "registryId": self.account,
            "signingStatuses": [one.ask() for one in self.signing.get(image.digest, ())],
        }

    def _get_signing_configuration(self, given: Mapping[str, Any], scope: Scope) -> Result:
        if self.configuration is None:
            raise ServiceError(
                "SigningConfigurationNotFoundException",
                f"Signing configuration does not exist for the registry '{self.account}'",
            )
        return {"registryId": self.account, "signingConfiguration": self.configuration}

    def _get_download_url_for_layer(self, given: Mapping[str, Any], scope: Scope) -> Result:
        images, digest = self._images(given), given["layerDigest"]
        url = f"http://{self.host}/v2/{images.name}/blobs/{digest}"
        if not requests.head(url, timeout=10).ok:
            raise ServiceError("LayersNotFoundException", f"Layer '{digest}' does not exist")
        return {"downloadUrl": f"{url}?X-Amz-Signature=secret", "layerDigest": digest}

    def _put_image(self, given: Mapping[str, Any], scope: Scope) -> Result:
        images = self._images(given)
        name = given.get("imageTag") or given["imageDigest"]
        requests.put(
            f"http://{self.host}/v2/{images.name}/manifests/{name}",
            data=given["imageManifest"].encode(),
            headers={"Content-Type": given["imageManifestMediaType"]},
            timeout=10,
        ).raise_for_status()
        put = self._existing(images, {"imageTag": name})
        described = {
            "registryId": self.account,
            "repositoryName": images.name,
            "imageId": {"imageDigest": put.digest, "imageTag": name},
            "imageManifest": put.content.decode(),
            "imageManifestMediaType": put.media_type,
        }
        return {"image": described}

    def _list_image_referrers(self, given: Mapping[str, Any], scope: Scope) -> Result:
        images = self._images(given)
        kinds = given.get("filter", {}).get("artifactTypes")
        listed = [
            {
                "digest": entry["digest"],
                "mediaType": entry["mediaType"],
                "artifactType": entry["artifactType"],
                "size": entry["size"],
                "annotations": entry.get("annotations", {}),
                "artifactStatus": "ACTIVE",
            }
            for entry in images.referrers(given["subjectId"]["imageDigest"])
            if not kinds or entry["artifactType"] in kinds
        ]
        return page(listed, "referrers", given, 50)


def _each(
    do: Callable[[ImageId], Stored], image_ids: Sequence[ImageId]
) -> tuple[list[tuple[ImageId, Stored]], list[dict[str, Any]]]:
    """Do it with each image; those it failed for are told apart, as the batch operations do."""
    found: list[tuple[ImageId, Stored]] = []
    failures: list[dict[str, Any]] = []
    for image_id in image_ids:
        try:
            found.append((image_id, do(image_id)))
        except StoreError as error:
            told = {"failureCode": error.code, "failureReason": error.reason}
            failures.append({"imageId": dict(image_id), **told})
    return found, failures


def _tag(image_id: ImageId) -> dict[str, str]:
    return {"imageTag": image_id["imageTag"]} if "imageTag" in image_id else {}
