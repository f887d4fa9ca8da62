"""What an error on the way to a signature means for an image."""

import pytest

from buildsteps.errors import BuildstepsError
from buildsteps.steps.signing.registries.errors import (
    NoSuchImageError,
    RegistryError,
    RegistryReason,
    malformed,
)
from buildsteps.steps.signing.sign.cases import failed_to_find


@pytest.mark.parametrize(
    ("error", "says", "advice"),
    [
        (NoSuchImageError("r.io/a:1"), "is not in the registry", "Push it first."),
        (RegistryError("no"), "was not signed: the registry did not answer", "Check the address"),
        (RegistryError("no", RegistryReason.REFUSED), "was not signed: the registry", "and push"),
        (malformed("no"), "what answered speaks no registry's protocol", "a login page"),
    ],
)
def test_before_anything_is_signed_an_error_is_told_in_words_of_signing(
    error: BuildstepsError, says: str, advice: str
) -> None:
    stop = failed_to_find(error)
    assert (says in stop.says, advice in stop.advice) == (True, True)
