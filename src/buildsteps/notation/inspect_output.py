"""From what ``notation inspect --output=json`` printed to an Inspection.

The shape is ``inspectOutput`` of notation 1.3.2, ``cmd/notation/inspect.go``. Where the limit of
signatures is reached, a warning follows the JSON on standard output.
"""

import datetime
import json
import re
from typing import Any

import msgspec
from msgspec import Struct

from buildsteps.notation.errors import NotationFailedError
from buildsteps.notation.log_lines import last_error, log_records
from buildsteps.notation.reasons import reason_of_image, reason_of_signature
from buildsteps.notation.results import Certificate, Inspection, Signature, SignatureFailure

_SKIPPED = re.compile(
    r"(?:Skipping signature|unable to fetch signature) (\S+)"
    r" (?:because of|due to) error: (.*)",
    re.DOTALL,
)


class _Certificate(Struct, rename="camel"):
    issued_to: str = ""
    issued_by: str = ""
    expiry: str = ""
    fingerprint: str = msgspec.field(name="SHA256Fingerprint", default="")


class _Artifact(Struct, rename="camel"):
    digest: str = ""


class _Signature(Struct, rename="camel"):
    digest: str
    media_type: str = ""
    signature_algorithm: str = ""
    signed_attributes: dict[str, str] | None = None
    user_defined_attributes: dict[str, str] | None = None
    certificates: list[_Certificate] | None = None
    signed_artifact: _Artifact = msgspec.field(default_factory=_Artifact)


class _Output(Struct):
    signatures: list[_Signature] | None = msgspec.field(name="Signatures", default=None)


def read_inspection(status: int, stdout: str, stderr: str) -> Inspection:
    """Read the answer; signatures that notation could not read are told in ``skipped``.

    Raises:
        NotationFailedError: notation failed for another reason, or printed something else.
    """
    records = log_records(stderr)
    skipped = tuple(
        SignatureFailure(found[1], reason_of_signature(found[2]), found[2])
        for record in records
        if record.kind == "Warning" and (found := _SKIPPED.fullmatch(record.text))
    )
    if status != 0 and not skipped:
        message = last_error(records)
        raise NotationFailedError(
            f"notation inspect failed: {message or f'exit status {status}'}",
            reason_of_image(message),
        )
    document, rest = _document(stdout)
    return Inspection(
        signatures=tuple(_signature(one) for one in document.signatures or ()),
        skipped=skipped,
        truncated="Warning:" in rest,
    )


def _document(stdout: str) -> tuple[_Output, str]:
    try:
        value: Any
        value, end = json.JSONDecoder().raw_decode(stdout.lstrip())
        return msgspec.convert(value, _Output), stdout.lstrip()[end:]
    except (ValueError, RecursionError, msgspec.ValidationError) as error:
        raise NotationFailedError(
            "notation inspect printed something else than the JSON that we know", detail=str(error)
        ) from None


def _signature(one: _Signature) -> Signature:
    attributes = one.signed_attributes or {}
    return Signature(
        digest=one.digest,
        media_type=one.media_type,
        algorithm=one.signature_algorithm,
        signed_digest=one.signed_artifact.digest,
        signed_at=_moment(attributes.get("signingTime", "")),
        expires_at=_moment(attributes.get("expiry", "")),
        metadata=one.user_defined_attributes or {},
        attributes=attributes,
        certificates=tuple(
            Certificate(c.issued_to, c.issued_by, c.fingerprint, c.expiry)
            for c in one.certificates or ()
        ),
    )


def _moment(text: str) -> datetime.datetime | None:
    """RFC 3339 in UTC; None for Go's zero time, which stands for none."""
    try:
        moment = datetime.datetime.fromisoformat(text).astimezone(datetime.UTC)
    except (ValueError, OverflowError):
        return None
    return moment if moment.year > 1 else None
