"""Proof of the plugin and the loopback Signer: notation signs and verifies through both."""

import datetime
from collections.abc import Iterator

import pytest
from msgspec import Struct

from tests.loopback_aws.server import LoopbackAws, loopback_aws
from tests.loopback_aws.services.signer import ACCOUNT, Profile, Signer
from tests.real_parts import signatures
from tests.real_parts.certificates import HOUR, now
from tests.real_parts.images import Image, Repository
from tests.real_parts.notation import NotationHome
from tests.real_parts.signer_plugin import NAME

STORE = "signingAuthority:aws-signer-ts"


class Scene(Struct):
    """notation with the plugin, a Signer that it reaches, a profile that it trusts, an image."""

    home: NotationHome
    aws: LoopbackAws
    signer: Signer
    profile: Profile
    image: Image

    def sign(self, *flags: str, identity: str = "") -> tuple[int, str]:
        key = ["--plugin", NAME, "--id", identity or self.profile.arn]
        return self._run("sign", "--insecure-registry", *key, *flags, self.image.reference)

    def verify(self) -> tuple[int, str]:
        return self._run("verify", "-v", "--insecure-registry", self.image.reference)

    def _run(self, *arguments: str) -> tuple[int, str]:
        done = self.home.run(*arguments, environ=self.aws.environment() | {"AWS_MAX_ATTEMPTS": "1"})
        return done.returncode, done.stdout + done.stderr


@pytest.fixture
def scene(signer_home: NotationHome, repository: Repository) -> Iterator[Scene]:
    signer = Signer()
    profile = signer.profile("delivery")
    signer_home.add_to_store(signer.chain.root.pem, STORE)
    signer_home.trust([profile.arn], stores=[STORE])
    with loopback_aws(signer.service) as aws:
        yield Scene(signer_home, aws, signer, profile, repository.push_image())


def signed(scene: Scene) -> Scene:
    code, said = scene.sign()
    assert code == 0, said
    return scene


def test_what_signer_signed_verifies(scene: Scene) -> None:
    code, said = signed(scene).verify()
    assert code == 0, said
    [asked] = scene.aws.asked("GetRevocationStatus")
    assert asked.host == "verification.aws.test"
    assert asked.scope.service == "signer"
    assert asked.parameters["profileVersionArn"] == scene.profile.version_arn
    assert len(asked.parameters["certificateHashes"]) == 2


def test_a_version_of_the_profile_is_an_identity_but_no_key(scene: Scene) -> None:
    signed(scene).home.trust([scene.profile.version_arn], stores=[STORE])
    assert scene.verify()[0] == 0
    code, said = scene.sign(identity=scene.profile.version_arn)
    assert code == 1, said
    assert len(scene.aws.asked("SignPayload")) == 1


def test_another_profile_is_not_trusted(scene: Scene) -> None:
    other = f"arn:aws:signer:eu-central-1:{ACCOUNT}:/signing-profiles/other"
    signed(scene).home.trust([other], stores=[STORE])
    code, said = scene.verify()
    assert code == 1
    assert "trusted identify verification by plugin" in said
    assert "Signature publisher doesn't match any trusted identities" in said


def test_any_signer_is_refused_as_an_identity_at_every_level(scene: Scene) -> None:
    signed(scene).home.trust(["*"], stores=[STORE], level="audit")
    code, said = scene.verify()
    assert code == 1
    assert f"failed to verify with plugin {NAME}" in said


def test_a_revoked_job_is_told_with_its_arn(scene: Scene) -> None:
    [job] = signed(scene).signer.jobs
    scene.signer.revoked.add(job)
    code, said = scene.verify()
    assert code == 1
    assert "revocation check by verification plugin" in said
    assert f"Resource(s) {job} have been revoked." in said


def test_a_revoked_profile_and_certificate_are_told(scene: Scene) -> None:
    signed(scene).profile.revoked_from = now() - HOUR
    scene.signer.revoke_certificates()
    said = scene.verify()[1]
    assert f"Resource(s) {scene.profile.version_arn} have been revoked." in said
    assert "Certificate(s) have been revoked." in said


@pytest.mark.parametrize("fault", ["deny", "throttle", "break_down", "expire"])
def test_a_revocation_unanswered_reads_like_one_that_failed(scene: Scene, fault: str) -> None:
    signed(scene)
    if fault == "expire":
        scene.aws.expire_credentials()
    else:
        getattr(scene.aws, fault)("GetRevocationStatus")
    code, said = scene.verify()
    assert code == 1
    assert "GetRevocationStatus call failed with error" in said


def test_a_revocation_unanswered_is_green_where_the_level_is_permissive(scene: Scene) -> None:
    signed(scene).home.trust([scene.profile.arn], stores=[STORE], level="permissive")
    scene.aws.deny("GetRevocationStatus")
    code, said = scene.verify()
    assert code == 0
    assert 'Warning: revocation was set to "log" and failed with error:' in said


def test_a_signature_expires_when_its_profile_says(scene: Scene) -> None:
    scene.profile.validity = datetime.timedelta(hours=1)
    scene.signer.signed_at = now() - 2 * HOUR
    code, said = scene.sign()
    assert code == 0, said
    assert "digital signature has expired on" in scene.verify()[1]


def test_signing_is_refused_in_the_words_of_the_service(scene: Scene) -> None:
    missing = scene.profile.arn.replace("delivery", "nobody")
    code, said = scene.sign(identity=missing)
    assert code == 1
    assert "Failed to call AWSSigner. Error: Signing profile not found" in said
    scene.aws.deny("SignPayload")
    assert "is not authorized to perform: SignPayload" in scene.sign()[1]


def test_metadata_beyond_the_limit_of_the_service_is_refused(scene: Scene) -> None:
    code, said = scene.sign("-m", f"note={'x' * 5000}")
    assert code == 1
    assert "Member must have length less than or equal to 4096" in said


def test_neither_an_expiry_nor_cose_is_taken(scene: Scene) -> None:
    assert "--expiry" in scene.sign("-e", "24h")[1]
    assert (
        'envelope type "application/cose" is not supported'
        in scene.sign("--signature-format", "cose")[1]
    )


def test_the_region_is_that_of_the_configuration(scene: Scene) -> None:
    code, said = scene.sign("--plugin-config", "aws-region=us-east-1")
    assert code == 1
    assert "Signing profile not found" in said
    assert scene.aws.asked("SignPayload")[-1].scope.region == "us-east-1"


def test_a_copied_and_a_tampered_signature_are_told_apart(
    scene: Scene, repository: Repository
) -> None:
    [signature] = signatures.signatures(repository, signed(scene).image)
    other = repository.push_image()
    signatures.copy_signature(repository, signature, other)
    signatures.tamper(repository, scene.image, signature, signatures.change_signature)
    assert "signature is invalid" in scene.verify()[1]
    scene.image = other
    assert "content descriptor mismatch" in scene.verify()[1]
