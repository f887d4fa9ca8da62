"""Signature envelopes made by hand: what notation itself refuses to make, such as expired ones.

Source: notaryproject/specifications, ``signature-envelope-jws.md``: flattened JWS, ECDSA as r||s.
"""

import base64
import datetime
import json
from collections.abc import Mapping
from typing import Any

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature

from tests.real_parts.certificates import Chain, now
from tests.real_parts.images import Image
from tests.real_parts.signatures import padless

PAYLOAD_TYPE = "application/vnd.cncf.notary.payload.v1+json"

ALGORITHMS: Mapping[int, tuple[str, hashes.HashAlgorithm]] = {
    256: ("ES256", hashes.SHA256()),
    384: ("ES384", hashes.SHA384()),
    521: ("ES512", hashes.SHA512()),
}


def timestamp(moment: datetime.datetime) -> str:
    """RFC 3339 in UTC, as the headers write it."""
    return moment.astimezone(datetime.UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def payload(image: Image, metadata: Mapping[str, str] | None = None) -> bytes:
    """What is signed: the image's descriptor, with user metadata as annotations."""
    target = image.descriptor | ({"annotations": dict(metadata)} if metadata else {})
    return json.dumps({"targetArtifact": target}).encode()


def local_headers(
    *, signed_at: datetime.datetime | None = None, expires_at: datetime.datetime | None = None
) -> dict[str, Any]:
    """The protected header of a signature by a local key (scheme ``notary.x509``)."""
    headers: dict[str, Any] = {
        "cty": PAYLOAD_TYPE,
        "crit": ["io.cncf.notary.signingScheme"],
        "io.cncf.notary.signingScheme": "notary.x509",
        "io.cncf.notary.signingTime": timestamp(signed_at or now()),
    }
    if expires_at:
        headers["crit"].append("io.cncf.notary.expiry")
        headers["io.cncf.notary.expiry"] = timestamp(expires_at)
    return headers


def jws(chain: Chain, content: bytes, headers: Mapping[str, Any]) -> bytes:
    """Sign a payload under these protected headers; ``alg`` follows the leaf's key."""
    bits = chain.leaf.key.key_size
    name, hashing = ALGORITHMS[bits]
    protected = padless(json.dumps({"alg": name, **headers}).encode())
    body = padless(content)
    der = chain.leaf.key.sign(f"{protected}.{body}".encode(), ec.ECDSA(hashing))
    size = (bits + 7) // 8
    signature = b"".join(number.to_bytes(size, "big") for number in decode_dss_signature(der))
    certificates = [base64.b64encode(one.der).decode() for one in (chain.leaf, chain.root)]
    unprotected = {"x5c": certificates, "io.cncf.notary.signingAgent": "test/1.0"}
    return json.dumps(
        {
            "payload": body,
            "protected": protected,
            "header": unprotected,
            "signature": padless(signature),
        }
    ).encode()
