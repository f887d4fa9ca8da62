"""The ``signing:`` section of ``buildsteps.yaml``: whom we trust, and by which certificates."""

from typing import Annotated, Literal

from msgspec import Struct

from buildsteps.notation.trust_policy import Level, StoreType
from buildsteps.options import option

WarningClass = Literal["authenticity", "authenticTimestamp", "expiry", "revocation"]


class TrustStore(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Root certificates that one kind of signature is checked against."""

    type: Annotated[
        StoreType, option("`ca`, `signingAuthority` (AWS Signer) or `tsa` (time stamps).")
    ] = "ca"
    certificates: Annotated[
        tuple[str, ...], option("Certificates, PEM or DER; files or globs.", path="path")
    ]


class Trust(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Who may have signed the images of some repositories."""

    identities: Annotated[
        tuple[str, ...],
        option("Signing profile ARNs, `x509.subject: ...`, or `*` (any of the stores)."),
    ]
    stores: Annotated[tuple[str, ...], option("Names under `signing: stores`.")] = ()
    scopes: Annotated[
        tuple[str, ...],
        option("`registry/repository`, with `*` at its end for all that begin so; `*` for all."),
    ] = ("*",)
    level: Annotated[Level, option("How strict: `strict`, `permissive`, `audit`.")] = "strict"
    override: Annotated[
        dict[str, Literal["enforce", "log", "skip"]],
        option("Another action for one check, such as `revocation: skip`."),
    ] = {}
    accept_warnings: Annotated[
        tuple[WarningClass, ...],
        option("Failed checks that the level only logs, and that may pass."),
    ] = ()
    timestamp: Annotated[
        Literal["", "always", "afterCertExpiry"],
        option("When time stamps are verified."),
    ] = ""
