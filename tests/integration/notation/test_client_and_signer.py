"""The wrapper with the AWS Signer plugin: what a caller gets of Signer's answers."""

import datetime
from collections.abc import Iterator
from typing import Any

import pytest
from msgspec import Struct

from buildsteps.notation import (
    SIGNER_PLUGIN,
    Configuration,
    Notation,
    PluginKey,
    Reason,
    SigningError,
    SigningReason,
    Verification,
)
from tests.loopback_aws.server import LoopbackAws, loopback_aws
from tests.loopback_aws.services.signer import Profile, Signer
from tests.real_parts.images import Image, Repository
from tests.real_parts.notation import NotationHome

STORE = "signingAuthority:aws-signer-ts"


class Scene(Struct):
    """notation with the plugin, a Signer that it reaches, a profile that it trusts, an image."""

    home: NotationHome
    aws: LoopbackAws
    signer: Signer
    profile: Profile
    image: Image

    @property
    def notation(self) -> Notation:
        """Reads the environment each time, since credentials may have ended."""
        return Notation(
            self.home.program,
            configuration=Configuration(self.home.config, self.home.libexec, self.home.cache),
            environ=self.home.environment | self.aws.environment() | {"AWS_MAX_ATTEMPTS": "1"},
        )

    def sign(self, identity: str = "", **settings: Any) -> None:
        key = PluginKey(SIGNER_PLUGIN, identity or self.profile.arn)
        self.notation.sign(self.image.reference, key, insecure=True, **settings)

    def verify(self) -> Verification:
        return self.notation.verify(self.image.reference, insecure=True)


@pytest.fixture
def scene(signer_home: NotationHome, repository: Repository) -> Iterator[Scene]:
    signer = Signer()
    profile = signer.profile("delivery")
    signer_home.add_to_store(signer.chain.root.pem, STORE)
    signer_home.trust([profile.arn], stores=[STORE])
    with loopback_aws(signer.service) as aws:
        yield Scene(signer_home, aws, signer, profile, repository.push_image())


def test_the_profile_that_signed_is_told(scene: Scene) -> None:
    scene.sign()
    answer = scene.verify()
    [signature] = scene.notation.inspect(scene.image.reference, insecure=True).signatures
    assert (answer.verified, answer.digest) == (True, signature.digest)
    assert signature.identity == scene.profile.version_arn


def test_another_profile_is_a_wrong_signer(scene: Scene) -> None:
    scene.sign()
    scene.home.trust([f"{scene.profile.arn}2"], stores=[STORE])
    assert scene.verify().reason is Reason.WRONG_SIGNER


def test_a_revoked_signature_is_told_from_a_signer_that_does_not_answer(scene: Scene) -> None:
    scene.sign()
    [job] = scene.signer.jobs
    scene.signer.revoked.add(job)
    assert scene.verify().reason is Reason.REVOKED
    scene.aws.deny("GetRevocationStatus")
    assert scene.verify().reason is Reason.REVOCATION_UNKNOWN


def test_a_signer_that_does_not_answer_is_a_warning_at_level_permissive(scene: Scene) -> None:
    scene.sign()
    scene.home.trust([scene.profile.arn], stores=[STORE], level="permissive")
    scene.aws.deny("GetRevocationStatus")
    answer = scene.verify()
    assert answer.verified
    assert [(one.type, one.reason) for one in answer.warnings] == [
        ("revocation", Reason.REVOCATION_UNKNOWN)
    ]


def test_the_plugin_refuses_any_signer_and_says_so(scene: Scene) -> None:
    scene.sign()
    scene.home.trust(["*"], stores=[STORE])
    assert scene.verify().reason is Reason.PLUGIN_FAILED


@pytest.mark.parametrize(
    ("fault", "reason"),
    [
        ("deny", SigningReason.ACCESS_DENIED),
        ("throttle", SigningReason.THROTTLED),
        ("expire", SigningReason.NO_CREDENTIALS),
        ("nobody", SigningReason.BAD_PROFILE),
        ("version", SigningReason.BAD_PROFILE),
    ],
)
def test_signing_fails_with_signers_reason(scene: Scene, fault: str, reason: SigningReason) -> None:
    identity = scene.profile.arn
    if fault == "expire":
        scene.aws.expire_credentials()
    elif fault == "nobody":
        identity = identity.replace("delivery", "nobody")
    elif fault == "version":
        identity = scene.profile.version_arn
    else:
        getattr(scene.aws, fault)("SignPayload")
    with pytest.raises(SigningError) as caught:
        scene.sign(identity)
    assert caught.value.reason is reason, caught.value


@pytest.mark.parametrize(
    ("settings", "reason"),
    [
        ({"expiry": datetime.timedelta(hours=1)}, SigningReason.EXPIRY_REFUSED),
        ({"signature_format": "cose"}, SigningReason.FORMAT_REFUSED),
        ({"metadata": {"note": "x" * 4000}}, SigningReason.PAYLOAD_TOO_LARGE),
    ],
)
def test_what_signer_does_not_take_is_told(
    scene: Scene, settings: dict[str, Any], reason: SigningReason
) -> None:
    with pytest.raises(SigningError) as caught:
        scene.sign(**settings)
    assert caught.value.reason is reason, caught.value
