"""``buildsteps sign`` with the real notation: once, verified, and what goes wrong."""

import json
from typing import Any

import pytest

from buildsteps.notation.keys import SIGNER_PLUGIN
from tests.command_line import Ran, buildsteps
from tests.real_parts.certificates import Chain, issue
from tests.real_parts.images import Repository
from tests.real_parts.signatures import envelope, signatures, unpadded
from tests.real_parts.stage import Stage
from tests.signing_project import Project


@pytest.fixture
def project(project: Project, ours: Chain) -> Project:
    """The project, with a key of ours called ``mine``."""
    project.home.add_key("mine", ours.leaf.key_pem, ours.pem)
    return project


def one_case(ran: Ran) -> dict[str, Any]:
    (case,) = ran.report["cases"]
    return {**case, "exit": ran.code}


MINE = ("--format", "json", "--key", "mine")


def signed_metadata(project: Project, signature: str) -> dict[str, str]:
    """What a signature's payload says beside the image."""
    payload = json.loads(unpadded(json.loads(envelope(project.repository, signature))["payload"]))
    found: dict[str, str] = payload["targetArtifact"].get("annotations", {})
    return found


def test_an_image_is_signed_once_and_verified(project: Project, ours: Chain) -> None:
    image = project.repository.push_image(tag="1")
    case = one_case(project.sign(*MINE, image.tagged))
    assert (case["exit"], case["outcome"]) == (0, "passed")
    assert case["message"].startswith("signed by CN=ours")
    (signature,) = signatures(project.repository, image)
    assert f"signature {signature}" in case["detail"]
    project.trust(ours)
    assert project.case(image.tagged)["outcome"] == "passed"

    again = one_case(project.sign(*MINE, image.tagged))
    assert again["message"].startswith("already signed by CN=ours")
    assert signatures(project.repository, image) == [signature]

    forced = one_case(project.sign(*MINE, "--force", image.tagged))
    assert forced["outcome"] == "passed"
    assert len(signatures(project.repository, image)) == 2


def test_both_kinds_of_registry_hold_the_signature(
    project: Project, any_repository: Repository
) -> None:
    project.repository = any_repository
    image = any_repository.push_image(tag="1")
    assert one_case(project.sign(*MINE, image.tagged))["outcome"] == "passed"
    assert len(signatures(any_repository, image)) == 1


def test_the_builds_metadata_is_signed_with_the_users(project: Project) -> None:
    image = project.repository.push_image(tag="1")
    environ = {"CODEBUILD_RESOLVED_SOURCE_VERSION": "abc", "CODEBUILD_BUILD_ID": "p:7"}
    ran = project.sign(*MINE, "--metadata", "stage=test", image.tagged, environ=environ)
    assert ran.code == 0
    (signature,) = signatures(project.repository, image)
    found = signed_metadata(project, signature)
    assert (found["commit"], found["build"], found["stage"]) == ("abc", "p:7", "test")
    other = project.repository.push_image(tag="2")
    assert project.sign(*MINE, "--no-build-metadata", other.tagged, environ=environ).code == 0
    assert signed_metadata(project, signatures(project.repository, other)[0]) == {}


def test_metadata_that_the_call_names_is_in_the_signature_that_counts(project: Project) -> None:
    image = project.repository.push_image(tag="1")
    assert project.sign(*MINE, image.tagged).code == 0
    for expected in ("signed by", "already signed by"):
        case = one_case(project.sign(*MINE, "--metadata", "stage=prod", image.tagged))
        assert case["message"].startswith(expected)
        assert "metadata  stage=prod" in case["detail"]
    assert len(signatures(project.repository, image)) == 2
    other = {"CODEBUILD_BUILD_ID": "another:8"}
    again = one_case(project.sign(*MINE, image.tagged, environ=other))
    assert again["message"].startswith("already signed by")


def test_a_warning_that_the_configuration_accepts_does_not_undo_a_signature(
    stage: Stage,
) -> None:
    stage.aws.deny("GetRevocationStatus")
    store = next((stage.home.config / "truststore/x509/signingAuthority/aws-signer-ts").iterdir())
    trust = {
        "identities": [stage.profile.arn],
        "stores": ["signer"],
        "level": "permissive",
        "accept_warnings": ["revocation"],
    }
    stores = {"signer": {"type": "signingAuthority", "certificates": [str(store)]}}
    path = stage.home.config / "buildsteps.yaml"
    key = ("--plugin", SIGNER_PLUGIN, "--id", stage.profile.arn)
    path.write_text(json.dumps({"signing": {"trust": {"ours": trust}, "stores": stores}}))
    case = one_case(sign_by_profile(stage, *key))
    assert (case["exit"], case["outcome"]) == (0, "passed"), case
    assert one_case(sign_by_profile(stage, *key))["message"].startswith("already signed")


def test_the_signature_of_another_key_under_the_same_root_does_not_count_as_ours(
    project: Project, ours: Chain
) -> None:
    image = project.repository.push_image(tag="1")
    project.home.sign_locally(image.reference, Chain(issue(ours.root, "sibling"), ours.root))
    case = one_case(project.sign(*MINE, image.tagged))
    assert case["outcome"] == "passed"
    assert not case["message"].startswith("already")
    assert len(signatures(project.repository, image)) == 2


def test_recursive_signs_each_platform_too(project: Project, ours: Chain) -> None:
    index = project.repository.push_index(tag="1")
    ran = project.sign(*MINE, "--recursive", index.tagged)
    assert ran.code == 0
    assert len(ran.report["cases"]) == 1 + len(index.platforms)
    assert all(signatures(project.repository, one) for one in (index, *index.platforms))
    assert not any(signatures(project.repository, one) for one in index.attestations)
    project.trust(ours)
    assert project.verify("--platforms", "all", index.tagged).code == 0


def test_two_references_to_one_digest_are_signed_once(project: Project) -> None:
    image = project.repository.push_image(tag="1")
    project.repository.retag("2", image)
    other = f"{project.repository.path}:2"
    ran = project.sign(*MINE, image.tagged, other, image.reference)
    assert ran.code == 0
    assert len(ran.report["cases"]) == 3
    assert len(signatures(project.repository, image)) == 1
    assert set(ran.report["facts"]["digests"].values()) == {image.digest}
    assert ran.report["facts"]["signed"] == [image.reference]


def test_what_was_signed_is_written_by_digest_into_the_file_that_names_it(
    project: Project,
) -> None:
    image = project.repository.push_image(tag="1")
    detail = project.folder / "imageDetail.json"
    detail.write_text(json.dumps({"ImageURI": image.tagged}))
    ran = project.sign("--key", "mine", "--from", "imageDetail.json", "--write-digests")
    assert ran.code == 0
    assert json.loads(detail.read_text()) == {"ImageURI": image.reference}
    assert "1 digest written to imageDetail.json" in ran.out


def test_nothing_is_written_where_one_image_was_not_signed(project: Project) -> None:
    image = project.repository.push_image(tag="1")
    detail = project.folder / "imageDetail.json"
    detail.write_text(json.dumps({"ImageURI": image.tagged}))
    missing = f"{project.repository.path}:nothing"
    ran = project.sign("--key", "mine", "--from", "imageDetail.json", "--write-digests", missing)
    assert ran.code == 1
    assert json.loads(detail.read_text()) == {"ImageURI": image.tagged}


def test_many_images_at_once_are_all_signed(project: Project, tag_schema_host: str) -> None:
    project.repository = Repository(tag_schema_host, "team/many")
    images = [project.repository.push_image(tag=f"v{number}") for number in range(8)]
    assert project.sign(*MINE, *(one.tagged for one in images)).code == 0
    assert [len(signatures(project.repository, one)) for one in images] == [1] * 8


def test_a_dry_run_signs_nothing_and_says_what_it_would(project: Project) -> None:
    image = project.repository.push_image(tag="1")
    ran = project.sign("--key", "mine", "--dry-run", image.tagged)
    assert (ran.code, ran.out) == (0, f"{image.tagged}: would be signed by mine\n")
    assert signatures(project.repository, image) == []
    assert project.sign("--key", "mine", image.tagged).code == 0
    ran = project.sign("--key", "mine", "--dry-run", image.tagged)
    assert "already signed by CN=ours" in ran.out


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (("r.test/a",), "no key is named"),
        (("--key", "mine", "--profile", "x", "r.test/a"), "exclude each other"),
        (("--key", "mien", "r.test/a"), "Did you mean `mine`"),
        (("--plugin", "x", "r.test/a"), "--plugin and --id go together"),
        (("--profile", "arn:aws:signer:x", "r.test/a"), "is no ARN of AWS Signer"),
        (("--key", "mine"), "no image was given"),
        (("--key", "mine", "--dry-run"), "no image was given"),
        (("--key", "mine", "--metadata", "x", "r.test/a"), "--metadata takes KEY=VALUE"),
        (("--key", "mine", "--expiry", "x", "r.test/a"), "--expiry takes"),
        (("--key", "mine", "--", "-x"), "begins with a dash"),
        (("--key", "mine", "--write-digests", "r.test/a"), "into a file of --from"),
        (("--key", "mine", "--write-digests", "--dry-run", "r.test/a"), "--dry-run signs nothing"),
        (("--plugin", "x", "--id", "y", "r.test/a"), "nobody is trusted"),
    ],
)
def test_a_wrong_call_is_told_and_signs_nothing(
    project: Project, arguments: tuple[str, ...], told: str
) -> None:
    ran = project.sign(*arguments)
    assert ran.code == 2, ran
    assert told in ran.out + ran.err


def test_an_image_that_is_not_there_cannot_be_signed(project: Project) -> None:
    case = one_case(project.sign(*MINE, f"{project.repository.path}:nothing"))
    assert (case["exit"], case["kind"], case["cause"]) == (1, "no-such-image", "subject")


def sign_by_profile(stage: Stage, *arguments: str) -> Ran:
    return buildsteps(
        "sign",
        "--format",
        "json",
        "--insecure-registry",
        stage.repository.host,
        "--notation",
        str(stage.home.program),
        *arguments,
        stage.image.tagged,
        cwd=stage.home.config,
        environ={**stage.home.environment, **stage.environ},
    )


def test_a_profile_signs_in_its_own_region_and_again_is_not_needed(stage: Stage) -> None:
    case = one_case(sign_by_profile(stage, "--profile", stage.profile.arn))
    assert (case["exit"], case["outcome"]) == (0, "passed"), case
    assert f"signed by {stage.profile.version_arn}" in case["message"]
    (call,) = stage.aws.asked("SignPayload")
    assert call.scope.region == stage.profile.region
    again = one_case(sign_by_profile(stage, "--profile", stage.profile.arn))
    assert again["message"].startswith("already signed")
    assert len(stage.aws.asked("SignPayload")) == 1


def test_metadata_that_the_service_would_refuse_never_reaches_it(stage: Stage) -> None:
    big = f"k={'x' * 4096}"
    case = one_case(sign_by_profile(stage, "--profile", stage.profile.arn, "--metadata", big))
    assert (case["exit"], case["cause"]) == (1, "subject")
    assert "AWS Signer signs at most 4,096" in case["detail"]
    assert case["kind"] == "payload-too-large"
    assert stage.aws.asked("SignPayload") == []


def test_a_role_that_may_not_sign_is_the_worlds_failure(stage: Stage) -> None:
    stage.aws.deny("SignPayload")
    case = one_case(sign_by_profile(stage, "--profile", stage.profile.arn))
    assert (case["exit"], case["kind"], case["cause"]) == (3, "access-denied", "world")
    assert "signer:SignPayload" in case["detail"]


def test_without_a_root_certificate_it_says_so_before_it_signs(stage: Stage) -> None:
    (root,) = (stage.home.config / "truststore/x509/signingAuthority/aws-signer-ts").iterdir()
    root.unlink()
    ran = sign_by_profile(stage, "--profile", stage.profile.arn)
    assert ran.code == 2
    assert "no root certificates" in ran.err
    assert "--no-verify" in ran.err
    case = one_case(sign_by_profile(stage, "--profile", stage.profile.arn, "--no-verify"))
    assert case["message"].startswith("signed, not verified, by")


def test_a_profile_version_cannot_sign(stage: Stage) -> None:
    ran = sign_by_profile(stage, "--profile", stage.profile.version_arn)
    assert ran.code == 2
    assert "names a version" in ran.err


def test_an_image_that_may_stay_unsigned_is_left_alone_and_shown(project: Project) -> None:
    ours, side = (project.repository.push_image(tag=tag) for tag in ("1", "side"))
    acceptance = {"rule": "unsigned", "image": side.tagged, "reason": "public"}
    (project.folder / "buildsteps.yaml").write_text(json.dumps({"accept": [acceptance]}))
    ran = project.sign("--key", "mine", ours.tagged, side.tagged)
    assert ran.code == 0
    assert f"exempt: {side.tagged}: public" in ran.out
    assert "1 passed, 1 skipped" in ran.out
    assert signatures(project.repository, side) == []
    assert project.sign("--key", "mine", side.tagged).code == 2


def test_a_notation_that_is_not_there_is_a_wrong_call(project: Project) -> None:
    image = project.repository.push_image(tag="1")
    ran = project.sign("--key", "mine", "--notation", "/nowhere", image.tagged)
    assert (ran.code, "there is no file `/nowhere`" in ran.err) == (2, True)
