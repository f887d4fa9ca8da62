"""User and password of ECR by API: they hold for twelve hours."""

import base64
import binascii

from buildsteps.ecr_hosts import PUBLIC_REGION
from buildsteps.steps.signing.registries.errors import malformed
from buildsteps.steps.signing.registries.interface import Credentials
from buildsteps.world.aws import Aws


def private_login(aws: Aws, region: str) -> Credentials:
    """Log in to the private registries of a region (``GetAuthorizationToken``).

    Raises:
        AwsError: AWS refuses.
        RegistryError: its answer holds no credentials.
    """
    answer = aws.call("ecr", "GetAuthorizationToken", {}, region=region)
    entries = answer.get("authorizationData") or [{}]
    return _credentials(entries[0].get("authorizationToken", ""), "ecr")


def public_login(aws: Aws) -> Credentials:
    """Log in to ECR Public; errors as with :func:`private_login`."""
    answer = aws.call("ecr-public", "GetAuthorizationToken", {}, region=PUBLIC_REGION)
    data = answer.get("authorizationData") or {}
    return _credentials(data.get("authorizationToken", ""), "ecr-public")


def _credentials(token: str, service: str) -> Credentials:
    try:
        username, _, password = base64.b64decode(token, validate=True).decode().partition(":")
    except (binascii.Error, ValueError):
        username = password = ""
    if not (username and password):
        raise malformed(f"{service}:GetAuthorizationToken gave no user and password")
    return Credentials(username, password)
