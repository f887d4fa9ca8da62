"""Where Security Hub CSPM is: account, Region, partition, and the product that we import as."""

import re

from msgspec import Struct

from buildsteps.errors import WorldError
from buildsteps.world.aws import Aws, AwsError

SERVICE = "securityhub"

_ARN = re.compile(r"arn:([\w-]+):securityhub:([\w-]+):(\d{12}):hub/.+")
_NOT_ENABLED = frozenset({"InvalidAccessException", "ResourceNotFoundException"})
NOT_ENABLED = (
    "Security Hub CSPM is not enabled in this account and Region, so it takes no findings: enable "
    "it, name another Region with --region, or leave --security-hub out"
)


class Hub(Struct, frozen=True, kw_only=True):
    """Security Hub CSPM of one account in one Region."""

    partition: str
    region: str
    account: str

    @property
    def product(self) -> str:
        """The ARN of the account's default product, which custom findings belong to."""
        return (
            f"arn:{self.partition}:securityhub:{self.region}:{self.account}"
            f":product/{self.account}/default"
        )


def hub_of(aws: Aws, region: str) -> Hub:
    """Ask for the hub; its own name tells all that findings need.

    Raises:
        WorldError: it is not enabled, or AWS refused or did not answer.
    """
    try:
        answer = aws.call(SERVICE, "DescribeHub", {}, region=region)
    except AwsError as error:
        raise explained(error) from None
    found = _ARN.fullmatch(str(answer.get("HubArn", "")))
    if found is None:
        raise WorldError("securityhub:DescribeHub gave no ARN of a hub")
    return Hub(partition=found[1], region=found[2], account=found[3])


def explained(error: AwsError) -> WorldError:
    """The error, or the sentence that says what is missing where CSPM is not enabled."""
    if error.code not in _NOT_ENABLED:
        return error
    return WorldError(NOT_ENABLED, detail=error.said)
