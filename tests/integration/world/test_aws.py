"""boto3's clients against a server on loopback that says what AWS would say."""

import json
import socket
from pathlib import Path
from typing import Any

import pytest

from buildsteps.world.aws import AccessDeniedError, AwsError, NoAwsCredentialsError
from buildsteps.world.aws_sdk import SystemAws
from tests.loopback_server import Answer, Asked, loopback


@pytest.fixture(autouse=True)
def account(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Credentials of nobody, and none of this machine."""
    monkeypatch.setenv("AWS_CONFIG_FILE", str(tmp_path / "config"))
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", str(tmp_path / "credentials"))
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "AKIDEXAMPLE")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "secret")
    monkeypatch.setenv("AWS_REGION", "eu-central-1")
    monkeypatch.setenv("AWS_DEFAULT_REGION", "eu-central-1")


def said(body: dict[str, Any], status: int = 200) -> Answer:
    headers = {"content-type": "application/x-amz-json-1.1"}
    return Answer(status, headers, json.dumps(body).encode())


def refused(code: str, message: str = "because") -> Answer:
    return said({"__type": code, "message": message}, 400)


def call(answer: Answer, monkeypatch: pytest.MonkeyPatch) -> tuple[dict[str, Any], list[Asked]]:
    with loopback(lambda _asked: answer) as server:
        monkeypatch.setenv("AWS_ENDPOINT_URL", server.url(""))
        aws = SystemAws("buildsteps/1 command/sign")
        return aws.call("ecr", "GetSigningConfiguration", {}), server.asked


def test_a_call_goes_to_the_endpoint_of_the_environment_and_names_the_command(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    answer, asked = call(said({"registryId": "111122223333"}), monkeypatch)
    assert answer["registryId"] == "111122223333"
    assert asked[0].headers["user-agent"].endswith("buildsteps/1 command/sign")
    assert asked[0].headers["x-amz-target"].endswith(".GetSigningConfiguration")


def test_pages_are_followed_to_the_end(monkeypatch: pytest.MonkeyPatch) -> None:
    def answer(asked: Asked) -> Answer:
        more = "nextToken" not in json.loads(asked.body)
        digest = f"sha256:{int(more)}"
        page = {"referrers": [{"digest": digest, "mediaType": "a/b", "size": 1}]}
        return said({**page, **({"nextToken": "more"} if more else {})})

    with loopback(answer) as server:
        monkeypatch.setenv("AWS_ENDPOINT_URL", server.url(""))
        request = {"repositoryName": "web", "subjectId": {"imageDigest": "sha256:0"}}
        pages = list(SystemAws("b").pages("ecr", "ListImageReferrers", request))
    assert [page["referrers"][0]["digest"] for page in pages] == ["sha256:1", "sha256:0"]


@pytest.mark.parametrize(
    ("code", "kind", "sentence"),
    [
        (
            "AccessDeniedException",
            AccessDeniedError,
            "ecr:GetSigningConfiguration is not allowed with these AWS credentials: because",
        ),
        (
            "ExpiredTokenException",
            NoAwsCredentialsError,
            "ecr:GetSigningConfiguration: the AWS credentials have run out; get new ones",
        ),
        (
            "UnrecognizedClientException",
            NoAwsCredentialsError,
            "ecr:GetSigningConfiguration: the AWS credentials are not valid: because",
        ),
        (
            "SigningConfigurationNotFoundException",
            AwsError,
            "ecr:GetSigningConfiguration: SigningConfigurationNotFoundException: because",
        ),
    ],
)
def test_a_refusal_is_one_sentence_that_names_the_action(
    code: str, kind: type[AwsError], sentence: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(kind) as told:
        call(refused(code), monkeypatch)
    assert (str(told.value), told.value.code) == (sentence, code)


def test_without_credentials_the_sentence_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("AWS_ACCESS_KEY_ID")
    monkeypatch.delenv("AWS_SECRET_ACCESS_KEY")
    with pytest.raises(NoAwsCredentialsError, match="ecr:GetSigningConfiguration needs AWS cred"):
        call(said({}), monkeypatch)
    monkeypatch.setenv("AWS_PROFILE", "nobody")
    with pytest.raises(NoAwsCredentialsError, match="nobody"):
        call(said({}), monkeypatch)


def test_without_a_region_the_sentence_says_what_to_set(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("AWS_REGION")
    monkeypatch.delenv("AWS_DEFAULT_REGION")
    with pytest.raises(AwsError, match="needs a region: set AWS_REGION"):
        call(said({}), monkeypatch)


def test_throttling_is_tried_again_and_then_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("time.sleep", lambda _seconds: None)
    with loopback(lambda _asked: refused("ThrottlingException", "Rate exceeded")) as server:
        monkeypatch.setenv("AWS_ENDPOINT_URL", server.url(""))
        with pytest.raises(AwsError, match=r"ECR throttles ecr:Get.*: Rate exceeded"):
            SystemAws("b").call("ecr", "GetSigningConfiguration", {})
    assert len(server.asked) == 5


def test_an_endpoint_that_is_not_there_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("time.sleep", lambda _seconds: None)
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{taken.getsockname()[1]}"
        monkeypatch.setenv("AWS_ENDPOINT_URL", url)
        with pytest.raises(AwsError) as told:
            SystemAws("b").call("ecr", "GetSigningConfiguration", {})
    assert str(told.value) == f"ECR cannot be reached: no connection ({url}/)"


def test_a_request_that_the_model_refuses_is_not_sent() -> None:
    with pytest.raises(AwsError, match="ecr:BatchGetImage was not asked: "):
        SystemAws("b").call("ecr", "BatchGetImage", {})


@pytest.mark.parametrize("body", [b"<html>", b"[1]", b""])
def test_an_answer_that_is_none_of_the_services_is_one_sentence(
    body: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("time.sleep", lambda _seconds: None)
    with pytest.raises(AwsError):
        call(Answer(500, {"content-type": "text/html"}, body), monkeypatch)


def test_a_request_to_a_service_behind_iam_is_signed_for_it_and_its_region() -> None:
    url = "https://a.example/x?tags=ci%2Cfoo"
    headers = SystemAws("buildsteps/1").sign(
        "execute-api", "POST", url, b"{}", {"content-type": "application/json"}, region="us-west-2"
    )
    signed = {name.lower(): value for name, value in headers.items()}
    assert signed["content-type"] == "application/json"
    assert "AKIDEXAMPLE/" in signed["authorization"]
    assert "/us-west-2/execute-api/aws4_request" in signed["authorization"]


def test_without_credentials_or_region_nothing_is_signed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("AWS_REGION")
    monkeypatch.delenv("AWS_DEFAULT_REGION")
    with pytest.raises(AwsError, match="execute-api:Invoke needs a region"):
        SystemAws("buildsteps/1").sign("execute-api", "GET", "https://a.example/")
    monkeypatch.delenv("AWS_ACCESS_KEY_ID")
    with pytest.raises(NoAwsCredentialsError, match="execute-api:Invoke needs AWS credentials"):
        SystemAws("buildsteps/1").sign("execute-api", "GET", "https://a.example/")


def test_credentials_are_read_anew_where_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    aws = SystemAws("buildsteps/1")
    aws.sign("execute-api", "GET", "https://a.example/")
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "AKIDANOTHER")
    kept = aws.sign("execute-api", "GET", "https://a.example/")
    renewed = aws.sign("execute-api", "GET", "https://a.example/", renew=True)
    assert "AKIDEXAMPLE/" in kept["Authorization"]
    assert "AKIDANOTHER/" in renewed["Authorization"]


def test_a_member_of_an_answer_is_given_in_pieces(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    whole = Answer(200, {"content-type": "binary/octet-stream"}, b"x" * 1_000_000)
    request = {"Bucket": "bucket", "Key": "key"}
    with loopback(lambda _asked: whole) as server:
        monkeypatch.setenv("AWS_ENDPOINT_URL", server.url(""))
        aws = SystemAws("buildsteps/1")
        sizes = [len(piece) for piece in aws.pieces("s3", "GetObject", request, "Body")]
    assert (sum(sizes), max(sizes) < 1_000_000) == (1_000_000, True)


def test_the_region_is_the_environments_by_either_name(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_REGION", "eu-north-1")
    assert SystemAws("b").endpoint("ecr") == "https://api.ecr.eu-north-1.amazonaws.com"
    monkeypatch.delenv("AWS_REGION")
    assert SystemAws("b").endpoint("ecr") == "https://api.ecr.eu-central-1.amazonaws.com"
    monkeypatch.delenv("AWS_DEFAULT_REGION")
    with pytest.raises(AwsError, match="needs a region: set AWS_REGION"):
        SystemAws("b").endpoint("ecr")


def test_the_endpoint_is_what_the_environment_names_for_the_service(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("AWS_ENDPOINT_URL_CODEGURU_SECURITY", "http://127.0.0.1:4566")
    aws = SystemAws("b")
    assert aws.endpoint("codeguru-security", region="eu-west-1") == "http://127.0.0.1:4566"
    assert aws.endpoint("ecr", region="eu-west-1") == "https://api.ecr.eu-west-1.amazonaws.com"


def test_a_service_that_may_be_gone_is_asked_once_and_others_until_they_answer(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    with loopback(lambda _asked: said({}, 503)) as server:
        monkeypatch.setenv("AWS_ENDPOINT_URL", server.url(""))
        aws = SystemAws("b")
        with pytest.raises(AwsError):
            aws.call_once("ecr", "GetSigningConfiguration", {})
        assert len(server.asked) == 1
        monkeypatch.setattr("time.sleep", lambda _seconds: None)
        with pytest.raises(AwsError):
            aws.call("ecr", "GetSigningConfiguration", {})
        assert len(server.asked) == 6
