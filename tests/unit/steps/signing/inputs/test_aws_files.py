import json

import pytest

from buildsteps.errors import UsageError
from tests.unit.steps.signing.reading import place, read, spans, told

DIGEST = "sha256:" + "0123456789abcdef" * 4
ECR = "111122223333.dkr.ecr.eu-west-1.amazonaws.com"


def test_imagedefinitions_name_a_container_each() -> None:
    text = json.dumps(
        [{"name": "web", "imageUri": f"{ECR}/web:1"}, {"imageUri": "nginx"}], indent=2
    )
    uses = read(text)
    assert told(uses) == [("container web", f"{ECR}/web:1"), ("container", "nginx")]
    assert spans(text, uses) == [f"{ECR}/web:1", "nginx"]
    assert place(uses.uses[0]) == (4, 18)


def test_an_image_definition_without_an_image_is_an_error() -> None:
    with pytest.raises(UsageError, match="file:1:31: an entry without `imageUri`"):
        read('[{"name":"a","imageUri":"x"}, {"name": "b"}]')


def test_image_detail_is_read_as_codebuild_and_as_ecr_write_it() -> None:
    assert told(read(json.dumps({"ImageURI": f"{ECR}/web@{DIGEST}"}))) == [
        ("ImageURI", f"{ECR}/web@{DIGEST}")
    ]
    ecr = {"ImageSizeInBytes": "1", "ImageDigest": DIGEST, "Version": "1.0", "ImageURI": f"{ECR}/w"}
    assert told(read(json.dumps(ecr))) == [("ImageURI", f"{ECR}/w")]


TASK = {
    "family": "shop",
    "containerDefinitions": [
        {"name": "web", "image": f"{ECR}/web:1", "essential": True},
        {"name": "proxy", "image": "<IMAGE1_NAME>"},
        {"name": "none"},
    ],
}


@pytest.mark.parametrize(
    "definition", [TASK, {"taskDefinition": TASK, "tags": [{"key": "\U0001f600"}]}]
)
def test_a_task_definition_is_read_and_its_placeholders_told(definition: object) -> None:
    text = json.dumps(definition)
    uses = read(text)
    assert told(uses) == [("task definition shop, container web", f"{ECR}/web:1")]
    assert spans(text, uses) == [f"{ECR}/web:1"]
    assert [(one.rule, one.message) for one in uses.findings] == [
        (
            "image-placeholder",
            "task definition shop, container proxy has the placeholder `<IMAGE1_NAME>`: "
            "its image is not judged",
        ),
        ("image-missing", "task definition shop, container none names no image"),
    ]


def test_container_definitions_are_a_list() -> None:
    with pytest.raises(UsageError, match="`containerDefinitions` is a list, found text"):
        read('{"containerDefinitions": "x"}')


def assets(**destination: str) -> str:
    one = {"repositoryName": "repo", "imageTag": "tag", **destination}
    image = {"source": {"directory": "asset.x"}, "destinations": {"d": one}}
    return json.dumps(
        {"version": "36.0.0", "files": {}, "dockerImages": {"0123456789abcdef": image}}
    )


@pytest.mark.parametrize(
    ("destination", "image"),
    [
        (
            {"region": "eu-west-1", "assumeRoleArn": "arn:aws:iam::111122223333:role/r"},
            f"{ECR}/repo:tag",
        ),
        (
            {
                "region": "eu-west-1",
                "repositoryName": "cdk-h-container-assets-111122223333-eu-west-1",
            },
            f"{ECR}/cdk-h-container-assets-111122223333-eu-west-1:tag",
        ),
        (
            {"region": "cn-north-1", "assumeRoleArn": "arn:aws-cn:iam::111122223333:role/r"},
            "111122223333.dkr.ecr.cn-north-1.amazonaws.com.cn/repo:tag",
        ),
    ],
)
def test_a_cdk_image_is_named_by_its_account_region_repository_and_tag(
    destination: dict[str, str], image: str
) -> None:
    assert told(read(assets(**destination))) == [("image asset 0123456789ab", image)]


def test_pseudo_parameters_are_told_or_taken_from_the_environment() -> None:
    text = assets(
        region="${AWS::Region}",
        repositoryName="cdk-h-${AWS::AccountId}-${AWS::Region}",
        assumeRoleArn="arn:${AWS::Partition}:iam::${AWS::AccountId}:role/r",
    )
    uses = read(text)
    assert not uses.uses
    assert "which is only known when it is deployed" in uses.findings[0].message
    known = {"CDK_DEFAULT_ACCOUNT": "111122223333", "AWS_REGION": "eu-west-1"}
    assert told(read(text, known)) == [
        ("image asset 0123456789ab", f"{ECR}/cdk-h-111122223333-eu-west-1:tag")
    ]


def test_an_asset_manifest_without_images_uses_none() -> None:
    assert told(read('{"version": "36.0.0", "files": {}}')) == []


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ('{"version": "36.0.0", "artifacts": {}}', "give its folder"),
        (
            '{"version":"1","dockerImages":{"a":{"destinations":{"d":{}}}}}',
            "without `repositoryName`",
        ),
    ],
)
def test_a_wrong_cdk_file_is_told(text: str, message: str) -> None:
    with pytest.raises(UsageError, match=message):
        read(text)
