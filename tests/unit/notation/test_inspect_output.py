"""From the JSON of ``notation inspect`` to an Inspection."""

import datetime
import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from buildsteps.notation.errors import NotationFailedError
from buildsteps.notation.inspect_output import read_inspection
from buildsteps.notation.results import Certificate, Reason, Signature

DIGEST = "sha256:" + "a" * 64
PROFILE = "arn:aws:signer:eu-central-1:111122223333:/signing-profiles/release/abcdefghij"


def output(**changes: Any) -> str:
    signature = {
        "mediaType": "application/jose+json",
        "digest": DIGEST,
        "signatureAlgorithm": "ECDSA-SHA-384",
        "signedAttributes": {
            "signingScheme": "notary.x509.signingAuthority",
            "signingTime": "2026-11-25T15:00:00+01:00",
            "expiry": "2027-11-25T14:00:00Z",
            "com.amazonaws.signer.signingProfileVersion": PROFILE,
        },
        "userDefinedAttributes": {"commit": "abc"},
        "unsignedAttributes": {"signingAgent": "notation-go/1.3.2", "timestampSignature": {}},
        "certificates": [
            {
                "SHA256Fingerprint": "ab",
                "issuedTo": "CN=leaf",
                "issuedBy": "CN=root",
                "expiry": "2026-12-01T00:00:00Z",
            }
        ],
        "signedArtifact": {"mediaType": "x", "digest": "sha256:1", "size": 3},
    }
    return json.dumps({"mediaType": "x", "Signatures": [signature | changes]}, indent=4) + "\n"


def test_a_signature_is_read_with_all_that_it_says() -> None:
    [signature] = read_inspection(0, output(), "").signatures
    assert signature == Signature(
        digest=DIGEST,
        media_type="application/jose+json",
        algorithm="ECDSA-SHA-384",
        signed_digest="sha256:1",
        signed_at=datetime.datetime(2026, 11, 25, 14, tzinfo=datetime.UTC),
        expires_at=datetime.datetime(2027, 11, 25, 14, tzinfo=datetime.UTC),
        metadata={"commit": "abc"},
        attributes=signature.attributes,
        certificates=(Certificate("CN=leaf", "CN=root", "ab", "2026-12-01T00:00:00Z"),),
    )
    assert signature.identity == PROFILE


def test_the_signer_without_a_profile_is_the_leafs_subject() -> None:
    [signature] = read_inspection(0, output(signedAttributes={}), "").signatures
    assert signature.identity == "CN=leaf"


@pytest.mark.parametrize("moment", ["0001-01-01T00:00:00Z", "", "yesterday", "99999-01-01"])
def test_a_time_that_is_none_is_none(moment: str) -> None:
    [signature] = read_inspection(
        0, output(signedAttributes={"signingTime": moment}), ""
    ).signatures
    assert signature.signed_at is None


def test_null_stands_for_nothing() -> None:
    nothing = {"userDefinedAttributes": None, "certificates": None, "signedAttributes": None}
    [signature] = read_inspection(0, output(**nothing), "").signatures
    assert (signature.metadata, signature.certificates, signature.identity) == ({}, (), "")


def test_the_warning_behind_the_json_says_that_there_may_be_more() -> None:
    warned = output() + "Warning: exceeded the limit of 1 signatures\n"
    inspection = read_inspection(0, warned, "")
    assert (inspection.truncated, len(inspection.signatures)) == (True, 1)
    assert not read_inspection(0, output(), "").truncated


def test_what_notation_could_not_read_is_told() -> None:
    log = (
        f"Warning: Skipping signature {DIGEST} because of error: signature envelope format is bad\n"
        f"Warning: unable to fetch signature sha256:b due to error: gone\nmore\n"
        "Error: at least one signature was skipped and not displayed\n"
    )
    inspection = read_inspection(1, output(), log)
    assert [(one.digest, one.reason) for one in inspection.skipped] == [
        (DIGEST, Reason.MALFORMED),
        ("sha256:b", Reason.UNKNOWN),
    ]
    assert len(inspection.signatures) == 1


def test_a_failure_has_its_reason() -> None:
    with pytest.raises(NotationFailedError) as caught:
        read_inspection(1, "", "Error: failed to get manifest descriptor: x: not found\n")
    assert caught.value.reason is Reason.NO_SUCH_IMAGE


@pytest.mark.parametrize(
    "text", ["", "{", "[]", "null", '{"Signatures": [{}]}', "[" * 100_000, '{"Signatures": 3}']
)
def test_anything_else_than_the_json_is_told_in_a_sentence(text: str) -> None:
    with pytest.raises(NotationFailedError, match="something else than the JSON"):
        read_inspection(0, text, "")


@given(st.integers(), st.binary(), st.binary())
def test_any_output_is_read_or_told(status: int, out: bytes, err: bytes) -> None:
    try:
        read_inspection(status, out.decode("utf-8", "replace"), err.decode("utf-8", "replace"))
    except NotationFailedError:
        return
