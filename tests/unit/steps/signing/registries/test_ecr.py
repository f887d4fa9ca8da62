"""ECR by its API, whose answers are scripted by botocore's model."""

import base64
import json
from typing import Any

import pytest

from buildsteps.ecr_hosts import EcrHost
from buildsteps.image_reference import parse_reference
from buildsteps.steps.signing.registries.answers import sha256_of
from buildsteps.steps.signing.registries.choosing import Registries
from buildsteps.steps.signing.registries.ecr import EcrRegistry
from buildsteps.steps.signing.registries.errors import (
    NoSuchImageError,
    RegistryError,
    RegistryReason,
)
from buildsteps.steps.signing.registries.interface import Credentials, Registry
from buildsteps.world.aws import AccessDeniedError, AwsError
from buildsteps.world.http import Response
from tests.world_double import ScriptedAws, ScriptedHttp, fake_world

HOST = "111122223333.dkr.ecr.eu-central-1.amazonaws.com"
IMAGE = parse_reference(f"{HOST}/team/web:v1")
TYPE = "application/vnd.oci.image.manifest.v1+json"
INDEX = "application/vnd.oci.image.index.v1+json"
BODY = json.dumps({"mediaType": TYPE, "config": {}, "layers": []}).encode()
DIGEST = sha256_of(BODY)


def ecr(answers: dict[str, Any], http: ScriptedHttp | None = None) -> tuple[Registry, ScriptedAws]:
    aws = ScriptedAws({f"ecr:{name}": answer for name, answer in answers.items()})
    return EcrRegistry(aws, http or ScriptedHttp(), EcrHost("111122223333", "eu-central-1")), aws


def image(body: bytes = BODY, digest: str = DIGEST, kind: str = TYPE) -> dict[str, Any]:
    found = {
        "imageId": {"imageDigest": digest},
        "imageManifest": body.decode(),
        "imageManifestMediaType": kind,
    }
    return {"images": [found], "failures": []}


def test_a_tag_is_resolved_by_the_api_in_the_registrys_account_and_region() -> None:
    registry, aws = ecr({"BatchGetImage": image()})
    assert registry.resolve(IMAGE).digest == DIGEST
    ((name, request, region),) = aws.calls
    assert (name, region) == ("ecr:BatchGetImage", "eu-central-1")
    assert request["registryId"] == "111122223333"
    assert request["repositoryName"] == "team/web"
    assert request["imageIds"] == [{"imageTag": "v1"}]
    assert INDEX in request["acceptedMediaTypes"]


def test_other_bytes_than_those_of_the_digest_are_refused() -> None:
    registry, _ = ecr({"BatchGetImage": image(BODY + b" ")})
    with pytest.raises(RegistryError, match="gave other bytes"):
        registry.manifest(IMAGE)


@pytest.mark.parametrize(
    "answer",
    [
        {"images": [], "failures": [{"failureCode": "ImageNotFound", "failureReason": "x"}]},
        AwsError("ecr:BatchGetImage: ...", "RepositoryNotFoundException", "no such repository"),
    ],
)
def test_an_image_that_is_not_there_is_told_apart(answer: Any) -> None:
    with pytest.raises(NoSuchImageError, match="team/web:v1: there is no such image in ECR"):
        ecr({"BatchGetImage": answer})[0].resolve(IMAGE)


def test_what_aws_refuses_is_a_refusal_that_names_the_action() -> None:
    denied = AccessDeniedError("ecr:BatchGetImage is not allowed", "AccessDeniedException")
    with pytest.raises(RegistryError, match="v1: ecr:BatchGetImage is not allowed") as told:
        ecr({"BatchGetImage": denied})[0].resolve(IMAGE)
    assert told.value.reason is RegistryReason.REFUSED


@pytest.mark.parametrize("answer", [{}, {"images": [{}]}, {"images": [{"imageManifest": 5}]}])
def test_an_answer_without_a_manifest_is_one_sentence(answer: Any) -> None:
    with pytest.raises(RegistryError, match="gave no manifest"):
        ecr({"BatchGetImage": answer})[0].resolve(IMAGE)


def test_credentials_are_asked_for_once_a_registry() -> None:
    token = base64.b64encode(b"AWS:secret").decode()
    answer = {"authorizationData": [{"authorizationToken": token}]}
    aws = ScriptedAws({"ecr:GetAuthorizationToken": answer})
    registries = Registries(fake_world_with(aws))
    for _ in range(3):
        assert registries.of(IMAGE).credentials() == Credentials("AWS", "secret")
    assert len(aws.calls) == 1


def fake_world_with(aws: ScriptedAws) -> Any:
    from pathlib import Path

    return fake_world(Path("/"), aws=aws)


@pytest.mark.parametrize("token", ["", "%", base64.b64encode(b"AWS").decode()])
def test_a_token_that_is_none_is_one_sentence(token: str) -> None:
    registry, _ = ecr(
        {"GetAuthorizationToken": {"authorizationData": [{"authorizationToken": token}]}}
    )
    with pytest.raises(RegistryError, match="gave no user and password"):
        registry.credentials()


def referrer(number: int, kind: str = "a/b") -> dict[str, Any]:
    return {
        "digest": f"sha256:{number:064x}",
        "mediaType": TYPE,
        "artifactType": kind,
        "size": 5,
        "artifactStatus": "ACTIVE",
    }


def test_referrers_come_from_all_pages() -> None:
    pages = [{"referrers": [referrer(1)]}, {"referrers": [referrer(2), referrer(3, "c/d")]}]
    registry, aws = ecr({"ListImageReferrers": pages})
    found = registry.referrers(IMAGE.at(DIGEST), "a/b").descriptors
    assert [int(d.digest[7:], 16) for d in found] == [1, 2]
    assert aws.calls[0][1]["subjectId"] == {"imageDigest": DIGEST}


def test_a_blob_comes_from_the_signed_address_and_is_checked() -> None:
    url = "https://bucket.example/layer?X-Amz-Signature=secret"
    http = ScriptedHttp({("GET", url): Response(status=200, body=b"layer")})
    registry, _ = ecr({"GetDownloadUrlForLayer": {"downloadUrl": url}}, http)
    assert registry.blob(IMAGE, sha256_of(b"layer"), 100) == b"layer"
    with pytest.raises(RegistryError, match="other bytes") as told:
        registry.blob(IMAGE, DIGEST, 100)
    assert "secret" not in str(told.value)


def test_deleting_tells_what_ecr_refuses() -> None:
    registry, aws = ecr({"BatchDeleteImage": {"imageIds": [{}], "failures": []}})
    registry.delete(IMAGE.at(DIGEST))
    assert aws.calls[0][1]["imageIds"] == [{"imageDigest": DIGEST}]
    for code, error in (
        ("ImageNotFound", NoSuchImageError),
        ("ImageReferencedByManifestList", RegistryError),
        ("KmsError", RegistryError),
    ):
        failed = {"failures": [{"failureCode": code, "failureReason": "because"}]}
        with pytest.raises(error):
            ecr({"BatchDeleteImage": failed})[0].delete(IMAGE.at(DIGEST))


def test_a_signature_is_taken_out_of_the_index_under_the_tag() -> None:
    entries = [{"digest": f"sha256:{n:064x}", "mediaType": TYPE, "size": 1} for n in (1, 2)]
    body = json.dumps({"mediaType": INDEX, "manifests": entries}).encode()
    registry, aws = ecr({"BatchGetImage": image(body, sha256_of(body), INDEX), "PutImage": {}})
    assert registry.detach(IMAGE.at(DIGEST), entries[0]["digest"])  # type: ignore[arg-type]
    _, request, _ = aws.calls[-1]
    assert request["imageTag"] == DIGEST.replace(":", "-")
    assert json.loads(request["imageManifest"])["manifests"] == [entries[1]]
