"""What each of notation's reasons means for a build."""

from buildsteps.notation.results import Reason, SignatureFailure
from buildsteps.results import Cause, Outcome
from buildsteps.steps.signing.verifying.meaning import MEANINGS, heaviest


def test_every_reason_has_a_meaning_that_stops() -> None:
    assert set(MEANINGS) == set(Reason)
    for meaning in MEANINGS.values():
        assert meaning.outcome in (Outcome.FAILED, Outcome.ERROR)
        assert (meaning.cause is not None) == (meaning.outcome is Outcome.ERROR)


def failure(reason: Reason) -> SignatureFailure:
    return SignatureFailure("sha256:x", reason, "because")


def test_a_signature_that_could_not_be_judged_outweighs_one_that_is_wrong() -> None:
    """It might have passed: a world that failed is never told as a verdict on the image."""
    found = heaviest([failure(Reason.WRONG_SIGNER), failure(Reason.REVOCATION_UNKNOWN)])
    assert found is not None
    assert MEANINGS[found.reason].cause is Cause.WORLD


def test_a_revoked_signature_of_ours_outweighs_a_foreign_one() -> None:
    found = heaviest([failure(Reason.WRONG_SIGNER), failure(Reason.REVOKED)])
    assert found is not None
    assert found.reason is Reason.REVOKED
    assert heaviest([]) is None
