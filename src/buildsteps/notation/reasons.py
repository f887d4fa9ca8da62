"""From notation's words to a :class:`~buildsteps.notation.results.Reason`: one row a message.

The words are those of notation-go 1.3.2 (``notation.go``, ``verifier/``, ``plugin/``),
notation-core-go 1.3.0 (``signature/``), oras-go 2.5.0, Go's ``net``, and the AWS Signer plugin
1.0.350 (``internal/verifier``). The first row that fits counts. A message of a signature may carry
texts of whoever pushed it, such as a certificate's subject; at worst it chooses among the failures.
"""

import re

from msgspec import Struct

from buildsteps.notation.results import Reason, SignatureFailure


class Row(Struct, frozen=True):
    """A message by a fragment of it, what it means, and where the message is made."""

    fragment: str
    reason: Reason
    source: str


def _rows(*rows: tuple[str, Reason, str]) -> tuple[tuple[re.Pattern[str], Row], ...]:
    return tuple((re.compile(row[0], re.DOTALL), Row(*row)) for row in rows)


OF_A_SIGNATURE = _rows(
    # What a plugin answered comes first, since its text, quoted inside, may hold anything.
    (r"^revocation check by verification plugin .*have been revoked", Reason.REVOKED, "plugin"),
    (r"^revocation check by verification plugin", Reason.REVOCATION_UNKNOWN, "verifier.go"),
    (r"^trusted identify verification by plugin", Reason.WRONG_SIGNER, "verifier.go"),
    (r"^failed to verify with plugin", Reason.PLUGIN_FAILED, "verifier.go"),
    (r"^error while locating the verification plugin", Reason.PLUGIN_MISSING, "verifier.go"),
    (r"does not contain any trusted certificate", Reason.WRONG_SIGNER, "signature/errors.go"),
    (r"does not match the X\.509 trusted identities", Reason.WRONG_SIGNER, "verifier.go"),
    (r"^no trusted certificates are found to verify", Reason.WRONG_TRUST_STORE, "verifier.go"),
    (r"^authenticity verification failed with error", Reason.WRONG_TRUST_STORE, "verifier.go"),
    (r"^signing certificate with subject .* is revoked$", Reason.REVOKED, "verifyRevocation"),
    (r"^timestamping certificate with subject .* is revoked$", Reason.REVOKED, "verifyTimestamp"),
    (r"revocation status is unknown$", Reason.REVOCATION_UNKNOWN, "verifyRevocation"),
    (r"^unable to check revocation status", Reason.REVOCATION_UNKNOWN, "verifier.go"),
    (r"^digital signature has expired on", Reason.EXPIRED, "verifyExpiry"),
    (
        r"^verification time is (?:after|before) certificate",
        Reason.CERTIFICATE_EXPIRED,
        "timestamp",
    ),
    (r"^certificate .* was not valid when the digital", Reason.CERTIFICATE_EXPIRED, "timestamp"),
    (r"timestamp", Reason.TIMESTAMP, "verifyTimestamp"),
    (r"^no trusted TSA certificate found", Reason.TIMESTAMP, "verifyTimestamp"),
    (r"^content descriptor mismatch$", Reason.COPIED, "verifier.go"),
    (r"unable to find specified metadata in the signature", Reason.METADATA, "errors.go"),
    (r"^signature is invalid\. Error:", Reason.TAMPERED, "signature/errors.go"),
    (r"^unable to parse the digital signature", Reason.MALFORMED, "verifier.go"),
    (r"signature envelope (?:format|is not present)", Reason.MALFORMED, "signature/errors.go"),
    (r"certificate[ -]chain is (?:not present|invalid)", Reason.MALFORMED, "internal/base"),
    (r'missing "crit" header|not marked as critical', Reason.MALFORMED, "signature/jws"),
    (
        r"malformed leaf certificate|from extended attribute",
        Reason.MALFORMED,
        "verifier/helpers.go",
    ),
    (r"not a critical Extended attribute", Reason.MALFORMED, "verifier/helpers.go"),
    (r"^extended critical attribute", Reason.PLUGIN_FAILED, "verifier.go"),
    (r"\bplugin\b", Reason.PLUGIN_FAILED, "plugin/plugin.go"),
)

OF_AN_IMAGE = _rows(
    (r"no signature is associated with", Reason.UNSIGNED, "notation.go"),
    (r"has no applicable trust policy statement", Reason.NO_TRUST_POLICY, "trustpolicy/oci.go"),
    (r"trust policy is not present", Reason.NO_TRUST_POLICY, "trustpolicy.go"),
    (r"^the trust store .* does not exist", Reason.WRONG_TRUST_STORE, "truststore.go"),
    (r"trust store .* of type ", Reason.WRONG_TRUST_STORE, "truststore.go"),
    (r"trust policy|^registry scope ", Reason.WRONG_TRUST_POLICY, "trustpolicy.go"),
    (r"verification (?:level|type|action) ", Reason.WRONG_TRUST_POLICY, "trustpolicy.go"),
    (r"response status code (?:429|5\d\d)\b", Reason.REGISTRY_BUSY, "oras errcode"),
    (r"response status code 40[13]\b", Reason.REGISTRY_REFUSED, "oras errcode"),
    (r"credential(?:s)? not found|credentials store", Reason.REGISTRY_REFUSED, "oras auth"),
    (r"^failed to get manifest descriptor: .*not found$", Reason.NO_SUCH_IMAGE, "manifest.go"),
    (r"^failed to get manifest .*status code 404\b", Reason.NO_SUCH_IMAGE, "oras errcode"),
    (
        r"dial tcp|no such host|i/o timeout|connection (?:refused|reset)|TLS handshake|x509: |"
        r"tls: |HTTP response to HTTPS client|Client\.Timeout|context deadline exceeded|\bEOF$",
        Reason.REGISTRY_UNREACHABLE,
        "Go's net",
    ),
    (r"unable to retrieve digital signature", Reason.SIGNATURE_UNREADABLE, "notation.go"),
    (
        r"failed to decode referrers index|looking for beginning of value$",
        Reason.REGISTRY_MALFORMED,
        "oras registry/remote",
    ),
    (r"invalid reference|reference is missing", Reason.BAD_REFERENCE, "registry.go"),
)

MOST_TELLING = (
    # It may have been ours, had the question been answered.
    Reason.REVOCATION_UNKNOWN,
    Reason.PLUGIN_FAILED,
    # It was ours.
    Reason.REVOKED,
    Reason.EXPIRED,
    Reason.CERTIFICATE_EXPIRED,
    Reason.TIMESTAMP,
    Reason.METADATA,
    Reason.COPIED,
    # The set-up may be at fault.
    Reason.WRONG_TRUST_STORE,
    Reason.PLUGIN_MISSING,
    # Anybody can push these.
    Reason.TAMPERED,
    Reason.WRONG_SIGNER,
    Reason.MALFORMED,
)


def reason_of_signature(message: str) -> Reason:
    """Why one signature did not verify; ``UNKNOWN`` for words that we do not know."""
    return _first(OF_A_SIGNATURE, message)


def reason_of_image(message: str) -> Reason:
    """What an ``Error:`` line says about the image as a whole; ``UNKNOWN`` as above."""
    return _first(OF_AN_IMAGE, message)


def most_telling(failures: tuple[SignatureFailure, ...]) -> SignatureFailure:
    """Of several signatures that did not verify, the one nearest to having verified."""

    def rank(failure: SignatureFailure) -> int:
        known = failure.reason in MOST_TELLING
        return MOST_TELLING.index(failure.reason) if known else len(MOST_TELLING)

    return min(failures, key=rank)


def _first(rows: tuple[tuple[re.Pattern[str], Row], ...], message: str) -> Reason:
    for pattern, row in rows:
        if pattern.search(message):
            return row.reason
    return Reason.UNKNOWN
