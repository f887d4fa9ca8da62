"""Proof of keys, chains and attacks: real notation says of each signature what is wrong with it."""

import datetime
from pathlib import Path

import pytest

from tests.real_parts import signatures
from tests.real_parts.certificates import HOUR, Chain, chain, issue, now
from tests.real_parts.images import Image, Repository
from tests.real_parts.jws import jws, local_headers, payload
from tests.real_parts.notation import NotationHome
from tests.real_parts.revocation import Revocations, revocation_services


@pytest.fixture(scope="module")
def ours() -> Chain:
    return chain()


@pytest.fixture
def home(notation_home: NotationHome, ours: Chain) -> NotationHome:
    """notation that trusts our chain, whoever it says the signer is."""
    notation_home.add_to_store(ours.root.pem)
    notation_home.trust()
    return notation_home


@pytest.fixture
def image(repository: Repository) -> Image:
    return repository.push_image()


def test_a_signature_of_a_local_key_passes_on_both_registries(
    home: NotationHome, any_repository: Repository, ours: Chain
) -> None:
    image = any_repository.push_image()
    home.sign_locally(image.reference, ours, "--force-referrers-tag=false")
    done = home.verify(image.reference)
    assert done.stdout == f"Successfully verified signature for {image.reference}\n", done.stderr
    assert len(signatures.signatures(any_repository, image)) == 1


def test_only_the_named_subject_is_trusted(home: NotationHome, image: Image, ours: Chain) -> None:
    home.sign_locally(image.reference, ours)
    home.trust([ours.subject])
    assert home.verify(image.reference).returncode == 0
    home.trust(["x509.subject: C=DE, ST=Berlin, O=Somebody"])
    assert "does not match the X.509 trusted identities" in home.verify(image.reference).stderr


def test_an_image_without_signature_is_unsigned(home: NotationHome, image: Image) -> None:
    done = home.verify(image.reference)
    assert done.returncode == 1
    assert f'no signature is associated with "{image.reference}"' in done.stderr


def test_a_signature_of_somebody_else_is_not_trusted(home: NotationHome, image: Image) -> None:
    home.sign_locally(image.reference, chain("somebody else"))
    done = home.verify(image.reference)
    assert "does not contain any trusted certificate" in done.stderr


@pytest.mark.parametrize(
    "change", [signatures.change_payload, signatures.change_signature], ids=lambda it: it.__name__
)
def test_a_changed_envelope_is_tampered(
    home: NotationHome,
    any_repository: Repository,
    ours: Chain,
    change: signatures.Change,
) -> None:
    image = any_repository.push_image()
    home.sign_locally(image.reference, ours)
    [signature] = signatures.signatures(any_repository, image)
    changed = signatures.tamper(any_repository, image, signature, change)
    done = home.verify(image.reference)
    assert (
        f"Signature {changed} failed verification with error: signature is invalid" in done.stderr
    )


def test_a_copied_signature_speaks_of_another_image(
    home: NotationHome, any_repository: Repository, ours: Chain
) -> None:
    signed, other = any_repository.push_image(), any_repository.push_image()
    home.sign_locally(signed.reference, ours)
    [signature] = signatures.signatures(any_repository, signed)
    signatures.copy_signature(any_repository, signature, other)
    assert "error: content descriptor mismatch" in home.verify(other.reference).stderr


def test_a_signature_expires(
    home: NotationHome, repository: Repository, image: Image, ours: Chain
) -> None:
    headers = local_headers(signed_at=now() - 2 * HOUR, expires_at=now() - HOUR)
    signatures.attach(repository, image, jws(ours, payload(image), headers))
    assert "digital signature has expired on" in home.verify(image.reference).stderr


def test_a_signature_by_hand_passes(
    home: NotationHome, repository: Repository, image: Image, ours: Chain
) -> None:
    signatures.attach(repository, image, jws(ours, payload(image), local_headers()))
    done = home.verify(image.reference)
    assert done.returncode == 0, done.stderr


def test_a_certificate_expires(
    notation_home: NotationHome, repository: Repository, image: Image
) -> None:
    old = chain(begins=-48 * HOUR, lasts=datetime.timedelta(hours=24))
    notation_home.add_to_store(old.root.pem)
    notation_home.trust()
    headers = local_headers(signed_at=now() - 30 * HOUR)
    signatures.attach(repository, image, jws(old, payload(image), headers))
    assert "verification time is after certificate" in notation_home.verify(image.reference).stderr


@pytest.mark.parametrize("way", ["crl", "ocsp"])
@pytest.mark.parametrize(
    ("state", "said"),
    [
        ("good", "Successfully verified"),
        ("revoked", "is revoked"),
        ("down", "revocation status is unknown"),
    ],
)
def test_a_certificate_is_revoked_by_its_authority(
    notation_home: NotationHome, image: Image, way: str, state: str, said: str
) -> None:
    with revocation_services() as services:
        done = _verify_with_services(services, notation_home, image, way, state)
    assert services.asked
    assert said in done
    assert (state == "good") == ("Successfully" in done)


def _verify_with_services(
    services: Revocations, home: NotationHome, image: Image, way: str, state: str
) -> str:
    root = chain().root
    services.root = root
    crl, ocsp = (services.crl, "") if way == "crl" else ("", services.ocsp)
    signer = Chain(issue(root, "ours", crl=crl, ocsp=ocsp), root)
    if state == "revoked":
        services.revoke(signer.leaf)
    services.down = state == "down"
    home.add_to_store(root.pem)
    home.trust()
    home.sign_locally(image.reference, signer)
    done = home.verify(image.reference)
    return done.stdout + done.stderr


def test_each_set_up_is_its_own(home: NotationHome, tmp_path: Path) -> None:
    assert (home.config / "trustpolicy.json").stat().st_mode & 0o077 == 0
    assert home.config.is_relative_to(tmp_path)
