"""The wrapper around the real notation, on real registries: what a caller gets of each outcome."""

import datetime
from pathlib import Path

import pytest

from buildsteps.notation import (
    Configuration,
    Credentials,
    LocalKey,
    Notation,
    NotationError,
    NotationFailedError,
    PluginKey,
    Reason,
    SignatureVerification,
    SigningError,
    SigningKey,
    SigningReason,
    TrustPolicy,
    TrustPolicyDocument,
    TrustStoreFiles,
    private_configuration,
)
from tests.real_parts import signatures
from tests.real_parts.certificates import HOUR, Chain, chain, issue, now
from tests.real_parts.faulty_registry import Fault, FaultyRegistry
from tests.real_parts.images import Image, Repository
from tests.real_parts.jws import jws, local_headers, payload
from tests.real_parts.notation import NotationHome
from tests.real_parts.revocation import revocation_services

KEY = LocalKey("ours")
A_DIGEST = "sha256:" + "0" * 64


@pytest.fixture(scope="module")
def ours() -> Chain:
    return chain()


@pytest.fixture
def home(notation_home: NotationHome, ours: Chain) -> NotationHome:
    """notation with a key of ours, trusted whoever it says it is."""
    notation_home.add_key("ours", ours.leaf.key_pem, ours.pem)
    notation_home.add_to_store(ours.root.pem)
    notation_home.trust()
    return notation_home


def client(home: NotationHome, timeout: float = 60, pauses: list[float] | None = None) -> Notation:
    return Notation(
        home.program,
        configuration=Configuration(home.config, home.libexec, home.cache),
        environ=home.environment,
        timeout=timeout,
        pause=(pauses if pauses is not None else []).append,
    )


@pytest.fixture
def notation(home: NotationHome) -> Notation:
    return client(home)


@pytest.fixture
def image(repository: Repository) -> Image:
    return repository.push_image()


def reason_of(notation: Notation, image: Image) -> Reason | None:
    answer = notation.verify(image.reference, insecure=True)
    assert not answer.verified
    return answer.reason


def test_it_says_its_version(notation: Notation) -> None:
    version = notation.version()
    assert (str(version), version.is_known) == ("1.3.2", True)


def test_what_was_signed_verifies_and_the_signature_that_passed_is_told(
    notation: Notation, any_repository: Repository, ours: Chain
) -> None:
    image = any_repository.push_image()
    metadata = {"commit": "abc=1 ü", "build-id": "-7"}
    hours = datetime.timedelta(hours=2)
    signed = notation.sign(image.reference, KEY, metadata=metadata, expiry=hours, insecure=True)
    assert (str(signed.reference), signed.warnings) == (image.reference, ())
    answer = notation.verify(image.reference, metadata=metadata, insecure=True)
    assert (answer.verified, answer.skipped, answer.reason, answer.warnings) == (
        True,
        False,
        None,
        (),
    )
    [signature] = notation.inspect(image.reference, insecure=True).signatures
    assert answer.digest == signature.digest
    assert signature.signed_digest == image.digest
    assert signature.metadata == metadata
    assert signature.identity == signature.certificates[0].subject != ""
    assert signature.media_type == "application/jose+json"
    assert signature.signed_at is not None
    assert signature.expires_at == signature.signed_at + hours
    assert abs(signature.signed_at - now()) < HOUR


def test_a_cose_signature_verifies_too(notation: Notation, image: Image) -> None:
    notation.sign(image.reference, KEY, signature_format="cose", insecure=True)
    answer = notation.verify(image.reference, insecure=True)
    [signature] = notation.inspect(image.reference, insecure=True).signatures
    assert signature.media_type == "application/cose"
    assert answer.digest == signature.digest


def test_an_unsigned_image_has_no_signature(notation: Notation, image: Image) -> None:
    assert reason_of(notation, image) is Reason.UNSIGNED
    assert notation.inspect(image.reference, insecure=True).signatures == ()


def test_foreign_signatures_beside_ours_are_told_and_harm_nothing(
    home: NotationHome, notation: Notation, repository: Repository, image: Image
) -> None:
    home.sign_locally(image.reference, chain("somebody else"))
    assert reason_of(notation, image) is Reason.WRONG_SIGNER
    notation.sign(image.reference, KEY, insecure=True)
    answer = notation.verify(image.reference, insecure=True)
    assert answer.verified
    shown = notation.inspect(image.reference, insecure=True).signatures
    [passed] = [one for one in shown if one.digest == answer.digest]
    assert "somebody else" not in passed.identity
    assert {one.reason for one in answer.failures} <= {Reason.WRONG_SIGNER}


@pytest.mark.parametrize(
    "change", [signatures.change_payload, signatures.change_signature], ids=lambda it: it.__name__
)
def test_a_changed_envelope_is_tampered(
    notation: Notation, repository: Repository, image: Image, change: signatures.Change
) -> None:
    notation.sign(image.reference, KEY, insecure=True)
    [signature] = signatures.signatures(repository, image)
    changed = signatures.tamper(repository, image, signature, change)
    answer = notation.verify(image.reference, insecure=True)
    assert (answer.verified, answer.reason) == (False, Reason.TAMPERED)
    assert [one.digest for one in answer.failures] == [changed]


def test_a_signature_of_another_image_is_copied(notation: Notation, repository: Repository) -> None:
    signed, other = repository.push_image(), repository.push_image()
    notation.sign(signed.reference, KEY, insecure=True)
    [signature] = signatures.signatures(repository, signed)
    signatures.copy_signature(repository, signature, other)
    assert reason_of(notation, other) is Reason.COPIED


def test_something_that_is_no_envelope_is_malformed_and_left_out_of_an_inspection(
    notation: Notation, repository: Repository, image: Image
) -> None:
    digest = signatures.attach(repository, image, b"not an envelope")
    assert reason_of(notation, image) is Reason.MALFORMED
    inspection = notation.inspect(image.reference, insecure=True)
    assert inspection.signatures == ()
    assert [one.digest for one in inspection.skipped] == [digest]


def test_an_expired_signature_is_told(
    notation: Notation, repository: Repository, image: Image, ours: Chain
) -> None:
    headers = local_headers(signed_at=now() - 2 * HOUR, expires_at=now() - HOUR)
    signatures.attach(repository, image, jws(ours, payload(image), headers))
    assert reason_of(notation, image) is Reason.EXPIRED


def test_an_expired_certificate_is_told(
    home: NotationHome, notation: Notation, repository: Repository, image: Image
) -> None:
    old = chain(begins=-48 * HOUR, lasts=datetime.timedelta(hours=24))
    home.add_to_store(old.root.pem, name="old")
    headers = local_headers(signed_at=now() - 30 * HOUR)
    signatures.attach(repository, image, jws(old, payload(image), headers))
    assert reason_of(notation, image) is Reason.CERTIFICATE_EXPIRED


@pytest.mark.parametrize(
    ("state", "level", "expected"),
    [
        ("revoked", "strict", Reason.REVOKED),
        ("down", "strict", Reason.REVOCATION_UNKNOWN),
        ("revoked", "permissive", Reason.REVOKED),
        ("down", "permissive", Reason.REVOCATION_UNKNOWN),
    ],
)
def test_revocation_fails_or_warns_as_the_level_says(
    home: NotationHome, image: Image, state: str, level: str, expected: Reason
) -> None:
    root = chain().root
    with revocation_services() as services:
        services.root = root
        signer = Chain(issue(root, "ours", crl=services.crl, ocsp=""), root)
        if state == "revoked":
            services.revoke(signer.leaf)
        services.down = state == "down"
        home.add_to_store(root.pem, name="revoking")
        home.trust(level=level)
        home.sign_locally(image.reference, signer)
        answer = client(home).verify(image.reference, insecure=True)
    if level == "strict":
        assert (answer.verified, answer.reason) == (False, expected)
    else:
        assert (answer.verified, answer.digest != "") == (True, True)
        assert [(one.type, one.reason) for one in answer.warnings] == [("revocation", expected)]


def test_a_wrong_signer_at_level_audit_is_a_warning(home: NotationHome, image: Image) -> None:
    home.trust(level="audit")
    home.sign_locally(image.reference, chain("somebody else"))
    answer = client(home).verify(image.reference, insecure=True)
    assert answer.verified
    assert [(one.type, one.reason) for one in answer.warnings] == [
        ("authenticity", Reason.WRONG_SIGNER)
    ]


def test_at_level_skip_nothing_is_verified(home: NotationHome, image: Image) -> None:
    home.trust(level="skip")
    answer = client(home).verify(image.reference, insecure=True)
    assert (answer.verified, answer.skipped) == (False, True)


def test_metadata_that_is_not_in_the_signature_is_told(notation: Notation, image: Image) -> None:
    notation.sign(image.reference, KEY, metadata={"commit": "a"}, insecure=True)
    answer = notation.verify(image.reference, metadata={"commit": "b"}, insecure=True)
    assert (answer.verified, answer.reason) == (False, Reason.METADATA)


def test_more_signatures_than_the_limit_may_hide_ours(
    home: NotationHome, notation: Notation, image: Image
) -> None:
    for _ in range(2):
        home.sign_locally(image.reference, chain("somebody else"))
    notation.sign(image.reference, KEY, insecure=True)
    few = notation.verify(image.reference, max_signatures=2, insecure=True)
    if not few.verified:  # the order is the registry's
        assert few.reason is Reason.TOO_MANY_SIGNATURES
    assert notation.verify(image.reference, max_signatures=4, insecure=True).verified
    assert notation.inspect(image.reference, max_signatures=2, insecure=True).truncated
    assert not notation.inspect(image.reference, max_signatures=4, insecure=True).truncated


def test_the_set_up_is_told_from_the_image(
    home: NotationHome, notation: Notation, image: Image
) -> None:
    notation.sign(image.reference, KEY, insecure=True)
    home.trust(scopes=["registry.example/other"])
    assert reason_of(notation, image) is Reason.NO_TRUST_POLICY
    home.trust(stores=["ca:nowhere"])
    assert reason_of(notation, image) is Reason.WRONG_TRUST_STORE
    home.trust(identities=["x509.subject: C=DE, ST=Berlin, O=Somebody"])
    assert reason_of(notation, image) is Reason.WRONG_SIGNER
    (home.config / "trustpolicy.json").write_text("{")
    assert reason_of(notation, image) is Reason.WRONG_TRUST_POLICY
    (home.config / "trustpolicy.json").unlink()
    assert reason_of(notation, image) is Reason.NO_TRUST_POLICY


def test_an_image_that_is_not_there_is_told(notation: Notation, repository: Repository) -> None:
    reference = f"{repository.path}@{A_DIGEST}"
    assert notation.verify(reference, insecure=True).reason is Reason.NO_SUCH_IMAGE
    with pytest.raises(NotationFailedError) as listed:
        notation.inspect(reference, insecure=True)
    assert listed.value.reason is Reason.NO_SUCH_IMAGE
    with pytest.raises(SigningError) as signed:
        notation.sign(reference, KEY, insecure=True)
    assert signed.value.reason is SigningReason.NO_SUCH_IMAGE


@pytest.mark.parametrize("status", [429, 500, 503])
def test_a_busy_registry_is_asked_again(
    home: NotationHome, faulty: FaultyRegistry, repository: Repository, status: int
) -> None:
    image = repository.push_image()
    reference = f"{faulty.address}/{repository.name}@{image.digest}"
    pauses: list[float] = []
    notation = client(home, pauses=pauses)
    faulty.add(Fault(status=status, times=2))
    notation.sign(reference, KEY, insecure=True)
    faulty.add(Fault(status=status, times=2))
    assert notation.verify(reference, insecure=True).verified
    faulty.add(Fault(status=status, times=2))
    assert len(notation.inspect(reference, insecure=True).signatures) == 1
    assert len(pauses) == 6
    faulty.add(Fault(status=status))
    assert notation.verify(reference, insecure=True).reason is Reason.REGISTRY_BUSY


def test_a_registry_that_refuses_us_is_told_and_not_asked_again(
    home: NotationHome, faulty: FaultyRegistry, repository: Repository
) -> None:
    image = repository.push_image()
    faulty.add(Fault(status=403))
    pauses: list[float] = []
    reference = f"{faulty.address}/{repository.name}@{image.digest}"
    answer = client(home, pauses=pauses).verify(reference, insecure=True)
    assert (answer.reason, pauses) == (Reason.REGISTRY_REFUSED, [])


def test_a_registry_that_is_not_there_is_told(notation: Notation) -> None:
    answer = notation.verify(f"127.0.0.1:1/team/web@{A_DIGEST}", insecure=True)
    assert answer.reason is Reason.REGISTRY_UNREACHABLE


def test_the_credentials_of_the_call_are_used_and_never_shown(
    home: NotationHome, faulty: FaultyRegistry, repository: Repository
) -> None:
    image = repository.push_image()
    faulty.require_basic("AWS", "s3cret-pass/word")
    reference = f"{faulty.address}/{repository.name}@{image.digest}"
    notation = client(home)
    assert notation.verify(reference, insecure=True).reason is Reason.REGISTRY_REFUSED
    right = Credentials("AWS", "s3cret-pass/word")
    notation.sign(reference, KEY, credentials=right, insecure=True)
    assert notation.verify(reference, credentials=right, insecure=True).verified
    wrong = Credentials("AWS", "wr0ng-pass")
    refused = notation.verify(reference, credentials=wrong, insecure=True)
    assert refused.reason is Reason.REGISTRY_REFUSED
    assert "wr0ng-pass" not in repr(refused)


def test_a_key_or_plugin_that_is_not_there_is_told(notation: Notation, image: Image) -> None:
    for key, reason in (
        (LocalKey("nobody"), SigningReason.NO_SUCH_KEY),
        (PluginKey("no.such.plugin", "id"), SigningReason.PLUGIN_MISSING),
    ):
        with pytest.raises(SigningError) as caught:
            notation.sign(image.reference, key, insecure=True)
        assert caught.value.reason is reason, caught.value


def test_a_private_configuration_is_all_that_a_run_needs(
    notation_path: Path, image: Image, ours: Chain, tmp_path: Path
) -> None:
    key, certificate, root = (tmp_path / name for name in ("key.pem", "chain.pem", "root-ü.pem"))
    key.write_bytes(ours.leaf.key_pem)
    certificate.write_bytes(ours.pem)
    root.write_bytes(ours.root.pem)
    policy = TrustPolicy(
        name="ours",
        registry_scopes=(image.repository,),
        signature_verification=SignatureVerification("strict"),
        trust_stores=("ca:ours",),
        trusted_identities=(ours.subject,),
    )
    with private_configuration(
        trust_policy=TrustPolicyDocument(trust_policies=(policy,)),
        trust_stores=[TrustStoreFiles("ca", "ours", (root,))],
        keys=[SigningKey("ours", key, certificate)],
        parent=tmp_path,
    ) as configuration:
        notation = Notation(
            notation_path, configuration=configuration, environ={"HOME": str(tmp_path)}
        )
        notation.sign(image.reference, KEY, insecure=True)
        assert notation.verify(image.reference, insecure=True).verified
        assert configuration.folder.parent.stat().st_mode & 0o777 == 0o700
    assert not configuration.folder.parent.exists()


def test_a_notation_that_does_not_end_is_stopped(
    home: NotationHome, faulty: FaultyRegistry
) -> None:
    faulty.add(Fault(seconds=30))
    with pytest.raises(NotationError, match="did not end within 1 seconds"):
        client(home, timeout=1).verify(f"{faulty.address}/team/web@{A_DIGEST}", insecure=True)
