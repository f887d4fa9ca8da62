"""Of several answers about one manifest: which one decides."""

import datetime

from buildsteps.notation.results import Reason, Signature, SignatureFailure, Verification
from buildsteps.steps.signing.trust.covering import Requirement
from buildsteps.steps.signing.trust.settings import Trust
from buildsteps.steps.signing.verifying.asking import Answer, heaviest
from buildsteps.steps.signing.verifying.verdicts import stop_of

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
