"""From notation's words to a Verification; the words are those of notation 1.3.2."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from buildsteps.image_reference import parse_reference
from buildsteps.notation.errors import NotationFailedError
from buildsteps.notation.results import Reason, SignatureFailure, Verification, Warned
from buildsteps.notation.verify_output import read_verification

IMAGE = parse_reference("registry.test/web@sha256:" + "0" * 64)
A, B = ("sha256:" + letter * 64 for letter in "ab")
SUCCESS = f"Successfully verified signature for {IMAGE}\n"
SKIPPED = f"Trust policy is configured to skip signature verification for {IMAGE}\n"
MANIFEST = "application/vnd.oci.image.manifest.v1+json"
ALL_FAILED = f"Error: signature verification failed for all the signatures associated with {IMAGE}"


def processing(digest: str) -> str:
    return (
        "level=info msg=Processing signature with manifest mediaType: "
        f"{MANIFEST} and digest: {digest}\n"
    )


def failed(digest: str, why: str) -> str:
    return f"level=warning msg=Signature {digest} failed verification with error: {why}\n"


def read(stderr: str, stdout: str = "", status: int = 1, limit: int = 100) -> Verification:
    return read_verification(IMAGE, status, stdout, stderr, limit)


def test_the_signature_that_passed_is_the_last_one_begun() -> None:
    foreign = "the signature's certificate chain does not contain any trusted certificate"
    log = processing(A) + failed(A, foreign) + processing(B)
    assert read(log, SUCCESS, 0) == Verification(
        verified=True,
        digest=B,
        failures=(SignatureFailure(A, Reason.WRONG_SIGNER, foreign),),
    )


def test_metadata_after_the_success_changes_nothing() -> None:
    stdout = SUCCESS + "\nThe artifact was signed with the following user metadata.\n\nKEY VALUE\n"
    assert read(processing(A), stdout, 0).digest == A


@pytest.mark.parametrize(
    "log",
    [
        processing(A) + processing(B),
        processing(A) + failed(A, f"x\n{processing(B)}y") + failed(B, "z"),
        processing(A) + failed(B, "x"),
        failed(A, "x"),
        "",
    ],
)
def test_a_log_that_contradicts_itself_names_no_signature(log: str) -> None:
    answer = read(log, SUCCESS, 0)
    assert (answer.verified, answer.digest) == (True, "")


def test_a_foreign_signature_cannot_pass_itself_off_as_the_one_that_passed() -> None:
    forged = f"signature is invalid. Error: x\n{failed(A, 'y')}{processing(A)}".rstrip("\n")
    assert read(processing(A) + failed(A, forged) + processing(B), SUCCESS, 0).digest in ("", B)


def test_what_a_level_only_logs_is_a_warning() -> None:
    why = 'signing certificate with subject "CN=x" is revoked'
    log = processing(A) + f'Warning: revocation was set to "log" and failed with error: {why}\n'
    answer = read(log, SUCCESS, 0)
    assert answer.warnings == (Warned("revocation", Reason.REVOKED, why),)


def test_a_warning_that_we_do_not_know_is_one_all_the_same() -> None:
    answer = read(processing(A) + "Warning: something new\n", SUCCESS, 0)
    assert answer.warnings == (Warned("", Reason.UNKNOWN, "something new"),)


def test_level_skip_verifies_nothing() -> None:
    assert read("", SKIPPED, 0) == Verification(verified=False, skipped=True)


@pytest.mark.parametrize(
    "stdout",
    [
        "",
        "Successfully verified signature for registry.test/other@sha256:" + "0" * 64,
        f"x {SUCCESS}",
        f"\n{SUCCESS}",
        SUCCESS.upper(),
        SUCCESS.rstrip("\n") + " not\n",
    ],
)
def test_a_good_end_without_the_very_words_is_no_answer(stdout: str) -> None:
    with pytest.raises(NotationFailedError, match="ended well without saying"):
        read(processing(A), stdout, 0)


def test_a_bad_end_is_never_verified_whatever_it_says() -> None:
    assert read(processing(A), SUCCESS, 1).verified is False
    assert read(processing(A), SUCCESS, -9).verified is False


PLUGIN = 'verification by plugin "com.amazonaws.signer.notation.plugin" failed with reason'
SIGNER = 'by verification plugin "com.amazonaws.signer.notation.plugin" failed with reason'


@pytest.mark.parametrize(
    ("why", "reason"),
    [
        ("the signature's certificate chain does not contain any trusted certificate",
         Reason.WRONG_SIGNER),
        ('signing certificate from the digital signature does not match the X.509 trusted '
         'identities [map["C":"DE"]] defined in the trust policy "test"', Reason.WRONG_SIGNER),
        (f"trusted identify {PLUGIN} \"Signature publisher doesn't match any trusted "
         'identities"', Reason.WRONG_SIGNER),
        ("signature is invalid. Error: crypto/ecdsa: verification error", Reason.TAMPERED),
        ("unable to parse the digital signature, error : invalid character 'n'", Reason.MALFORMED),
        ("certificate chain is not present", Reason.MALFORMED),
        ("content descriptor mismatch", Reason.COPIED),
        ('digital signature has expired on "Wed, 25 Nov 2026 13:00:00 +0000"', Reason.EXPIRED),
        ('verification time is after certificate "CN=x" validity period, it was expired at "Tue"',
         Reason.CERTIFICATE_EXPIRED),
        (f'revocation check {SIGNER} "Resource(s) [arn:aws:signer:x] have been revoked."',
         Reason.REVOKED),
        (f'revocation check {SIGNER} "GetRevocationStatus call failed with error: denied"',
         Reason.REVOCATION_UNKNOWN),
        ('signing certificate with subject "CN=x" is revoked', Reason.REVOKED),
        ('signing certificate with subject "CN=x" revocation status is unknown',
         Reason.REVOCATION_UNKNOWN),
        ("unable to find specified metadata in the signature", Reason.METADATA),
        ("error while locating the verification plugin \"x\": plugin not found",
         Reason.PLUGIN_MISSING),
        ("failed to verify with plugin x: wildcard identity is not supported",
         Reason.PLUGIN_FAILED),
        ("no trusted certificates are found to verify authenticity", Reason.WRONG_TRUST_STORE),
        ("no timestamp countersignature was found in the signature envelope", Reason.TIMESTAMP),
        ("words that nobody has seen", Reason.UNKNOWN),
    ],
)  # fmt: skip
def test_the_reason_of_a_signature_is_told_from_its_line(why: str, reason: Reason) -> None:
    answer = read(processing(A) + failed(A, why) + ALL_FAILED)
    assert answer.failures == (SignatureFailure(A, reason, why),)
    assert (answer.reason, answer.message) == (reason, why)


VERIFYING = "Error: signature verification failed: "


@pytest.mark.parametrize(
    ("error", "reason"),
    [
        (f'{VERIFYING}no signature is associated with "{IMAGE}", make sure the artifact was signed',
         Reason.UNSIGNED),
        (f'{VERIFYING}artifact "{IMAGE}" has no applicable trust policy statement. Trust policy',
         Reason.NO_TRUST_POLICY),
        ("Error: trust policy is not present. To create a trust policy, see: https://x",
         Reason.NO_TRUST_POLICY),
        ("Error: malformed trust policy. To create a trust policy, see: https://x",
         Reason.WRONG_TRUST_POLICY),
        ('Error: registry scope "x" is present in multiple trust policy statements, one registry',
         Reason.WRONG_TRUST_POLICY),
        ('Error: the trust store "x" of type "ca" does not exist. Use command',
         Reason.WRONG_TRUST_STORE),
        ('Error: no x509 certificates were found in trust store "x" of type "ca". Use command',
         Reason.WRONG_TRUST_STORE),
        (f"Error: failed to get manifest descriptor: {IMAGE}: not found", Reason.NO_SUCH_IMAGE),
        ('Error: failed to get manifest descriptor: Head "https://x": dial tcp: lookup x: no such '
         "host", Reason.REGISTRY_UNREACHABLE),
        ('Error: failed to get manifest descriptor: HEAD "https://x": response status code 403: '
         "Forbidden", Reason.REGISTRY_REFUSED),
        ('Error: failed to get manifest descriptor: Head "https://x": basic credential not found',
         Reason.REGISTRY_REFUSED),
        ('Error: failed to get manifest descriptor: HEAD "https://x": response status code 429: '
         "Too Many Requests", Reason.REGISTRY_BUSY),
        (f'{VERIFYING}unable to retrieve digital signature with digest "{A}" associated with "x" '
         'from the Repository, error : GET "https://x": response status code 503: Service',
         Reason.REGISTRY_BUSY),
        (f'{VERIFYING}unable to retrieve digital signature with digest "{A}" associated with "x" '
         "from the Repository, error : not found", Reason.SIGNATURE_UNREADABLE),
        (f"{VERIFYING}failed to decode referrers index from referrers tag sha256-0: invalid "
         "character '<' looking for beginning of value", Reason.REGISTRY_MALFORMED),
        ('Error: "x": invalid reference: no tag or digest', Reason.BAD_REFERENCE),
        ("Error: words that nobody has seen", Reason.UNKNOWN),
        ("panic: something", Reason.UNKNOWN),
        ("", Reason.UNKNOWN),
    ],
)  # fmt: skip
def test_the_reason_of_an_image_is_told_from_the_error(error: str, reason: Reason) -> None:
    answer = read(error + "\n")
    assert (answer.verified, answer.reason) == (False, reason)


def test_of_several_signatures_the_one_nearest_to_passing_counts() -> None:
    foreign = "the signature's certificate chain does not contain any trusted certificate"
    log = processing(A) + failed(A, foreign) + processing(B)
    log += failed(B, "content descriptor mismatch") + ALL_FAILED
    answer = read(log)
    assert (answer.reason, len(answer.failures)) == (Reason.COPIED, 2)


def test_at_the_limit_there_may_be_more_signatures() -> None:
    answer = read(processing(A) + failed(A, "x") + ALL_FAILED, limit=1)
    assert answer.reason is Reason.TOO_MANY_SIGNATURES
    assert answer.message == "none of the first 1 signatures verifies; there may be more"


def test_a_reason_of_several_lines_is_read_whole() -> None:
    answer = read(processing(A) + failed(A, "signature is invalid. Error: a\nb") + ALL_FAILED)
    assert answer.failures[0].message == "signature is invalid. Error: a\nb"


@given(st.binary(), st.binary(), st.integers())
def test_whatever_is_printed_nothing_verifies_without_the_success_line(
    out: bytes, err: bytes, status: int
) -> None:
    stdout, stderr = out.decode("utf-8", "replace"), err.decode("utf-8", "replace")
    try:
        answer = read_verification(IMAGE, status, stdout, stderr, 100)
    except NotationFailedError:
        assert status == 0
        return
    assert not answer.verified
    assert answer.reason is not None


LINES = st.sampled_from(
    [processing(A), processing(B), failed(A, "x"), failed(B, "y"), "Warning: w\n", "Error: e\n"]
)


@given(st.lists(LINES | st.text().map(lambda text: text + "\n")))
def test_any_log_beside_a_success_is_read_and_names_a_begun_signature_or_none(
    lines: list[str],
) -> None:
    answer = read("".join(lines), SUCCESS, 0)
    assert answer.verified
    assert answer.digest in ("", A, B)
