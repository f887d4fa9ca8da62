"""ECR's managed signing: whether a rule signs what is pushed, and whether that has worked.

Sources: the ECR user guide, "Managed signing", and botocore's model ``ecr``
(``GetSigningConfiguration``, ``DescribeImageSigningStatus``).
"""

from enum import StrEnum
from fnmatch import fnmatchcase
from typing import Any

from msgspec import Struct

from buildsteps.ecr_hosts import EcrHost, ecr_host
from buildsteps.errors import WorldError
from buildsteps.image_reference import ImageReference
from buildsteps.steps.signing.registries.errors import NoSuchImageError
from buildsteps.world.aws import Aws, AwsError
from buildsteps.world.clock import Clock
from buildsteps.world.waiting import OutOfTimeError, wait_for

FIRST_PAUSE = 2.0
LONGEST_PAUSE = 15.0

_NO_CONFIGURATION = "SigningConfigurationNotFoundException"
_NOT_THERE = frozenset({"ImageNotFoundException", "RepositoryNotFoundException"})


class ManagedState(StrEnum):
    """How far the signature of one profile is; the words are the API's."""

    IN_PROGRESS = "IN_PROGRESS"
    COMPLETE = "COMPLETE"
    FAILED = "FAILED"


class ManagedStatus(Struct, frozen=True):
    """One signing profile that a rule names for the image; ``code`` and ``reason`` of a failure."""

    profile: str
    state: ManagedState
    code: str = ""
    reason: str = ""


class SigningRule(Struct, frozen=True):
    """A rule of the registry's signing configuration: a profile, for which repositories."""

    profile: str
    filters: tuple[str, ...] = ()

    def covers(self, repository: str) -> bool:
        """Whether what is pushed there is signed; without filters that is every repository."""
        return not self.filters or any(_matches(one, repository) for one in self.filters)


def rules_for(image: ImageReference, aws: Aws) -> tuple[SigningRule, ...]:
    """Give the rules of the image's registry that cover its repository.

    None where the image is not in a private registry of ECR, or nothing is configured there. The
    API tells of the registry of the credentials' own account only, so none where it is another's.

    Raises:
        AwsError: AWS refuses, or does not answer.
    """
    host = ecr_host(image.registry)
    if host is None:
        return ()
    try:
        answer = aws.call("ecr", "GetSigningConfiguration", {}, region=host.region)
    except AwsError as error:
        if error.code == _NO_CONFIGURATION:
            return ()
        raise
    if answer.get("registryId", host.account) != host.account:
        return ()
    rules = (answer.get("signingConfiguration") or {}).get("rules") or ()
    read = tuple(_rule(rule) for rule in rules)
    return tuple(rule for rule in read if rule.covers(image.repository))


def managed_statuses(image: ImageReference, aws: Aws) -> tuple[ManagedStatus, ...]:
    """Ask once how far the signatures of an image, given by digest, are; none: no rule matched.

    Raises:
        NoSuchImageError: ECR does not hold the image.
        WorldError: it is not in a private registry of ECR, or AWS refuses or does not answer.
    """
    host = ecr_host(image.registry)
    if host is None:
        raise WorldError(f"{image}: only private registries of ECR sign what is pushed")
    request = {
        "registryId": host.account,
        "repositoryName": image.repository,
        "imageId": {"imageDigest": image.digest},
    }
    answer = _described(image, request, host, aws)
    return tuple(_status(entry, image) for entry in answer.get("signingStatuses") or ())


def wait_for_managed(
    image: ImageReference, aws: Aws, clock: Clock, limit: float
) -> tuple[ManagedStatus, ...]:
    """Wait until every signature of the image is complete or has failed; none: no rule matched.

    ``limit`` is in seconds.

    Raises:
        OutOfTimeError: some are still in progress; the sentence names their profiles.
        NoSuchImageError, WorldError: as with :func:`managed_statuses`.
    """
    last: tuple[ManagedStatus, ...] = ()

    def ended() -> tuple[ManagedStatus, ...] | None:
        nonlocal last
        last = managed_statuses(image, aws)
        waiting = any(status.state is ManagedState.IN_PROGRESS for status in last)
        return None if waiting else last

    try:
        return wait_for(
            ended,
            f"the managed signature of {image}",
            clock=clock,
            limit=limit,
            first=FIRST_PAUSE,
            longest=LONGEST_PAUSE,
        )
    except OutOfTimeError as error:
        open_ones = [s.profile for s in last if s.state is ManagedState.IN_PROGRESS]
        raise OutOfTimeError(f"{error}: in progress for {', '.join(open_ones)}") from None


def _described(
    image: ImageReference, request: dict[str, Any], host: EcrHost, aws: Aws
) -> dict[str, Any]:
    try:
        return aws.call("ecr", "DescribeImageSigningStatus", request, region=host.region)
    except AwsError as error:
        if error.code in _NOT_THERE:
            raise NoSuchImageError(f"{image}: there is no such image in ECR") from None
        raise


def _status(entry: dict[str, Any], image: ImageReference) -> ManagedStatus:
    try:
        state = ManagedState(entry.get("status", ""))
    except ValueError:
        said = entry.get("status")
        raise WorldError(
            f"{image}: ECR tells a signing status that we do not know: {said}"
        ) from None
    return ManagedStatus(
        entry.get("signingProfileArn", ""),
        state,
        entry.get("failureCode", ""),
        entry.get("failureReason", ""),
    )


def _rule(rule: dict[str, Any]) -> SigningRule:
    filters = tuple(one.get("filter", "") for one in rule.get("repositoryFilters") or ())
    return SigningRule(rule.get("signingProfileArn", ""), filters)


def _matches(pattern: str, repository: str) -> bool:
    """Match a filter of the type WILDCARD_MATCH, whose only special character is ``*``."""
    escaped = "".join(f"[{c}]" if c in "?[" else c for c in pattern)
    return fnmatchcase(repository, escaped)
