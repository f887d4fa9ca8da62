from typing import Any

import pytest

from buildsteps.errors import WorldError
from buildsteps.image_reference import parse_reference
from buildsteps.steps.signing.managed import (
    ManagedState,
    ManagedStatus,
    SigningRule,
    managed_statuses,
    rules_for,
    wait_for_managed,
)
from buildsteps.steps.signing.registries.errors import NoSuchImageError
from buildsteps.world.aws import AccessDeniedError, AwsError
from buildsteps.world.waiting import OutOfTimeError
from tests.world_double import ScriptedAws, StillClock

HOST = "111122223333.dkr.ecr.eu-central-1.amazonaws.com"
IMAGE = parse_reference(f"{HOST}/team/web@sha256:{'a' * 64}")
ONE = "arn:aws:signer:eu-central-1:111122223333:/signing-profiles/one"
TWO = "arn:aws:signer:eu-central-1:111122223333:/signing-profiles/two"


def statuses(*states: str) -> dict[str, Any]:
    profiles = (ONE, TWO)
    return {
        "signingStatuses": [
            {"signingProfileArn": profile, "status": state}
            for profile, state in zip(profiles, states, strict=False)
        ]
    }


def configured(*rules: dict[str, Any], account: str = "111122223333") -> ScriptedAws:
    answer = {"registryId": account, "signingConfiguration": {"rules": list(rules)}}
    return ScriptedAws({"ecr:GetSigningConfiguration": answer})


def rule(*filters: str) -> dict[str, Any]:
    listed = [{"filter": one, "filterType": "WILDCARD_MATCH"} for one in filters]
    return {"signingProfileArn": ONE, **({"repositoryFilters": listed} if listed else {})}


@pytest.mark.parametrize(
    ("filters", "covered"),
    [
        ((), True),
        (("team/*",), True),
        (("other/*", "*web"), True),
        (("team/web",), True),
        (("team",), False),
        (("team/we?",), False),
        (("team/[w]eb",), False),
    ],
)
def test_a_rule_covers_the_repositories_of_its_filters(
    filters: tuple[str, ...], covered: bool
) -> None:
    found = rules_for(IMAGE, configured(rule(*filters)))
    assert found == ((SigningRule(ONE, filters),) if covered else ())


def test_without_a_configuration_there_are_no_rules() -> None:
    missing = AwsError("none", "SigningConfigurationNotFoundException")
    assert rules_for(IMAGE, ScriptedAws({"ecr:GetSigningConfiguration": missing})) == ()
    assert rules_for(parse_reference("registry.example/web"), ScriptedAws()) == ()
    assert rules_for(IMAGE, configured(rule(), account="444455556666")) == ()


def test_what_aws_refuses_is_raised() -> None:
    denied = AccessDeniedError("no", "AccessDeniedException")
    with pytest.raises(AccessDeniedError):
        rules_for(IMAGE, ScriptedAws({"ecr:GetSigningConfiguration": denied}))


def test_waiting_ends_when_each_profile_is_complete_or_failed() -> None:
    failed = {
        "signingProfileArn": TWO,
        "status": "FAILED",
        "failureCode": "ACCESS_DENIED",
        "failureReason": "no signer:SignPayload",
    }
    last = {"signingStatuses": [*statuses("COMPLETE")["signingStatuses"], failed]}
    answers = [statuses("IN_PROGRESS", "IN_PROGRESS"), statuses("COMPLETE", "IN_PROGRESS"), last]
    aws = ScriptedAws({"ecr:DescribeImageSigningStatus": answers})
    assert wait_for_managed(IMAGE, aws, StillClock(), 300) == (
        ManagedStatus(ONE, ManagedState.COMPLETE),
        ManagedStatus(TWO, ManagedState.FAILED, "ACCESS_DENIED", "no signer:SignPayload"),
    )
    assert len(aws.calls) == 3


def test_where_no_rule_matched_there_is_nothing_to_wait_for() -> None:
    aws = ScriptedAws({"ecr:DescribeImageSigningStatus": statuses()})
    assert wait_for_managed(IMAGE, aws, StillClock(), 300) == ()


def test_a_signature_that_does_not_come_names_its_profile() -> None:
    aws = ScriptedAws({"ecr:DescribeImageSigningStatus": statuses("COMPLETE", "IN_PROGRESS")})
    clock = StillClock()
    with pytest.raises(OutOfTimeError, match=rf"within 300 seconds: in progress for {TWO}$"):
        wait_for_managed(IMAGE, aws, clock, 300)
    assert clock.slept == 300


def test_an_image_that_is_not_there_is_told_apart() -> None:
    missing = AwsError("none", "ImageNotFoundException")
    with pytest.raises(NoSuchImageError, match="there is no such image in ECR"):
        managed_statuses(IMAGE, ScriptedAws({"ecr:DescribeImageSigningStatus": missing}))


def test_a_status_that_we_do_not_know_is_told_and_not_taken_for_complete() -> None:
    aws = ScriptedAws({"ecr:DescribeImageSigningStatus": statuses("RESTED")})
    with pytest.raises(WorldError, match="a signing status that we do not know: RESTED"):
        managed_statuses(IMAGE, aws)


def test_other_registries_do_not_sign() -> None:
    with pytest.raises(WorldError, match="only private registries of ECR sign"):
        managed_statuses(parse_reference("registry.example/web"), ScriptedAws())
