"""The trust policy document of the Notary Project, as values.

Source: notaryproject/specifications, ``trust-store-trust-policy.md``, version 1.0.
"""

from typing import Literal

from msgspec import Struct, field

Level = Literal["strict", "permissive", "audit", "skip"]
StoreType = Literal["ca", "signingAuthority", "tsa"]


class SignatureVerification(Struct, frozen=True, rename="camel", omit_defaults=True):
    """How strictly signatures are verified; ``override`` sets single checks to another action."""

    level: Level
    override: dict[str, str] = field(default_factory=dict)
    verify_timestamp: str = ""


class TrustPolicy(Struct, frozen=True, rename="camel", omit_defaults=True, kw_only=True):
    """One statement: for these scopes, who is trusted by which stores.

    ``registry_scopes`` are ``registry/repository`` or ``*``; ``trust_stores`` are ``TYPE:NAME``;
    ``trusted_identities`` are ``x509.subject: ...``, a signing profile's ARN, or ``*``.
    """

    name: str
    registry_scopes: tuple[str, ...]
    signature_verification: SignatureVerification
    trust_stores: tuple[str, ...] = ()
    trusted_identities: tuple[str, ...] = ()


class TrustPolicyDocument(Struct, frozen=True, rename="camel", kw_only=True):
    """The whole of ``trustpolicy.json``."""

    version: str = "1.0"
    trust_policies: tuple[TrustPolicy, ...]
