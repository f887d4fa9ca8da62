"""What notation said, as values: verifications, signatures, warnings."""

import datetime
from enum import StrEnum

from msgspec import Struct, field

from buildsteps.image_reference import ImageReference


class Reason(StrEnum):
    """Why a signature, or an image as a whole, did not verify.

    Told from notation's own per-signature reasons (notation-go 1.3.2, ``verifier/verifier.go``,
    ``notation.go``; notation-core-go 1.3.0, ``signature/errors.go``) and from those of the AWS
    Signer plugin.
    """

    UNSIGNED = "unsigned"
    WRONG_SIGNER = "wrong-signer"
    TAMPERED = "tampered"
    COPIED = "copied"
    MALFORMED = "malformed"
    EXPIRED = "expired"
    CERTIFICATE_EXPIRED = "certificate-expired"
    TIMESTAMP = "timestamp"
    REVOKED = "revoked"
    METADATA = "metadata"
    REVOCATION_UNKNOWN = "revocation-unknown"
    PLUGIN_MISSING = "plugin-missing"
    PLUGIN_FAILED = "plugin-failed"
    TOO_MANY_SIGNATURES = "too-many-signatures"
    NO_TRUST_POLICY = "no-trust-policy"
    WRONG_TRUST_POLICY = "wrong-trust-policy"
    WRONG_TRUST_STORE = "wrong-trust-store"
    NO_SUCH_IMAGE = "no-such-image"
    REGISTRY_UNREACHABLE = "registry-unreachable"
    REGISTRY_REFUSED = "registry-refused"
    REGISTRY_BUSY = "registry-busy"
    REGISTRY_MALFORMED = "registry-malformed"
    SIGNATURE_UNREADABLE = "signature-unreadable"
    BAD_REFERENCE = "bad-reference"
    UNKNOWN = "unknown"


class SignatureFailure(Struct, frozen=True):
    """One signature that did not verify: its manifest's digest, the reason, notation's words."""

    digest: str
    reason: Reason
    message: str


class Warned(Struct, frozen=True):
    """A check that failed and that the trust policy's level only logs.

    ``type`` is notation's: ``authenticity``, ``authenticTimestamp``, ``expiry``, ``revocation``.
    """

    type: str
    reason: Reason
    message: str


class Verification(Struct, frozen=True, kw_only=True):
    """The answer of ``notation verify`` about one image.

    ``verified`` is true where a signature passed under the trust policy; ``digest`` names its
    manifest. ``skipped`` is true where the policy's level is ``skip``: nothing was verified.
    ``digest`` is empty where notation's log does not tell it beyond doubt: then say nothing of who
    signed. ``warnings`` are failed checks that the policy's level lets pass: a gate must look.
    ``reason`` and ``message`` say why not, over all signatures; ``failures`` each of them.
    """

    verified: bool
    digest: str = ""
    skipped: bool = False
    warnings: tuple[Warned, ...] = ()
    failures: tuple[SignatureFailure, ...] = ()
    reason: Reason | None = None
    message: str = ""


class Certificate(Struct, frozen=True):
    """A certificate of a signature's chain, as notation shows it."""

    subject: str
    issuer: str
    fingerprint: str
    expires: str = ""


class Signature(Struct, frozen=True, kw_only=True):
    """A signature as ``notation inspect`` shows it, which *verifies nothing*.

    Trust an entry only where its digest is that of a :class:`Verification` that passed.
    ``signed_at`` and ``expires_at`` are in UTC; ``signed_digest`` is the image it speaks of.
    """

    digest: str
    media_type: str = ""
    algorithm: str = ""
    signed_digest: str = ""
    signed_at: datetime.datetime | None = None
    expires_at: datetime.datetime | None = None
    metadata: dict[str, str] = field(default_factory=dict)
    attributes: dict[str, str] = field(default_factory=dict)
    certificates: tuple[Certificate, ...] = ()

    @property
    def identity(self) -> str:
        """Who signed: the signing profile's version, else the leaf certificate's subject."""
        profile = self.attributes.get("com.amazonaws.signer.signingProfileVersion", "")
        return profile or (self.certificates[0].subject if self.certificates else "")


class Inspection(Struct, frozen=True):
    """The answer of ``notation inspect``; ``skipped`` tells signatures it could not read.

    ``truncated`` says that the limit of signatures was reached, so that there may be more.
    """

    signatures: tuple[Signature, ...]
    skipped: tuple[SignatureFailure, ...] = ()
    truncated: bool = False


class Signed(Struct, frozen=True):
    """A signature was made and pushed; its own digest is in the next :class:`Verification`.

    ``warnings`` are notation's, such as an outdated index of signatures that it could not remove.
    """

    reference: ImageReference
    warnings: tuple[str, ...] = ()
