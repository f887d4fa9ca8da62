"""Which hosts are Amazon ECR's, and what their names say."""

import re

from msgspec import Struct

PUBLIC_HOST = "public.ecr.aws"
PUBLIC_REGION = "us-east-1"
"""Where the API of ECR Public is (ECR Public user guide, "Registry authentication")."""

_PRIVATE = re.compile(
    r"(?P<account>[0-9]{12})\.dkr[.-]ecr(?P<fips>-fips)?\.(?P<region>[a-z]{2,}(?:-[a-z]+)+-[0-9]+)"
    r"\.(?:amazonaws\.com(?:\.cn)?|amazonaws\.eu|on\.aws|on\.amazonwebservices\.com\.cn)",
    re.ASCII,
)


class EcrHost(Struct, frozen=True):
    """A private registry: the account that owns it, and its region."""

    account: str
    region: str
    fips: bool = False


def ecr_host(host: str) -> EcrHost | None:
    """Read the name of a private registry of ECR; None where it is none.

    The names are those of the ECR user guide, "Private registry authentication" and "Dual-stack
    endpoints". The whole name counts: what only ends in one belongs to somebody else.
    """
    found = _PRIVATE.fullmatch(host)
    if found is None:
        return None
    return EcrHost(found["account"], found["region"], fips=bool(found["fips"]))
