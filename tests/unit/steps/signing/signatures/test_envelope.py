import base64
import json
from typing import Any

import pytest

from buildsteps.steps.signing.signatures.certificate_subject import subject_of
from buildsteps.steps.signing.signatures.envelope import LONGEST, claims_of
from tests.real_parts.certificates import chain

CHAIN = chain("us, and them")


def packed(content: Any) -> str:
    return base64.urlsafe_b64encode(json.dumps(content).encode()).decode().rstrip("=")


def envelope(protected: Any = None, payload: Any = None, **outer: Any) -> bytes:
    whole = {
        "payload": packed(payload if payload is not None else {}),
        "protected": packed(protected if protected is not None else {}),
        "header": {"x5c": [base64.b64encode(CHAIN.leaf.der).decode()]},
        "signature": "x",
        **outer,
    }
    return json.dumps(whole).encode()


def test_the_subject_is_written_the_most_specific_part_first() -> None:
    assert subject_of(CHAIN.leaf.der) == r"CN=us\, and them,O=Example,ST=Berlin,C=DE"


@pytest.mark.parametrize("length", range(0, len(CHAIN.leaf.der), 37))
def test_a_certificate_that_is_cut_off_is_told(length: int) -> None:
    with pytest.raises(ValueError):
        subject_of(CHAIN.leaf.der[:length])


def test_all_that_an_envelope_says_is_read() -> None:
    protected = {
        "io.cncf.notary.signingScheme": "notary.x509.signingAuthority",
        "io.cncf.notary.authenticSigningTime": "2026-03-01T12:00:00Z",
        "io.cncf.notary.expiry": "2027-03-01T12:00:00Z",
        "com.amazonaws.signer.signingProfileVersion": "arn:profile/1",
        "com.amazonaws.signer.signingJob": "arn:job",
    }
    claims = claims_of(envelope(protected, {"targetArtifact": {"digest": "sha256:1"}}))
    assert claims.identity == "arn:profile/1"
    assert claims.subject.startswith("CN=us")
    assert (claims.job, claims.digest) == ("arn:job", "sha256:1")
    assert claims.signed_at == "2026-03-01T12:00:00Z"
    assert claims.expires_at == "2027-03-01T12:00:00Z"


def test_without_a_profile_the_certificate_says_who() -> None:
    assert claims_of(envelope()).identity.startswith("CN=us")


@pytest.mark.parametrize(
    "wrong",
    [
        b"",
        b"[]",
        b"\xff",
        b'{"payload": 1, "protected": 2}',
        envelope(protected=[]),
        envelope(payload={"targetArtifact": {"digest": 5}}),
        envelope(protected="{"),
        envelope(header={"x5c": ["!"]}),
        envelope(header={"x5c": [base64.b64encode(b"0").decode()]}),
        envelope(header={"x5c": 5}),
        b'{"payload": "%%%", "protected": "%%%"}',
        b'{"payload":' * 50_000,
    ],
)
def test_what_is_no_envelope_is_one_sentence(wrong: bytes) -> None:
    with pytest.raises(ValueError, match="the envelope cannot be read: "):
        claims_of(wrong)


def test_what_it_says_cannot_steer_a_terminal_nor_fill_it() -> None:
    claims = claims_of(envelope({"com.amazonaws.signer.signingJob": "\x1b[2J" + "x" * 5000}))
    assert "\x1b" not in claims.job
    assert len(claims.job) <= LONGEST


def test_a_value_of_another_type_is_left_out() -> None:
    assert claims_of(envelope({"com.amazonaws.signer.signingJob": ["x"]})).job == ""
