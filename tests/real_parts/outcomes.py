"""Every outcome of notation that the product tells apart, as a function that brings it about.

Each takes an empty :class:`~tests.real_parts.stage.Stage` and leaves it so that running notation
there comes out as the name says.
"""

import datetime
import shutil
from collections.abc import Callable
from functools import partial

from tests.real_parts import signatures
from tests.real_parts.certificates import HOUR, Chain, chain, issue, now
from tests.real_parts.images import OCI_MANIFEST
from tests.real_parts.jws import jws, local_headers, payload
from tests.real_parts.signer_plugin import NAME
from tests.real_parts.stage import SIGNER_STORE, Stage

Outcome = Callable[[Stage], None]


def _passed(stage: Stage) -> None:
    stage.sign()


def _passed_by_signer(stage: Stage) -> None:
    stage.sign_by_signer()


def _passed_after_a_foreign_signature(stage: Stage) -> None:
    stage.sign(chain("somebody else"))
    stage.sign()


def _passed_by_tag(stage: Stage) -> None:
    stage.sign()
    stage.reference = stage.image.tagged


def _passed_with_metadata(stage: Stage) -> None:
    stage.sign(None, "-m", "commit=abc")
    stage.flags = ["-m", "commit=abc"]


def _unsigned(stage: Stage) -> None:
    pass


def _skipped(stage: Stage) -> None:
    stage.home.trust(level="skip")


def _wrong_signer(stage: Stage, level: str = "strict") -> None:
    stage.sign(chain("somebody else"))
    stage.home.trust(level=level)


def _wrong_subject(stage: Stage) -> None:
    stage.sign()
    stage.home.trust(["x509.subject: C=DE, ST=Berlin, O=Somebody"])


def _wrong_profile(stage: Stage) -> None:
    stage.sign_by_signer()
    stage.trust_signer(stage.profile.arn.replace("delivery", "other"))


def _wildcard_identity(stage: Stage) -> None:
    stage.sign_by_signer()
    stage.trust_signer("*")


def _tampered(stage: Stage, change: signatures.Change) -> None:
    stage.sign()
    [signature] = signatures.signatures(stage.repository, stage.image)
    signatures.tamper(stage.repository, stage.image, signature, change)


def _no_envelope(stage: Stage) -> None:
    signatures.attach(stage.repository, stage.image, b"hello")


def _unknown_envelope(stage: Stage) -> None:
    signatures.attach(stage.repository, stage.image, b"hello", "text/plain")


def _copied(stage: Stage) -> None:
    other = stage.repository.push_image()
    stage.home.sign_locally(other.reference, stage.ours)
    [signature] = signatures.signatures(stage.repository, other)
    signatures.copy_signature(stage.repository, signature, stage.image)


def _swapped_under_the_tag(stage: Stage) -> None:
    stage.sign()
    stage.repository.retag("v1", stage.repository.push_image())
    stage.reference = stage.image.tagged


def _expired(stage: Stage, level: str = "strict") -> None:
    headers = local_headers(signed_at=now() - 2 * HOUR, expires_at=now() - HOUR)
    envelope = jws(stage.ours, payload(stage.image), headers)
    signatures.attach(stage.repository, stage.image, envelope)
    stage.home.trust(level=level)


def _expired_by_signer(stage: Stage) -> None:
    stage.profile.validity = datetime.timedelta(hours=1)
    stage.signer.signed_at = now() - 2 * HOUR
    stage.sign_by_signer()


def _certificate_expired(stage: Stage, level: str = "strict") -> None:
    old = chain("old", begins=-48 * HOUR, lasts=24 * HOUR)
    stage.home.add_to_store(old.root.pem, name="old")
    headers = local_headers(signed_at=now() - 30 * HOUR)
    envelope = jws(old, payload(stage.image), headers)
    signatures.attach(stage.repository, stage.image, envelope)
    stage.home.trust(level=level)


def _asked_of_the_authority(
    stage: Stage, way: str, *, revoked: bool, down: bool = False, level: str = "strict"
) -> None:
    stage.revocations.root = stage.ours.root
    crl, ocsp = (stage.revocations.crl, "") if way == "crl" else ("", stage.revocations.ocsp)
    leaf = issue(stage.ours.root, "ours", crl=crl, ocsp=ocsp)
    if revoked:
        stage.revocations.revoke(leaf)
    stage.revocations.down = down
    stage.sign(Chain(leaf, stage.ours.root))
    stage.home.trust(level=level)


def _revoked_job(stage: Stage, level: str = "strict") -> None:
    stage.sign_by_signer()
    stage.signer.revoked.update(stage.signer.jobs)
    stage.trust_signer(level=level)


def _revoked_profile(stage: Stage) -> None:
    stage.sign_by_signer()
    stage.profile.revoked_from = now() - HOUR


def _revoked_certificates(stage: Stage) -> None:
    stage.sign_by_signer()
    stage.signer.revoke_certificates()


def _unanswered(stage: Stage, fault: str, level: str = "strict") -> None:
    stage.sign_by_signer()
    stage.trust_signer(level=level)
    getattr(stage.aws, fault)("GetRevocationStatus")


def _expired_credentials(stage: Stage) -> None:
    stage.sign_by_signer()
    stage.aws.expire_credentials()


def _no_credentials(stage: Stage) -> None:
    stage.sign_by_signer()
    del stage.environ["AWS_ACCESS_KEY_ID"], stage.environ["AWS_SECRET_ACCESS_KEY"]


def _unreachable_signer(stage: Stage) -> None:
    stage.sign_by_signer()
    stage.environ |= {"HTTP_PROXY": "http://127.0.0.1:1", "http_proxy": "http://127.0.0.1:1"}


def _metadata_missing(stage: Stage) -> None:
    stage.sign()
    stage.flags = ["-m", "commit=abc"]


def _plugin_missing(stage: Stage) -> None:
    stage.sign_by_signer()
    shutil.rmtree(stage.home.libexec / "plugins")


def _plugin_failed(stage: Stage) -> None:
    stage.sign_by_signer()
    stage.flags = ["--plugin-config", "aws-profile=nobody"]


def _too_many_signatures(stage: Stage) -> None:
    stage.sign(chain("somebody else"))
    stage.sign(chain("another one"))
    stage.sign()
    stage.flags = ["--max-signatures", "2"]


def _no_policy_for_the_scope(stage: Stage) -> None:
    stage.sign()
    stage.home.trust(scopes=["registry.test/other"])


def _no_policy(stage: Stage) -> None:
    stage.sign()
    (stage.home.config / "trustpolicy.json").unlink()


def _broken_policy(stage: Stage) -> None:
    stage.sign()
    (stage.home.config / "trustpolicy.json").write_text('{"version": "1.0",')


def _overlapping_scopes(stage: Stage) -> None:
    stage.sign()
    statement = {
        "registryScopes": ["registry.test/web"],
        "signatureVerification": {"level": "strict"},
        "trustStores": ["ca:test"],
        "trustedIdentities": ["*"],
    }
    stage.home.trust_policy([{"name": name, **statement} for name in ("a", "b")])


def _store(stage: Stage, store: str) -> None:
    stage.sign()
    (stage.home.config / "truststore/x509/ca/empty").mkdir(parents=True)
    stage.home.trust(stores=[store])


def _no_such_image(stage: Stage) -> None:
    stage.reference = f"{stage.repository.path}@sha256:{'f' * 64}"


def _no_such_repository(stage: Stage) -> None:
    stage.reference = stage.reference.replace("/team/web", "/team/none")


def _bad_reference(stage: Stage) -> None:
    stage.reference = f"{stage.repository.path}@sha256:0"


def _nobody_listens(stage: Stage) -> None:
    stage.reference = f"127.0.0.1:1/team/web@{stage.image.digest}"


def _no_such_host(stage: Stage) -> None:
    stage.environ = {}
    stage.reference = f"nowhere.invalid/team/web@{stage.image.digest}"


def _https_expected(stage: Stage) -> None:
    stage.command = ("verify", "-v")
    stage.environ = {}


def _fault(stage: Stage, status: int) -> None:
    stage.sign()
    stage.through_faults()
    stage.faulty.throttle() if status == 429 else stage.faulty.fail(status)


def _reset(stage: Stage) -> None:
    stage.through_faults()
    stage.faulty.reset()


def _html(stage: Stage) -> None:
    stage.sign()
    stage.through_faults()
    stage.faulty.html(match="/(manifests|blobs)/")


def _login_missing(stage: Stage) -> None:
    stage.through_faults()
    stage.faulty.require_basic("ci", "secret")


def _login_wrong(stage: Stage, way: str) -> None:
    stage.through_faults()
    getattr(stage.faulty, f"require_{way}")("ci", "secret")
    stage.environ |= {"NOTATION_USERNAME": "ci", "NOTATION_PASSWORD": "wrong"}


def _signature_gone(stage: Stage, what: str) -> None:
    stage.sign()
    stage.through_faults()
    [signature] = signatures.signatures(stage.repository, stage.image)
    wanted = signature if what == "manifests" else ""
    stage.faulty.fail(404, match=f"GET .*/{what}/{wanted}")


def _signature_throttled(stage: Stage) -> None:
    stage.sign()
    stage.through_faults()
    stage.faulty.throttle(match="GET .*/blobs/")


def _swapped_under_the_digest(stage: Stage) -> None:
    stage.sign()
    stage.through_faults()
    [signature] = signatures.signatures(stage.repository, stage.image)
    swapped = stage.repository.manifest_bytes(signature).replace(b"sha256", b"sha257", 1)
    stage.faulty.swap(signature, swapped, OCI_MANIFEST)


def _inspect(stage: Stage, before: Outcome) -> None:
    before(stage)
    stage.flags = []
    stage.command = ("inspect", "-o", "json", "--insecure-registry")


def _sign(stage: Stage, identity: str = "", fault: str = "") -> None:
    key = ("--plugin", NAME, "--id", identity or stage.profile.arn)
    stage.command = ("sign", "--insecure-registry", *key)
    stage.trust_signer()
    if fault:
        getattr(stage.aws, fault)("SignPayload")


def _sign_with_unknown_profile(stage: Stage) -> None:
    _sign(stage, stage.profile.arn.replace("delivery", "nobody"))


def _sign_with_version(stage: Stage) -> None:
    _sign(stage, stage.profile.version_arn)


def _sign_too_much(stage: Stage) -> None:
    _sign(stage)
    stage.flags = ["-m", f"note={'x' * 5000}"]


OUTCOMES: dict[str, Outcome] = {
    "passed": _passed,
    "passed-by-signer": _passed_by_signer,
    "passed-after-a-foreign-signature": _passed_after_a_foreign_signature,
    "passed-by-tag": _passed_by_tag,
    "passed-with-metadata": _passed_with_metadata,
    "skipped": _skipped,
    "unsigned": _unsigned,
    "swapped-under-the-tag": _swapped_under_the_tag,
    "wrong-signer": _wrong_signer,
    "wrong-signer-audit": partial(_wrong_signer, level="audit"),
    "wrong-subject": _wrong_subject,
    "wrong-profile": _wrong_profile,
    "wildcard-identity": _wildcard_identity,
    "tampered-payload": partial(_tampered, change=signatures.change_payload),
    "tampered-signature": partial(_tampered, change=signatures.change_signature),
    "no-envelope": _no_envelope,
    "unknown-envelope": _unknown_envelope,
    "copied": _copied,
    "expired": _expired,
    "expired-permissive": partial(_expired, level="permissive"),
    "expired-by-signer": _expired_by_signer,
    "certificate-expired": _certificate_expired,
    "certificate-expired-permissive": partial(_certificate_expired, level="permissive"),
    "revoked-crl": partial(_asked_of_the_authority, way="crl", revoked=True),
    "revoked-ocsp": partial(_asked_of_the_authority, way="ocsp", revoked=True),
    "revoked-permissive": partial(
        _asked_of_the_authority, way="crl", revoked=True, level="permissive"
    ),
    "revocation-unknown-crl": partial(_asked_of_the_authority, way="crl", revoked=False, down=True),
    "revocation-unknown-ocsp": partial(
        _asked_of_the_authority, way="ocsp", revoked=False, down=True
    ),
    "revoked-job": _revoked_job,
    "revoked-job-permissive": partial(_revoked_job, level="permissive"),
    "revoked-profile": _revoked_profile,
    "revoked-certificates": _revoked_certificates,
    "signer-denies": partial(_unanswered, fault="deny"),
    "signer-denies-permissive": partial(_unanswered, fault="deny", level="permissive"),
    "signer-throttles": partial(_unanswered, fault="throttle"),
    "signer-breaks-down": partial(_unanswered, fault="break_down"),
    "signer-credentials-expired": _expired_credentials,
    "signer-credentials-missing": _no_credentials,
    "signer-unreachable": _unreachable_signer,
    "metadata-missing": _metadata_missing,
    "plugin-missing": _plugin_missing,
    "plugin-failed": _plugin_failed,
    "too-many-signatures": _too_many_signatures,
    "no-policy-for-the-scope": _no_policy_for_the_scope,
    "no-policy": _no_policy,
    "broken-policy": _broken_policy,
    "overlapping-scopes": _overlapping_scopes,
    "store-missing": partial(_store, store="ca:none"),
    "store-empty": partial(_store, store="ca:empty"),
    "store-of-wrong-type": partial(_store, store=SIGNER_STORE),
    "no-such-image": _no_such_image,
    "no-such-repository": _no_such_repository,
    "bad-reference": _bad_reference,
    "registry-unreachable": _nobody_listens,
    "registry-unknown-host": _no_such_host,
    "registry-without-https": _https_expected,
    "registry-resets": _reset,
    "registry-throttles": partial(_fault, status=429),
    "registry-forbids": partial(_fault, status=403),
    "registry-500": partial(_fault, status=500),
    "registry-503": partial(_fault, status=503),
    "registry-html": _html,
    "login-missing": _login_missing,
    "login-wrong": partial(_login_wrong, way="basic"),
    "login-wrong-token": partial(_login_wrong, way="token"),
    "signature-manifest-missing": partial(_signature_gone, what="manifests"),
    "signature-blob-missing": partial(_signature_gone, what="blobs"),
    "signature-blob-throttled": _signature_throttled,
    "signature-swapped-under-the-digest": _swapped_under_the_digest,
    "inspect": partial(_inspect, before=_passed_with_metadata),
    "inspect-by-signer": partial(_inspect, before=_passed_by_signer),
    "inspect-unsigned": partial(_inspect, before=_unsigned),
    "inspect-no-envelope": partial(_inspect, before=_no_envelope),
    "sign-by-signer": _sign,
    "sign-denied": partial(_sign, fault="deny"),
    "sign-throttled": partial(_sign, fault="throttle"),
    "sign-unknown-profile": _sign_with_unknown_profile,
    "sign-with-version": _sign_with_version,
    "sign-too-much": _sign_too_much,
}
"""By the names of the recordings in ``tests/data/notation``."""

NEEDS_A_RESOLVER = {"registry-unknown-host"}
"""Outcomes whose words depend on how this machine looks up names."""
