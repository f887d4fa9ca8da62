"""Every outcome of notation, each brought about for real, and what ``verify`` makes of it."""

import pytest

from buildsteps.image_reference import parse_reference
from tests.command_line import Ran, buildsteps
from tests.real_parts.outcomes import NEEDS_A_RESOLVER, OUTCOMES
from tests.real_parts.stage import Stage

PASSES = dict.fromkeys(
    (
        "passed",
        "passed-by-signer",
        "passed-after-a-foreign-signature",
        "passed-by-tag",
        "passed-with-metadata",
        "too-many-signatures",  # more than notation looks at, not more than we do
    ),
    (0, ""),
)
STOPS = {
    "skipped": (1, "level-skip"),
    "unsigned": (1, "unsigned"),
    "swapped-under-the-tag": (1, "unsigned"),
    "wrong-signer": (1, "wrong-signer"),
    "wrong-signer-audit": (1, "wrong-signer"),
    "wrong-subject": (1, "wrong-signer"),
    "wrong-profile": (1, "wrong-signer"),
    "tampered-payload": (1, "tampered"),
    "tampered-signature": (1, "tampered"),
    "no-envelope": (1, "tampered"),
    "unknown-envelope": (1, "tampered"),
    "copied": (1, "tampered"),
    "expired": (1, "expired"),
    "expired-permissive": (1, "expired"),
    "expired-by-signer": (1, "expired"),
    "certificate-expired": (1, "expired"),
    "certificate-expired-permissive": (1, "expired"),
    "revoked-crl": (1, "revoked"),
    "revoked-ocsp": (1, "revoked"),
    "revoked-permissive": (1, "revoked"),
    "revoked-job": (1, "revoked"),
    "revoked-job-permissive": (1, "revoked"),
    "revoked-profile": (1, "revoked"),
    "revoked-certificates": (1, "revoked"),
    "metadata-missing": (1, "metadata"),
}
WRONG = {
    # The trust policy's lint stops each of these, too.
    "wildcard-identity": (1, "plugin-failed"),
    "no-policy-for-the-scope": (1, "no-trust-policy"),
    "overlapping-scopes": (1, "no-trust-policy"),
    "store-missing": (1, "wrong-trust-store"),
    "store-empty": (1, "wrong-trust-store"),
    "store-of-wrong-type": (1, "wrong-trust-store"),
    "no-such-image": (1, "no-such-image"),
    "no-such-repository": (1, "no-such-image"),
    "no-policy": (2, "usage"),
    "broken-policy": (2, "usage"),
}
WORLD_FAILED = {
    "revocation-unknown-crl": (3, "revocation-unknown"),
    "revocation-unknown-ocsp": (3, "revocation-unknown"),
    "signer-denies": (3, "revocation-unknown"),
    "signer-denies-permissive": (3, "revocation-unknown"),
    "signer-throttles": (3, "revocation-unknown"),
    "signer-breaks-down": (3, "revocation-unknown"),
    "signer-credentials-expired": (3, "revocation-unknown"),
    "signer-credentials-missing": (3, "revocation-unknown"),
    "signer-unreachable": (3, "revocation-unknown"),
    "plugin-missing": (3, "plugin-missing"),
    "plugin-failed": (3, "plugin-failed"),
    "registry-unreachable": (3, "registry-unreachable"),
    "registry-without-https": (3, "registry-unreachable"),
    "registry-resets": (3, "registry-unreachable"),
    "registry-throttles": (3, "registry-busy"),
    "registry-500": (3, "registry-busy"),
    "registry-503": (3, "registry-busy"),
    "registry-forbids": (3, "registry-refused"),
    "registry-html": (3, "registry-malformed"),
    "login-missing": (3, "registry-refused"),
    "login-wrong": (3, "registry-refused"),
    "login-wrong-token": (3, "registry-refused"),
    "signature-manifest-missing": (3, "signature-unreadable"),
    "signature-blob-missing": (3, "signature-unreadable"),
    "signature-blob-throttled": (3, "registry-busy"),
    "signature-swapped-under-the-digest": (3, "signature-unreadable"),
}
EXPECTED = {**PASSES, **STOPS, **WRONG, **WORLD_FAILED}
NOT_OF_VERIFY = {"bad-reference", *NEEDS_A_RESOLVER}
"""A reference that is none never reaches notation."""


def verified(stage: Stage) -> Ran:
    """Run ``verify`` on a stage with the trust policy that notation has there."""
    insecure = ["--insecure-registry", parse_reference(stage.reference).registry]
    return buildsteps(
        "verify",
        "--format=json",
        "--notation",
        str(stage.home.program),
        "--trust-policy",
        str(stage.home.config / "trustpolicy.json"),
        *(insecure if "--insecure-registry" in stage.command else ()),
        *translated(stage.flags),
        stage.reference,
        cwd=stage.home.config,
        environ={**stage.home.environment, **stage.environ},
    )


def translated(flags: list[str]) -> list[str]:
    """The flags of notation as ours; how many signatures are looked at is not ours to choose."""
    names = {"-m": "--require-metadata", "--plugin-config": "--plugin-config"}
    pairs = zip(flags[::2], flags[1::2], strict=True)
    return [part for flag, value in pairs if flag in names for part in (names[flag], value)]


def test_every_outcome_is_expected_here() -> None:
    of_verify = {name for name in OUTCOMES if not name.startswith(("inspect", "sign-"))}
    assert set(EXPECTED) == of_verify - NOT_OF_VERIFY


@pytest.mark.parametrize("name", EXPECTED)
def test_each_outcome_has_its_class_and_exit_code(name: str, stage: Stage) -> None:
    OUTCOMES[name](stage)
    ran = verified(stage)
    code, kind = EXPECTED[name]
    cases = ran.report["cases"]
    case = next((one for one in cases if one["group"] == "verify"), cases[-1])
    assert (ran.code, case["kind"]) == (code, kind), case
    if code == 0:
        assert case["message"].startswith("signed by ")
    else:
        assert case["outcome"] != "passed"
