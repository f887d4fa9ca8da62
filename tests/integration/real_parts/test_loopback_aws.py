"""Proof of the loopback AWS: boto3 finds there what the models promise, and no more."""

import base64
from collections.abc import Iterator, Mapping
from typing import Any

import boto3
import botocore.config
import botocore.exceptions
import pytest
import requests

from tests.loopback_aws.errors import ImpossibleAnswerError
from tests.loopback_aws.server import LoopbackAws, loopback_aws
from tests.loopback_aws.service import Service
from tests.loopback_aws.services.ecr import Ecr, ManagedSigning
from tests.loopback_aws.services.signer import Signer
from tests.real_parts import signatures
from tests.real_parts.certificates import chain
from tests.real_parts.images import Repository
from tests.real_parts.notation import NotationHome

PROFILE = "arn:aws:signer:eu-central-1:123456789012:/signing-profiles/delivery"


def client(aws: LoopbackAws, service: str, **settings: Any) -> Any:
    """A client as products make it, except that it does not check parameters before sending."""
    config = botocore.config.Config(
        parameter_validation=False, retries={"total_max_attempts": 1}, proxies={}, **settings
    )
    return boto3.client(
        service,
        region_name="eu-central-1",
        endpoint_url=aws.url,
        aws_access_key_id="AKIDLOOPBACK",
        aws_secret_access_key="loopback",
        config=config,
    )


def code_of(error: pytest.ExceptionInfo[botocore.exceptions.ClientError]) -> tuple[str, int]:
    answer = error.value.response
    return answer["Error"]["Code"], answer["ResponseMetadata"]["HTTPStatusCode"]


@pytest.fixture
def signer() -> Signer:
    return Signer()


@pytest.fixture
def ecr(registry_host: str) -> Ecr:
    return Ecr(registry_host)


@pytest.fixture
def aws(signer: Signer, ecr: Ecr) -> Iterator[LoopbackAws]:
    with loopback_aws(signer.service, ecr.service) as running:
        running.fronts[ecr.registry_name()] = ecr.forward
        yield running


@pytest.mark.parametrize(
    ("given", "said"),
    [
        (
            {"profileName": "x"},
            "'profileName' failed to satisfy constraint: Member must have length",
        ),
        ({"profileOwner": "me"}, "'profileOwner' failed to satisfy constraint"),
        ({"profileName": "no-dash"}, "must satisfy regular expression pattern"),
        (
            {"payload": b"x" * 4097},
            "'payload' failed to satisfy constraint: Member must have length",
        ),
        ({"payload": b""}, "greater than or equal to 1"),
        (
            {"payloadFormat": None},
            "'payloadFormat' failed to satisfy constraint: Member must not be",
        ),
    ],
)
def test_what_the_model_forbids_is_refused(
    aws: LoopbackAws, signer: Signer, given: Mapping[str, Any], said: str
) -> None:
    signer.profile("delivery")
    good = {
        "profileName": "delivery",
        "payload": b"{}",
        "payloadFormat": "application/vnd.cncf.notary.payload.v1+json",
    }
    asked = {name: value for name, value in {**good, **given}.items() if value is not None}
    with pytest.raises(botocore.exceptions.ClientError, match=said) as error:
        client(aws, "signer").sign_payload(**asked)
    assert code_of(error) == ("ValidationException", 400)
    assert client(aws, "signer").sign_payload(**good)["signature"]


def test_a_service_without_a_validation_error_refuses_in_its_own_words(
    aws: LoopbackAws, repository: Repository
) -> None:
    with pytest.raises(botocore.exceptions.ClientError) as error:
        client(aws, "ecr").batch_get_image(repositoryName="NO", imageIds=[])
    assert code_of(error) == ("InvalidParameterException", 400)


@pytest.mark.parametrize(
    ("headers", "code"),
    [
        ({}, "MissingAuthenticationTokenException"),
        ({"Authorization": "AWS4-HMAC-SHA256 Credential=x"}, "IncompleteSignatureException"),
    ],
)
def test_an_unsigned_request_is_refused(
    aws: LoopbackAws, headers: Mapping[str, str], code: str
) -> None:
    answer = requests.get(f"{aws.url}/signing-profiles/x", headers=headers, timeout=10)
    assert answer.status_code == 403
    assert answer.headers["x-amzn-ErrorType"] == code


def test_an_answer_that_real_aws_could_not_give_is_a_broken_test() -> None:
    wrong = Service("signer", {"GetSigningProfile": lambda *_: {"status": "Sleeping", "color": 1}})
    with (
        pytest.raises(ImpossibleAnswerError) as error,
        loopback_aws(wrong) as aws,
        pytest.raises(botocore.exceptions.ClientError),
    ):
        client(aws, "signer").get_signing_profile(profileName="delivery")
    assert "'status' failed to satisfy constraint" in str(error.value)
    assert "has no such member" in str(error.value)


def test_an_error_that_the_model_does_not_know_is_a_broken_test(signer: Signer) -> None:
    with pytest.raises(ImpossibleAnswerError), loopback_aws(signer.service) as aws:
        aws.fail("ListSigningProfiles", "ImageNotFoundException")
        with pytest.raises(botocore.exceptions.ClientError):
            client(aws, "signer").list_signing_profiles()


def test_faults_come_as_often_as_they_were_ordered(aws: LoopbackAws) -> None:
    aws.throttle("ListSigningProfiles", times=1)
    aws.deny("GetAuthorizationToken")
    with pytest.raises(botocore.exceptions.ClientError) as throttled:
        client(aws, "signer").list_signing_profiles()
    assert code_of(throttled) == ("TooManyRequestsException", 429)
    assert client(aws, "signer").list_signing_profiles()["profiles"] == []
    with pytest.raises(botocore.exceptions.ClientError) as denied:
        client(aws, "ecr").get_authorization_token()
    assert code_of(denied) == ("AccessDeniedException", 400)
    aws.expire_credentials()
    with pytest.raises(botocore.exceptions.ClientError) as expired:
        client(aws, "signer").list_signing_profiles()
    assert code_of(expired)[0] == "ExpiredTokenException"


def test_profiles_are_listed_in_pages_and_by_region(aws: LoopbackAws, signer: Signer) -> None:
    names = [f"profile_{number:02}" for number in range(30)]
    for name in names:
        signer.profile(name)
    signer.profile("elsewhere", region="us-east-1")
    pages = list(client(aws, "signer").get_paginator("list_signing_profiles").paginate())
    assert [len(page["profiles"]) for page in pages] == [25, 5]
    assert [one["profileName"] for page in pages for one in page["profiles"]] == names


def test_a_revoked_profile_shows_it(aws: LoopbackAws, signer: Signer) -> None:
    profile = signer.profile("delivery")
    boto = client(aws, "signer")
    boto.revoke_signing_profile(
        profileName="delivery", profileVersion=profile.version, reason="lost", effectiveTime=0
    )
    assert boto.get_signing_profile(profileName="delivery")["status"] == "Revoked"
    with pytest.raises(botocore.exceptions.ClientError) as error:
        boto.revoke_signature(jobId="nothing", reason="lost")
    assert code_of(error) == ("ResourceNotFoundException", 404)


def test_ecr_gives_the_registrys_images(aws: LoopbackAws, repository: Repository) -> None:
    image = repository.push_image(tag="v1")
    boto = client(aws, "ecr")
    missing = {"imageTag": "v2"}
    answer = boto.batch_get_image(
        repositoryName=repository.name, imageIds=[{"imageTag": "v1"}, missing]
    )
    [found] = answer["images"]
    assert found["imageId"] == {"imageDigest": image.digest, "imageTag": "v1"}
    assert found["imageManifest"].encode() == repository.manifest_bytes("v1")
    [failure] = answer["failures"]
    assert failure["failureCode"] == "ImageNotFound"
    assert failure["imageId"] == missing
    [detail] = boto.describe_images(repositoryName=repository.name)["imageDetails"]
    assert detail["imageTags"] == ["v1"]
    with pytest.raises(botocore.exceptions.ClientError) as nothing:
        boto.describe_images(repositoryName=repository.name, imageIds=[missing])
    assert code_of(nothing) == ("ImageNotFoundException", 400)
    with pytest.raises(botocore.exceptions.ClientError, match="does not exist in the reg") as none:
        boto.describe_repositories(repositoryNames=["team/none"])
    assert code_of(none) == ("RepositoryNotFoundException", 400)


def test_ecr_lists_and_deletes_signatures(
    aws: LoopbackAws, repository: Repository, notation_home: NotationHome
) -> None:
    image = repository.push_image(tag="v1")
    notation_home.sign_locally(image.reference, chain(), "--force-referrers-tag=false")
    boto = client(aws, "ecr")
    asked = {
        "repositoryName": repository.name,
        "subjectId": {"imageDigest": image.digest},
        "filter": {"artifactTypes": [signatures.ARTIFACT_TYPE]},
    }
    [referrer] = boto.list_image_referrers(**asked)["referrers"]
    assert [referrer["digest"]] == signatures.signatures(repository, image)
    boto.batch_delete_image(
        repositoryName=repository.name, imageIds=[{"imageDigest": referrer["digest"]}]
    )
    assert boto.list_image_referrers(**asked)["referrers"] == []


def test_ecr_managed_signing_comes_to_its_end(
    aws: LoopbackAws, ecr: Ecr, repository: Repository
) -> None:
    image = repository.push_image(tag="v1")
    done: list[str] = []
    statuses = ["IN_PROGRESS", "IN_PROGRESS", "COMPLETE"]
    ecr.signing[image.digest] = [ManagedSigning(PROFILE, statuses, lambda: done.append("signed"))]
    boto = client(aws, "ecr")
    asked = {"repositoryName": repository.name, "imageId": {"imageTag": "v1"}}
    seen = []
    for _ in range(4):
        [status] = boto.describe_image_signing_status(**asked)["signingStatuses"]
        seen.append((status["status"], list(done)))
    assert seen == [
        ("IN_PROGRESS", []),
        ("IN_PROGRESS", []),
        ("COMPLETE", ["signed"]),
        ("COMPLETE", ["signed"]),
    ]
    with pytest.raises(botocore.exceptions.ClientError) as error:
        boto.get_signing_configuration()
    assert code_of(error) == ("SigningConfigurationNotFoundException", 400)
    ecr.configuration = {"rules": [{"signingProfileArn": PROFILE}]}
    assert boto.get_signing_configuration()["signingConfiguration"] == ecr.configuration


def test_notation_reaches_ecrs_registry_by_its_own_name(
    aws: LoopbackAws, ecr: Ecr, repository: Repository, notation_home: NotationHome
) -> None:
    image = repository.push_image()
    reference = f"{ecr.registry_name()}/{repository.name}@{image.digest}"
    [data] = client(aws, "ecr").get_authorization_token()["authorizationData"]
    user, password = base64.b64decode(data["authorizationToken"]).decode().split(":")
    login = {"NOTATION_USERNAME": user, "NOTATION_PASSWORD": password}
    key = chain()
    notation_home.add_key("ours", key.leaf.key_pem, key.pem)
    sign = ("sign", "--insecure-registry", "--key", "ours", reference)
    notation_home.succeed(*sign, environ=aws.environment() | login)
    assert len(signatures.signatures(repository, image)) == 1
    refused = notation_home.run(
        *sign, environ=aws.environment() | login | {"NOTATION_PASSWORD": "x"}
    )
    assert "response status code 401" in refused.stderr
