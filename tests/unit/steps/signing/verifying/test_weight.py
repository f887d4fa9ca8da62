"""Of several answers about one manifest: which one decides."""

import datetime

from msgspec.structs import replace

from buildsteps.notation.results import Reason, Signature, SignatureFailure, Verification
from buildsteps.steps.signing.trust.covering import Requirement
from buildsteps.steps.signing.trust.settings import Trust
from buildsteps.steps.signing.verifying.asking import Answer, heaviest
from buildsteps.steps.signing.verifying.verdicts import stop_of

BY_US = {"com.amazonaws.signer.signingProfileVersion": "us"}
TRUST = Trust(identities=("*",))
NOW = datetime.datetime(2026, 3, 1, tzinfo=datetime.UTC)


def answer(reason: Reason | None, *failures: Reason, digest: str = "") -> Answer:
    told = tuple(SignatureFailure("sha256:1", one, "why") for one in failures)
    return Answer(
        requirement=Requirement("r", (TRUST,)),
        trust=TRUST,
        verification=Verification(verified=reason is None, reason=reason, failures=told),
        signature=Signature(digest=digest) if digest else None,
    )


def kind(*answers: Answer) -> str:
    stop = stop_of(answers, None, NOW)
    return stop.kind if stop else ""


def test_what_is_known_to_be_wrong_outweighs_what_could_not_be_judged() -> None:
    unknown, missing = answer(Reason.REVOCATION_UNKNOWN), answer(Reason.PLUGIN_MISSING)
    assert kind(unknown, answer(Reason.UNSIGNED), missing) == "unsigned"
    assert kind(unknown, answer(Reason.NO_TRUST_POLICY)) == "no-trust-policy"
    assert kind(unknown) == "revocation-unknown"


def test_one_signature_meets_one_demand() -> None:
    assert kind(answer(None, digest="a"), answer(None, digest="b")) == ""
    assert kind(answer(None, digest="a"), answer(None, digest="a")) == "one-signature"


def test_an_alternative_that_could_not_be_asked_decides() -> None:
    foreign = answer(Reason.WRONG_SIGNER, Reason.WRONG_SIGNER)
    busy = answer(Reason.REGISTRY_BUSY)
    assert heaviest([foreign, busy]) is busy
    expired = answer(Reason.EXPIRED, Reason.EXPIRED)
    assert heaviest([foreign, expired]).verification.reason is Reason.EXPIRED


def test_metadata_that_is_missing_is_told_with_what_is_there() -> None:
    claim = Signature(digest="sha256:1", attributes=BY_US, metadata={"commit": "b", "x": "y"})
    asked = {"commit": "a", "build": "7"}
    found = replace(answer(Reason.METADATA, Reason.METADATA), claims=(claim,), metadata=asked)
    stop = stop_of([found], None, NOW)
    assert stop is not None
    assert stop.lines == (
        "wanted    r: *",
        "wanted    metadata commit=a",
        "wanted    metadata build=7",
        "signature sha256:1: why (it claims to be of us with commit=b, no build, unverified)",
    )


def test_what_is_a_moment_too_old_does_not_read_as_allowed() -> None:
    signed = NOW - datetime.timedelta(days=30, minutes=5)
    made = Signature(digest="sha256:1", signed_at=signed)
    found = replace(answer(None), signature=made)
    stop = stop_of([found], datetime.timedelta(days=30), NOW)
    assert stop is not None
    assert stop.says == "was signed 30 days and 5 minutes ago, more than the 30 days allowed"
