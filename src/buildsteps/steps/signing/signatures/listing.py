"""``signatures list``: text for people, data for machines; both say that nothing is verified."""

from collections.abc import Sequence
from typing import Any

from msgspec import Struct

from buildsteps.image_reference import ImageReference
from buildsteps.reporting.text import counted
from buildsteps.steps.signing.signatures.stored import StoredSignature

UNVERIFIED = "what a signature says of itself is not verified here: `buildsteps verify` does that"


class Listed(Struct, frozen=True):
    """An image as it was written, by digest, and its signatures."""

    written: str
    image: ImageReference
    signatures: tuple[StoredSignature, ...]


def text_of(listed: Sequence[Listed]) -> str:
    """Give the list for people."""
    blocks = ["\n".join(_image_lines(one)) for one in listed]
    if any(one.signatures for one in listed):
        blocks.append(f"note: {UNVERIFIED}")
    return "\n\n".join(blocks)


def data_of(listed: Sequence[Listed]) -> dict[str, Any]:
    """Give the list for machines; what an envelope says stands under ``unverified``."""
    return {
        "schema_version": "1.0",
        "images": [
            {
                "image": one.written,
                "reference": str(one.image),
                "signatures": [_signature_data(signature) for signature in one.signatures],
            }
            for one in listed
        ],
    }


def says(signature: StoredSignature, image: ImageReference) -> list[tuple[str, str]]:
    """Give label and text for each thing that an envelope says."""
    claims = signature.claims
    if claims is None:
        return []
    other = claims.digest != image.digest
    pairs = [
        ("signer", claims.identity),
        ("job", claims.job),
        ("signed", claims.signed_at),
        ("expires", claims.expires_at),
        ("image", f"{claims.digest or 'none'}, which is another one" if other else ""),
    ]
    return [(label, text) for label, text in pairs if text]


def _image_lines(one: Listed) -> list[str]:
    tag = f" ({one.written})" if one.written != str(one.image) else ""
    lines = [f"{one.image}{tag}", f"  {counted(len(one.signatures), 'signature')}"]
    for signature in one.signatures:
        lines += ["", f"  {signature.digest}", *_signature_lines(signature, one.image)]
    return lines


def _signature_lines(signature: StoredSignature, image: ImageReference) -> list[str]:
    stored = [
        signature.media_type,
        f"{signature.size:,} bytes" if signature.media_type else "",
        f"created {signature.created}" if signature.created else "",
        f"listed by {_listed_by(signature)}",
    ]
    lines = [f"    stored   {', '.join(part for part in stored if part)}"]
    lines += [f"    {label:<8} {text}" for label, text in says(signature, image)]
    return lines + ([f"    note     {signature.problem}"] if signature.problem else [])


def _listed_by(signature: StoredSignature) -> str:
    ways = (("referrers API", signature.by_api), ("tag", signature.by_tag))
    return " and ".join(way for way, there in ways if there)


def _signature_data(signature: StoredSignature) -> dict[str, Any]:
    claims = signature.claims
    said = None
    if claims is not None:
        said = {
            "identity": claims.identity,
            "subject": claims.subject,
            "profile_version": claims.profile,
            "job": claims.job,
            "signing_scheme": claims.scheme,
            "signed_at": claims.signed_at,
            "expires_at": claims.expires_at,
            "image_digest": claims.digest,
        }
    return {
        "digest": signature.digest,
        "media_type": signature.media_type,
        "size": signature.size,
        "created": signature.created,
        "referrers_api": signature.by_api,
        "tag_schema": signature.by_tag,
        "problem": signature.problem,
        "unverified": said,
    }
