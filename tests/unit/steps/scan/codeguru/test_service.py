import datetime
from pathlib import Path
from typing import Any

import pytest

from buildsteps.errors import WorldError
from buildsteps.steps.scan.codeguru.ended import EndedError, is_awss_own
from buildsteps.steps.scan.codeguru.service import CodeGuru, Run, service
from buildsteps.world.aws import AccessDeniedError, AwsError, NoAwsCredentialsError
from tests.world_double import ScriptedAws, fake_world

DOOR = {"s3Url": "https://s3.test/a?X=1", "requestHeaders": {"x-amz-a": "b"}, "codeArtifactId": "a"}
STAND_IN = {"codeguru-security": "http://localhost:4566"}
RUN = Run(name="shop", id="r", state="InProgress")


def codeguru(
    folder: Path, answers: dict[str, Any], endpoints: dict[str, str] | None = None
) -> tuple[CodeGuru, ScriptedAws]:
    named = {f"codeguru-security:{name}": answer for name, answer in answers.items()}
    aws = ScriptedAws(answers=named, endpoints=endpoints or {})
    return service(fake_world(folder, aws=aws), "eu-central-1"), aws


@pytest.mark.parametrize(
    ("endpoint", "own"),
    [
        ("https://codeguru-security.eu-central-1.amazonaws.com", True),
        ("https://codeguru-security-fips.us-east-1.amazonaws.com", True),
        ("https://codeguru-security.cn-north-1.amazonaws.com.cn", True),
        ("https://codeguru-security.eu-central-1.api.aws", True),
        ("https://vpce-1.codeguru-security.us-east-1.vpce.amazonaws.com/", True),
        ("http://localhost:4566", False),
        ("https://codeguru-security.example", False),
        ("https://codeguru-security.amazonaws.com.example", False),
        ("https://abc.execute-api.us-east-1.amazonaws.com/codeguru-security", False),
    ],
)
def test_awss_own_address_is_told_from_a_stand_ins(endpoint: str, own: bool) -> None:
    assert is_awss_own(endpoint) is own


@pytest.mark.parametrize(
    "error",
    [
        AwsError("CodeGuru Security cannot be reached: no connection"),
        AwsError("codeguru-security:CreateUploadUrl: x", "UnknownOperationException", "x"),
        AccessDeniedError("not allowed", "AccessDeniedException", "no"),
        NoAwsCredentialsError("not valid", "UnrecognizedClientException", "no"),
        AwsError("codeguru-security:CreateUploadUrl: 410", "410"),
    ],
)
def test_whatever_is_left_in_the_services_place_shows_its_end_at_once(
    tmp_path: Path, error: AwsError
) -> None:
    reached, aws = codeguru(tmp_path, {"CreateUploadUrl": error})
    with pytest.raises(EndedError) as told:
        reached.door("shop")
    assert "AWS ended CodeGuru Security on 20 November 2025" in told.value.message
    assert told.value.detail == f"It was asked: {error.message}"
    assert len(aws.calls) == 1


def test_missing_credentials_or_region_are_not_told_for_they_would_not_help(
    tmp_path: Path,
) -> None:
    missing = NoAwsCredentialsError("needs AWS credentials")
    with pytest.raises(EndedError) as told:
        codeguru(tmp_path, {"CreateUploadUrl": missing})[0].door("shop")
    assert told.value.detail == ""

    class Nowhere(ScriptedAws):
        def endpoint(self, service: str, *, region: str = "") -> str:
            raise AwsError("needs a region: set AWS_REGION")

    with pytest.raises(EndedError):
        service(fake_world(tmp_path, aws=Nowhere()), "")
    environ = {"AWS_ENDPOINT_URL_CODEGURU_SECURITY": "http://localhost:4566"}
    with pytest.raises(AwsError, match="needs a region"):
        service(fake_world(tmp_path, aws=Nowhere(), environ=environ), "")


@pytest.mark.parametrize("code", ["ThrottlingException", "InternalServerException"])
def test_a_service_that_is_busy_is_alive_and_asked_again(tmp_path: Path, code: str) -> None:
    reached, aws = codeguru(tmp_path, {"CreateUploadUrl": [AwsError("busy", code), DOOR]})
    assert reached.door("shop").artifact == "a"
    assert len(aws.calls) == 2


def test_what_goes_wrong_with_a_stand_in_is_told_as_such(tmp_path: Path) -> None:
    reached, _ = codeguru(tmp_path, {"CreateUploadUrl": AwsError("no connection")}, STAND_IN)
    with pytest.raises(AwsError, match="no connection") as told:
        reached.door("shop")
    assert not isinstance(told.value, EndedError)


@pytest.mark.parametrize("lacks", ["s3Url", "requestHeaders", "codeArtifactId"])
def test_an_answer_that_lacks_what_the_api_always_gives_is_told(tmp_path: Path, lacks: str) -> None:
    answer = {name: value for name, value in DOOR.items() if name != lacks}
    reached, _ = codeguru(tmp_path, {"CreateUploadUrl": answer})
    with pytest.raises(WorldError, match=f"answered without `{lacks}`"):
        reached.door("shop")


def test_a_scan_is_asked_for_with_a_token_that_stays_the_same_for_one_archive(
    tmp_path: Path,
) -> None:
    answer = {"scanName": "shop", "runId": "r", "scanState": "InProgress", "resourceId": {}}
    reached, aws = codeguru(tmp_path, {"CreateScan": answer})
    assert reached.start("shop", "artifact-1") == RUN
    reached.start("shop", "artifact-1")
    assert aws.calls[0] == aws.calls[1]
    assert aws.calls[0][1]["clientToken"] == "artifact-1"


def test_a_scan_of_the_same_name_that_is_under_way_is_told_with_a_way_out(tmp_path: Path) -> None:
    conflict = AwsError("codeguru-security:CreateScan: x", "ConflictException", "in progress")
    reached, _ = codeguru(tmp_path, {"CreateScan": conflict})
    with pytest.raises(AwsError, match=r"another scan called shop is under way \(in progress\)"):
        reached.start("shop", "a")


def test_the_state_of_a_run_is_read(tmp_path: Path) -> None:
    moment = datetime.datetime(2025, 6, 2, 9, tzinfo=datetime.UTC)
    answer = {"scanState": "Failed", "errorMessage": "no", "createdAt": moment}
    reached, aws = codeguru(tmp_path, {"GetScan": {**answer, "numberOfRevisions": 2}})
    found = reached.state(RUN)
    assert (found.state, found.why, found.revisions) == ("Failed", "no", 2)
    assert found.created == moment.timestamp()
    assert aws.calls[0][1] == {"scanName": "shop", "runId": "r"}


def test_findings_that_are_not_in_the_form_of_the_api_are_an_error(tmp_path: Path) -> None:
    pages: list[dict[str, Any]] = [
        {"findings": [{"severity": "HIGH", "ruleId": "a"}]},
        {"findings": [{}]},
    ]
    for page in pages:
        reached, _ = codeguru(tmp_path, {"GetFindings": [page]})
        with pytest.raises(WorldError):
            reached.findings("shop")
