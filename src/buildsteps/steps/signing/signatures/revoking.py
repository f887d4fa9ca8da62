"""Revoking a signature by AWS Signer (``RevokeSignature``): it verifies nowhere any more."""

import re

from msgspec import Struct

from buildsteps.errors import UsageError
from buildsteps.image_reference import ImageReference
from buildsteps.steps.signing.signatures.stored import StoredSignature
from buildsteps.world.aws import Aws

LONGEST_REASON = 500
"""Of ``RevokeSignature``'s ``reason``, in characters (AWS Signer API reference)."""

_JOB = re.compile(
    r"arn:aws[a-z-]*:signer:(?P<region>[a-z0-9-]+):(?P<owner>[0-9]{12}):/signing-jobs/"
    r"(?P<id>[A-Za-z0-9-]{1,64})",
    re.ASCII,
)


class Job(Struct, frozen=True):
    """A signing job of AWS Signer: its id, the account that owns it, and its region."""

    id: str
    owner: str
    region: str


def job_of(signature: StoredSignature, image: ImageReference) -> Job:
    """Give the job that the signature says it is from.

    Raises:
        UsageError: it says none, or it speaks of another image, whose signature would be revoked.
    """
    claims = signature.claims
    if claims is None:
        raise UsageError(f"it cannot be revoked: {signature.problem}")
    if claims.digest != image.digest:
        raise UsageError(
            "it cannot be revoked: it speaks of another image, so that the signature of that one "
            "would be revoked"
        )
    found = _JOB.fullmatch(claims.job)
    if found is None:
        raise UsageError("it cannot be revoked: it names no signing job of AWS Signer")
    return Job(found["id"], found["owner"], found["region"])


def revoke(job: Job, reason: str, aws: Aws) -> None:
    """Revoke what the job signed, for good.

    Raises:
        AwsError: AWS refuses, or does not answer.
    """
    request = {"jobId": job.id, "jobOwner": job.owner, "reason": reason}
    aws.call("signer", "RevokeSignature", request, region=job.region)
