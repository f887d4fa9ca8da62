"""ECR's managed signing as boto3 tells it."""

from collections.abc import Iterator

import pytest

from buildsteps.image_reference import ImageReference, parse_reference
from buildsteps.steps.signing.managed import ManagedState, rules_for, wait_for_managed
from buildsteps.world.aws_sdk import SystemAws
from tests.loopback_aws.server import LoopbackAws, loopback_aws
from tests.loopback_aws.services.ecr import Ecr, ManagedSigning
from tests.real_parts.images import Repository
from tests.world_double import StillClock

PROFILE = "arn:aws:signer:eu-central-1:123456789012:/signing-profiles/delivery"


@pytest.fixture
def ecr(registry_host: str) -> Ecr:
    return Ecr(registry_host)


@pytest.fixture
def aws(ecr: Ecr, monkeypatch: pytest.MonkeyPatch) -> Iterator[LoopbackAws]:
    with loopback_aws(ecr.service) as running:
        for name, value in running.environment().items():
            monkeypatch.setenv(name, value)
        yield running


@pytest.fixture
def image(ecr: Ecr, repository: Repository) -> ImageReference:
    pushed = repository.push_image()
    return parse_reference(f"{ecr.registry_name()}/{repository.name}@{pushed.digest}")


def test_a_rule_is_found_and_its_signature_waited_for(
    aws: LoopbackAws, ecr: Ecr, image: ImageReference
) -> None:
    assert rules_for(image, SystemAws("test")) == ()
    matching = {"filter": "team/*", "filterType": "WILDCARD_MATCH"}
    ecr.configuration = {"rules": [{"signingProfileArn": PROFILE, "repositoryFilters": [matching]}]}
    (rule,) = rules_for(image, SystemAws("test"))
    assert rule.profile == PROFILE
    ecr.signing[image.digest] = [
        ManagedSigning(PROFILE, ["IN_PROGRESS", "IN_PROGRESS", "COMPLETE"])
    ]
    (status,) = wait_for_managed(image, SystemAws("test"), StillClock(), 300)
    assert (status.profile, status.state) == (PROFILE, ManagedState.COMPLETE)
    assert len(aws.asked("DescribeImageSigningStatus")) == 3


def test_a_failure_has_its_code_and_reason(
    aws: LoopbackAws, ecr: Ecr, image: ImageReference
) -> None:
    failed = ManagedSigning(PROFILE, ["FAILED"], code="AccessDenied", reason="no SignPayload")
    ecr.signing[image.digest] = [failed]
    (status,) = wait_for_managed(image, SystemAws("test"), StillClock(), 300)
    assert (status.state, status.code, status.reason) == (
        ManagedState.FAILED,
        "AccessDenied",
        "no SignPayload",
    )
    assert aws.broken == []
