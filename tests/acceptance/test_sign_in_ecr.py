"""``buildsteps sign`` on ECR: by our own profile, and where ECR signs what is pushed."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from msgspec import Struct

from tests.command_line import Ran, buildsteps
from tests.loopback_aws.server import LoopbackAws, loopback_aws
from tests.loopback_aws.services.ecr import Ecr, ManagedSigning
from tests.loopback_aws.services.signer import Profile, Signer
from tests.real_parts.images import Image, Repository
from tests.real_parts.notation import NotationHome
from tests.real_parts.signatures import signatures
from tests.real_parts.signer_plugin import NAME
from tests.real_parts.stage import SIGNER_STORE


class InEcr(Struct):
    """An image in a registry that is reached as ECR, and AWS Signer."""

    home: NotationHome
    repository: Repository
    image: Image
    ecr: Ecr
    aws: LoopbackAws
    profile: Profile

    @property
    def reference(self) -> str:
        return f"{self.ecr.registry_name()}/{self.repository.name}:{self.image.tag}"

    def sign(self, *arguments: str) -> Ran:
        return buildsteps(
            "sign",
            "--format=json",
            "--insecure-registry",
            self.ecr.registry_name(),
            "--notation",
            str(self.home.program),
            *arguments,
            self.reference,
            cwd=self.home.config,
            environ={**self.home.environment, **self.aws.environment()},
        )

    def sign_as_ecr_does(self) -> None:
        """Put the profile's signature beside the image, as whoever runs the registry."""
        self.home.succeed(
            "sign",
            "--insecure-registry",
            "--plugin",
            NAME,
            "--id",
            self.profile.arn,
            self.image.reference,
            environ=self.aws.environment(),
        )


@pytest.fixture
def in_ecr(signer_home: NotationHome, repository: Repository) -> Iterator[InEcr]:
    signer, ecr = Signer(), Ecr(repository.host)
    profile = signer.profile("delivery")
    signer_home.add_to_store(signer.chain.root.pem, SIGNER_STORE)
    with loopback_aws(signer.service, ecr.service) as aws:
        aws.fronts[ecr.registry_name()] = ecr.forward
        image = repository.push_image(tag="1")
        yield InEcr(signer_home, repository, image, ecr, aws, profile)


def one_case(ran: Ran) -> dict[str, Any]:
    (case,) = ran.report["cases"]
    return {**case, "exit": ran.code}


def test_the_profile_signs_an_image_that_only_its_tag_is_known_of(in_ecr: InEcr) -> None:
    case = one_case(in_ecr.sign("--profile", in_ecr.profile.arn))
    assert (case["exit"], case["outcome"]) == (0, "passed"), case
    assert len(signatures(in_ecr.repository, in_ecr.image)) == 1
    assert in_ecr.image.digest in case["detail"]


def test_managed_signing_is_waited_for_and_its_signature_verified(in_ecr: InEcr) -> None:
    in_ecr.ecr.signing[in_ecr.image.digest] = [
        ManagedSigning(
            in_ecr.profile.arn, ["IN_PROGRESS", "COMPLETE"], then=in_ecr.sign_as_ecr_does
        )
    ]
    case = one_case(in_ecr.sign("--managed", "wait", "--profile", in_ecr.profile.arn))
    assert (case["exit"], case["outcome"]) == (0, "passed"), case
    assert case["message"] == f"signed by ECR with {in_ecr.profile.version_arn}"
    assert len(signatures(in_ecr.repository, in_ecr.image)) == 1


def test_managed_signing_needs_no_notation(in_ecr: InEcr, tmp_path: Path) -> None:
    in_ecr.ecr.signing[in_ecr.image.digest] = [ManagedSigning(in_ecr.profile.arn, ["COMPLETE"])]
    in_ecr.home.program = tmp_path / "nowhere"
    case = one_case(in_ecr.sign("--managed", "wait"))
    assert (case["exit"], case["outcome"]) == (0, "passed"), case


def test_managed_signing_that_failed_stops_with_the_services_words(in_ecr: InEcr) -> None:
    failed = ManagedSigning(
        in_ecr.profile.arn, ["FAILED"], code="AccessDenied", reason="signer:SignPayload"
    )
    in_ecr.ecr.signing[in_ecr.image.digest] = [failed]
    case = one_case(in_ecr.sign("--managed", "wait"))
    assert (case["exit"], case["outcome"], case["kind"]) == (1, "failed", "managed-signing")
    assert "AccessDenied signer:SignPayload" in case["detail"]


def test_no_rule_for_the_repository_stops(in_ecr: InEcr) -> None:
    case = one_case(in_ecr.sign("--managed", "wait"))
    assert (case["exit"], case["kind"]) == (1, "managed-signing")
    assert "no rule" in case["message"]


def test_signing_that_takes_too_long_is_the_worlds_failure(in_ecr: InEcr) -> None:
    in_ecr.ecr.signing[in_ecr.image.digest] = [ManagedSigning(in_ecr.profile.arn, ["IN_PROGRESS"])]
    case = one_case(in_ecr.sign("--managed", "wait", "--wait", "1"))
    assert (case["exit"], case["cause"], case["kind"]) == (3, "world", "managed-signing")
