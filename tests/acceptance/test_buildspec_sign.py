"""buildspecs/sign.yml, run as CodeBuild runs it: real notation and registry, a loopback Signer."""

import json
from pathlib import Path

import pytest

from tests.buildspec_runner import BuildResult, Status
from tests.junit_files import told
from tests.real_parts.signatures import envelope, signatures, unpadded
from tests.signing_build import SigningBuild


def image_detail(build: SigningBuild, image: str) -> Path:
    path = build.source / "imageDetail.json"
    path.write_text(json.dumps({"ImageURI": image}))
    return path


def sign_command(result: BuildResult) -> int:
    return result.phase("build").commands[0].exit_code


def test_the_image_of_the_build_is_signed_by_digest_with_the_builds_metadata(
    signing_build: SigningBuild,
) -> None:
    image, repository = signing_build.stage.image, signing_build.stage.repository
    detail = image_detail(signing_build, image.tagged)
    result = signing_build.run("sign", CODEBUILD_RESOLVED_SOURCE_VERSION="c0ffee")
    assert result.succeeded, result.log
    (signature,) = signatures(repository, image)
    payload = json.loads(unpadded(json.loads(envelope(repository, signature))["payload"]))
    target = payload["targetArtifact"]
    assert (target["digest"], target["annotations"]["commit"]) == (image.digest, "c0ffee")
    assert target["annotations"]["build"].startswith("local:")
    assert told(result, "sign") == {image.tagged: "passed"}
    assert told(result, "notation-install").keys() == {
        "notation 1.3.2",
        "com.amazonaws.signer.notation.plugin",
    }
    # Later stages deploy what was signed, not what the tag will mean then.
    assert json.loads(detail.read_text()) == {"ImageURI": image.reference}
    assert json.loads(result.exported["SIGNED_IMAGES"]) == [image.reference]
    assert len(signing_build.stage.aws.asked("SignPayload")) == 1


def test_a_second_build_of_the_same_image_signs_nothing_more(signing_build: SigningBuild) -> None:
    stage = signing_build.stage
    for _ in range(2):
        result = signing_build.run("sign", IMAGE=stage.image.tagged)
        assert result.succeeded, result.log
        assert json.loads(result.exported["SIGNED_IMAGES"]) == [stage.image.reference]
    assert len(signatures(stage.repository, stage.image)) == 1
    assert len(stage.aws.asked("SignPayload")) == 1


def test_every_image_of_imagedefinitions_is_signed(signing_build: SigningBuild) -> None:
    stage = signing_build.stage
    images = [stage.image, stage.repository.push_image(tag="sidecar")]
    path = signing_build.source / "image definitions.json"
    path.write_text(json.dumps([{"name": one.tag, "imageUri": one.tagged} for one in images]))
    result = signing_build.run("sign", IMAGES="image definitions.json")
    assert result.succeeded, result.log
    assert [len(signatures(stage.repository, one)) for one in images] == [1, 1]
    assert [one["imageUri"] for one in json.loads(path.read_text())] == [
        one.reference for one in images
    ]


def test_a_role_that_may_not_sign_fails_the_build_and_the_report_says_what_it_needs(
    signing_build: SigningBuild,
) -> None:
    image = signing_build.stage.image
    signing_build.stage.aws.deny("SignPayload")
    result = signing_build.run("sign", IMAGE=image.tagged)
    assert not result.succeeded
    assert sign_command(result) == 3, result.log
    assert "error: " in told(result, "sign")[image.tagged]
    assert "signer:SignPayload" in result.log
    assert signatures(signing_build.stage.repository, image) == []
    assert "SIGNED_IMAGES" not in result.exported


def test_a_profile_that_was_canceled_signs_nothing(signing_build: SigningBuild) -> None:
    image = signing_build.stage.image
    signing_build.stage.profile.status = "Canceled"
    result = signing_build.run("sign", IMAGE=image.tagged)
    assert sign_command(result) == 1, result.log
    assert "not there, or not active" in told(result, "sign")[image.tagged]
    assert signatures(signing_build.stage.repository, image) == []


def test_a_profile_that_the_configuration_does_not_trust_is_a_wrong_call(
    signing_build: SigningBuild,
) -> None:
    other = signing_build.stage.signer.profile("other")
    image = signing_build.stage.image
    result = signing_build.run("sign", IMAGE=image.tagged, SIGNING_PROFILE=other.arn)
    assert sign_command(result) == 2, result.log
    assert "no root certificates" in result.log
    assert signatures(signing_build.stage.repository, image) == []


def test_without_a_file_of_images_nothing_is_signed(signing_build: SigningBuild) -> None:
    result = signing_build.run("sign")
    assert sign_command(result) == 2, result.log
    assert "imageDetail.json" in "".join(told(result, "sign").values())


def test_an_image_that_looks_like_a_flag_is_none(signing_build: SigningBuild) -> None:
    result = signing_build.run("sign", IMAGE="--no-verify")
    assert sign_command(result) == 2
    assert "begins with a dash" in result.log


@pytest.mark.parametrize(
    ("variable", "wrong"),
    [
        ("BUILDSTEPS_NOTATION_INSTALL_SHA256", "notation"),
        ("SIGNER_PLUGIN_SHA256", "notation-com.amazonaws.signer.notation.plugin"),
    ],
)
def test_an_archive_with_another_checksum_ends_the_build_before_anything_is_signed(
    signing_build: SigningBuild, variable: str, wrong: str
) -> None:
    image = signing_build.stage.image
    result = signing_build.run("sign", IMAGE=image.tagged, **{variable: "0" * 64})
    phases = {phase.name: phase.status for phase in result.phases}
    assert phases == {"install": Status.FAILED, "build": Status.SKIPPED}, result.log
    assert "is not what was meant" in "".join(told(result, "notation-install").values())
    assert result.reports["sign"] == ()
    assert wrong not in signing_build.installed
    assert signatures(signing_build.stage.repository, image) == []
