"""Who may have signed: signing profiles by ARN, certificates by subject."""

import re

from msgspec import Struct

SIGNER_STORE = "aws-signer-ts"
"""The trust store that AWS's installer of the Signer plugin makes (AWS Signer Developer Guide)."""

WILDCARD = "*"
SUBJECT = "x509.subject:"

_PROFILE = re.compile(
    r"arn:(?P<partition>aws[a-z-]*):signer:(?P<region>[a-z0-9-]+):(?P<account>[0-9]{12}):"
    r"/signing-profiles/(?P<name>[A-Za-z0-9_]{2,64})(?:/(?P<version>[A-Za-z0-9]{10}))?",
    re.ASCII,
)
_SUBJECT_PART = re.compile(r"(?:^|,)\s*([A-Za-z]+)\s*=")
_REQUIRED_PARTS = frozenset({"C", "ST", "O"})


class Profile(Struct, frozen=True):
    """A signing profile of AWS Signer; ``version`` is empty where any version is meant."""

    partition: str
    region: str
    account: str
    name: str
    version: str = ""

    def __str__(self) -> str:
        version = f"/{self.version}" if self.version else ""
        return (
            f"arn:{self.partition}:signer:{self.region}:{self.account}:"
            f"/signing-profiles/{self.name}{version}"
        )


def parse_profile(text: str) -> Profile | None:
    """The profile of an ARN, or None; the grammar is that of Signer's API (ProfileName, Arn)."""
    found = _PROFILE.fullmatch(text)
    if found is None:
        return None
    return Profile(
        found["partition"], found["region"], found["account"], found["name"], found["version"] or ""
    )


def identity_mistake(identity: str) -> str:
    """What is wrong with an identity, in a clause; empty where nothing is."""
    if identity == WILDCARD or parse_profile(identity):
        return ""
    if identity.startswith("arn:"):
        return _arn_mistake(identity)
    if identity.startswith(SUBJECT):
        return _subject_mistake(identity.removeprefix(SUBJECT))
    return "is neither a signing profile's ARN nor `x509.subject: ...` nor `*`"


def _arn_mistake(arn: str) -> str:
    parts = arn.split(":", 5)
    if len(parts) < 6 or parts[2] != "signer":
        return "is no ARN of AWS Signer"
    if not re.fullmatch(r"[0-9]{12}", parts[4], re.ASCII):
        return "has no account of twelve digits"
    if not parts[3]:
        return "names no region"
    if not parts[5].startswith("/signing-profiles/"):
        return "must go on with `/signing-profiles/NAME` after the account"
    return "ends with no name of a signing profile, or no version of ten characters"


def _subject_mistake(subject: str) -> str:
    parts = {part.upper() for part in _SUBJECT_PART.findall(subject)}
    missing = sorted(_REQUIRED_PARTS - (parts | ({"ST"} if "S" in parts else set())))
    if missing:
        return f"must name {', '.join(missing)} (a trust policy's subject needs C, ST and O)"
    return ""
