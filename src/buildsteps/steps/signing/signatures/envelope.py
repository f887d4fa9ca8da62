"""What a signature says of itself. Nothing here is verified: anybody may write anything.

The source is notaryproject/specifications, ``signature-envelope-jws.md`` (flattened JWS, RFC 7515).
"""

import base64
import binascii
from typing import Any

import msgspec
from msgspec import Struct

from buildsteps.reporting.text import clipped, printable
from buildsteps.steps.signing.signatures.certificate_subject import subject_of

JWS_TYPE = "application/jose+json"
COSE_TYPE = "application/cose"
LONGEST = 300

_PROFILE = "com.amazonaws.signer.signingProfileVersion"
_JOB = "com.amazonaws.signer.signingJob"
_SCHEME = "io.cncf.notary.signingScheme"
_TIMES = ("io.cncf.notary.authenticSigningTime", "io.cncf.notary.signingTime")
_EXPIRY = "io.cncf.notary.expiry"


class Claims(Struct, frozen=True, kw_only=True):
    """What an envelope says, as text for people; empty where it says nothing.

    ``subject`` is the leaf certificate's, ``profile`` the signing profile's version and ``job`` the
    signing job of AWS Signer (ARNs); ``digest`` is the image that it speaks of. Times are RFC 3339.
    """

    subject: str = ""
    profile: str = ""
    job: str = ""
    scheme: str = ""
    signed_at: str = ""
    expires_at: str = ""
    digest: str = ""

    @property
    def identity(self) -> str:
        """Who signed, as it says: the profile's version, else the certificate's subject."""
        return self.profile or self.subject


class _Header(Struct, frozen=True):
    x5c: list[str] = []


class _Envelope(Struct, frozen=True):
    payload: str
    protected: str
    header: _Header = _Header()


class _Target(Struct, frozen=True):
    digest: str = ""


class _Payload(Struct, frozen=True, rename="camel"):
    target_artifact: _Target = _Target()


def claims_of(envelope: bytes) -> Claims:
    """Read a JWS envelope.

    Raises:
        ValueError: it is none.
    """
    try:
        outer = msgspec.json.decode(envelope, type=_Envelope)
        protected = msgspec.json.decode(_unpadded(outer.protected), type=dict[str, Any])
        payload = msgspec.json.decode(_unpadded(outer.payload), type=_Payload)
        chain = [base64.b64decode(one, validate=True) for one in outer.header.x5c[:1]]
        subject = subject_of(chain[0]) if chain else ""
    except (msgspec.DecodeError, binascii.Error, ValueError, RecursionError) as error:
        raise ValueError(f"the envelope cannot be read: {_shown(str(error))}") from None
    times = [protected[name] for name in _TIMES if name in protected]
    return Claims(
        subject=_shown(subject),
        profile=_shown(protected.get(_PROFILE)),
        job=_shown(protected.get(_JOB)),
        scheme=_shown(protected.get(_SCHEME)),
        signed_at=_shown(times[0] if times else ""),
        expires_at=_shown(protected.get(_EXPIRY)),
        digest=_shown(payload.target_artifact.digest),
    )


def _unpadded(text: str) -> bytes:
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


def _shown(value: object) -> str:
    return clipped(printable(value), LONGEST) if isinstance(value, str) else ""
