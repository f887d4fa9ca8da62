"""What each of notation's reasons means for a build."""

from buildsteps.notation.results import Reason
from buildsteps.results import Outcome
from buildsteps.steps.signing.verifying.meaning import MEANINGS


def test_every_reason_has_a_meaning_that_stops() -> None:
    assert set(MEANINGS) == set(Reason)
    for meaning in MEANINGS.values():
        assert meaning.outcome in (Outcome.FAILED, Outcome.ERROR)
        assert (meaning.cause is not None) == (meaning.outcome is Outcome.ERROR)
