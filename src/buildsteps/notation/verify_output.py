"""From what ``notation verify --verbose`` printed to a Verification.

Without ``--verbose`` nearly all failures read the same. An image is verified only where notation
ended with 0 *and* the first line of standard output says so of this very reference; notation says
it at the levels ``permissive`` and ``audit`` also of checks that failed, with a warning.
"""

import re

from buildsteps.image_reference import ImageReference
from buildsteps.notation.errors import NotationFailedError
from buildsteps.notation.log_lines import LogRecord, last_error, log_records
from buildsteps.notation.reasons import most_telling, reason_of_image, reason_of_signature
from buildsteps.notation.results import Reason, SignatureFailure, Verification, Warned

_DIGEST = r"[a-z0-9]+:[0-9a-f]{32,128}"
_PROCESSING = re.compile(
    rf"Processing signature with manifest mediaType: .* and digest: ({_DIGEST})"
)
_FAILED = re.compile(rf"Signature ({_DIGEST}) failed verification with error: (.*)", re.DOTALL)
_WARNED = re.compile(r'(\w+) was set to "\w+" and failed with error: (.*)', re.DOTALL)


def read_verification(
    reference: ImageReference, status: int, stdout: str, stderr: str, max_signatures: int
) -> Verification:
    """Read the answer about ``reference``, which was asked for by digest.

    Raises:
        NotationFailedError: notation ended with 0 and did not say that the image verifies.
    """
    records = log_records(stderr)
    failures = _failures(records)
    if status != 0:
        return _unverified(records, failures, max_signatures)
    claim = stdout.split("\n", 1)[0].rstrip("\r")
    if claim == f"Trust policy is configured to skip signature verification for {reference}":
        return Verification(verified=False, skipped=True)
    if claim != f"Successfully verified signature for {reference}":
        raise NotationFailedError(
            f"notation ended well without saying that {reference} verifies", detail=stderr[-2000:]
        )
    return Verification(
        verified=True, digest=_passed(records), warnings=_warnings(records), failures=failures
    )


def _failures(records: tuple[LogRecord, ...]) -> tuple[SignatureFailure, ...]:
    found = (_FAILED.fullmatch(record.text) for record in records if record.kind == "warning")
    return tuple(
        SignatureFailure(one[1], reason_of_signature(one[2]), one[2]) for one in found if one
    )


def _warnings(records: tuple[LogRecord, ...]) -> tuple[Warned, ...]:
    """The checks that failed and were only logged; one whose form we do not know counts, too."""
    return tuple(
        Warned(found[1], reason_of_signature(found[2]), found[2])
        if (found := _WARNED.fullmatch(record.text))
        else Warned("", Reason.UNKNOWN, record.text)
        for record in records
        if record.kind == "Warning"
    )


def _passed(records: tuple[LogRecord, ...]) -> str:
    """The digest of the signature that passed: the last one begun, all before having failed.

    The log does not quote, so a failed signature's texts might look like records. Each signature
    that was begun must therefore be told to have failed before the next begins, and nothing of a
    signature may be told of another; else the digest is not known.
    """
    current = ""
    for record in records:
        begun = _PROCESSING.fullmatch(record.text) if record.kind == "info" else None
        failed = _FAILED.fullmatch(record.text) if record.kind == "warning" else None
        if begun is not None:
            if current:
                return ""
            current = begun[1]
        elif failed is not None:
            if failed[1] != current:
                return ""
            current = ""
    return current


def _unverified(
    records: tuple[LogRecord, ...], failures: tuple[SignatureFailure, ...], max_signatures: int
) -> Verification:
    message = last_error(records)
    reason = reason_of_image(_without_prefix(message))
    if reason is Reason.UNKNOWN and len(failures) >= max_signatures:
        reason = Reason.TOO_MANY_SIGNATURES
        message = f"none of the first {max_signatures:,} signatures verifies; there may be more"
    elif reason is Reason.UNKNOWN and failures:
        telling = most_telling(failures)
        reason, message = telling.reason, telling.message
    return Verification(
        verified=False, failures=failures, reason=reason, message=_without_prefix(message)
    )


def _without_prefix(message: str) -> str:
    return message.removeprefix("signature verification failed: ")
