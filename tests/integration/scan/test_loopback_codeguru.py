"""The stand-in for CodeGuru Security refuses what the service and S3 refused."""

import io
import zipfile
from collections.abc import Iterator
from typing import Any

import boto3
import pytest
import requests

from tests.loopback_aws.server import LoopbackAws, loopback_aws
from tests.loopback_aws.services.codeguru_security import CodeGuruSecurity

UNKNOWN = "00000000-0000-0000-0000-000000000000"


@pytest.fixture
def aws(monkeypatch: pytest.MonkeyPatch) -> Iterator[LoopbackAws]:
    service = CodeGuruSecurity()
    with loopback_aws(service.service) as running:
        service.stand_behind(running)
        for name, value in running.environment().items():
            monkeypatch.setenv(name, value)
        yield running


@pytest.fixture
def client(aws: LoopbackAws) -> Any:
    return boto3.client("codeguru-security", region_name="eu-central-1")


def archive(**files: str) -> bytes:
    data = io.BytesIO()
    with zipfile.ZipFile(data, "w") as packed:
        for name, text in files.items():
            packed.writestr(f"{name}.py", text)
    return data.getvalue()


def put(door: Any, data: Any, headers: dict[str, str] | None = None, url: str = "") -> Any:
    given = door["requestHeaders"] if headers is None else headers
    return requests.put(url or door["s3Url"], data=data, headers=given, timeout=10)


def test_an_upload_needs_the_very_headers_that_were_given(client: Any) -> None:
    door = client.create_upload_url(scanName="shop")
    lacking = dict(list(door["requestHeaders"].items())[1:])
    other = {**door["requestHeaders"], "content-type": "text/plain"}
    more = {**door["requestHeaders"], "x-amz-acl": "public-read"}
    for headers in (lacking, other, more):
        assert put(door, b"zip", headers).status_code == 403
    assert put(door, b"zip").status_code == 200


def test_an_upload_needs_the_signature_and_a_length(client: Any) -> None:
    door = client.create_upload_url(scanName="shop")
    forged = door["s3Url"].replace("X-Amz-Signature=", "X-Amz-Signature=0")
    assert "SignatureDoesNotMatch" in put(door, b"zip", url=forged).text
    chunked = put(door, iter([b"z", b"ip"]))
    assert (chunked.status_code, "NotImplemented" in chunked.text) == (501, True)


def test_only_what_was_uploaded_for_a_scan_can_be_scanned(client: Any) -> None:
    door = client.create_upload_url(scanName="shop")
    missing = client.exceptions.ResourceNotFoundException
    for artifact, name in ((UNKNOWN, "shop"), (door["codeArtifactId"], "shop")):
        with pytest.raises(missing):
            client.create_scan(scanName=name, resourceId={"codeArtifactId": artifact})
    put(door, archive(a="x"))
    with pytest.raises(missing):
        client.create_scan(scanName="other", resourceId={"codeArtifactId": door["codeArtifactId"]})


def test_a_token_begins_one_scan_and_a_second_one_conflicts(client: Any) -> None:
    runs = set()
    for token in ("one", "one"):
        door = client.create_upload_url(scanName="shop")
        put(door, archive(a="x"))
        artifact = {"codeArtifactId": door["codeArtifactId"]}
        scan = client.create_scan(scanName="shop", resourceId=artifact, clientToken=token)
        runs.add(scan["runId"])
    assert len(runs) == 1
    with pytest.raises(client.exceptions.ConflictException):
        client.create_scan(scanName="shop", resourceId=artifact, clientToken="two")


def test_a_name_that_the_model_does_not_have_is_refused(client: Any) -> None:
    with pytest.raises(client.exceptions.ValidationException):
        client.create_upload_url(scanName="my shop")
