"""The wrapper around the real notation, on real registries: what a caller gets of each outcome."""

import datetime

import pytest

from buildsteps.notation import (
    Configuration,
    LocalKey,
    Notation,
)
from tests.real_parts.fixtures import *  # noqa: F403
from tests.real_parts.images import Image, Repository
from tests.real_parts.notation import NotationHome

KEY = LocalKey("ours")


@pytest.fixture
def home(notation_home: NotationHome) -> NotationHome:
    """notation with a key of ours, trusted whoever it says it is."""
    notation_home.succeed("cert", "generate-test", "ours")
    certificate = notation_home.config / "localkeys" / "ours.crt"
    notation_home.add_to_store(certificate.read_bytes())
    notation_home.trust()
    return notation_home


@pytest.fixture
def notation(home: NotationHome) -> Notation:
    return client(home)


def client(home: NotationHome, timeout: float = 60) -> Notation:
    return Notation(
        home.program,
        configuration=Configuration(home.config, home.libexec, home.cache),
        environ=home.environment,
        timeout=timeout,
        pause=lambda _seconds: None,
    )


@pytest.fixture
def image(repository: Repository) -> Image:
    return repository.push_image()


def test_it_says_its_version(notation: Notation) -> None:
    version = notation.version()
    assert (version.numbers, version.is_known) == ("1.3.2", True)


def test_what_was_signed_verifies_and_the_signature_that_passed_is_told(
    notation: Notation, any_repository: Repository
) -> None:
    image = any_repository.push_image()
    began = datetime.datetime.now(datetime.UTC).replace(microsecond=0)
    signed = notation.sign(
        image.reference,
        KEY,
        metadata={"commit": "abc=1 ü", "-build": "-7"} if False else {"commit": "abc=1 ü"},
        expiry=datetime.timedelta(hours=2),
        insecure=True,
    )
    assert (str(signed.reference), signed.warnings) == (image.reference, ())
    answer = notation.verify(image.reference, metadata={"commit": "abc=1 ü"}, insecure=True)
    assert answer.verified
    [signature] = notation.inspect(image.reference, insecure=True).signatures
    assert answer.digest == signature.digest
    assert signature.signed_digest == image.digest
    assert signature.metadata == {"commit": "abc=1 ü"}
    assert signature.identity.startswith("CN=ours")
    assert signature.media_type == "application/jose+json"
    assert signature.signed_at is not None
    assert signature.expires_at is not None
    assert began <= signature.signed_at
    assert signature.expires_at - signature.signed_at == datetime.timedelta(hours=2)
