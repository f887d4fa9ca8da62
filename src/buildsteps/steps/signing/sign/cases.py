"""What became of an image that was to be signed, as a case, or as a promise before it is done."""

from enum import StrEnum

from msgspec import Struct
from msgspec.structs import replace

from buildsteps.errors import BuildstepsError
from buildsteps.notation.errors import SigningError, SigningReason
from buildsteps.notation.results import Signature
from buildsteps.results import Case, Outcome
from buildsteps.steps.signing.sign.meaning import MEANINGS
from buildsteps.steps.signing.targets import Target
from buildsteps.steps.signing.verifying.verdicts import (
    Stop,
    failed_to_ask,
    locations,
    metadata_of,
    one_line,
    stopped_case,
    used_by,
)

GROUP = "sign"

_BEFORE = frozenset(
    {
        SigningReason.NO_SUCH_IMAGE,
        SigningReason.REGISTRY_BUSY,
        SigningReason.REGISTRY_REFUSED,
        SigningReason.REGISTRY_UNREACHABLE,
    }
)


class What(StrEnum):
    """What was done, or would be with ``--dry-run``, up to by whom."""

    SIGNED = "signed by"
    ALREADY = "already signed by"
    UNVERIFIED = "signed, not verified, by"
    MANAGED = "signed by ECR with"
    WOULD_SIGN = "would be signed by"


class Done(Struct, frozen=True, kw_only=True):
    """One manifest that is signed now: by whom, and the signature where it was verified."""

    what: What
    by: str
    signature: Signature | None = None
    warnings: tuple[str, ...] = ()


def case_of(target: Target, done: Done | Stop, seconds: float) -> Case:
    """The case of one manifest."""
    lines = [f"manifest  {target.descriptor.digest}", *used_by(target.image)]
    if isinstance(done, Stop):
        return stopped_case(target.name, target.image, done, lines, seconds, group=GROUP)
    signature = done.signature
    if signature is not None:
        lines.append(f"signature {signature.digest}")
        lines += metadata_of(signature)
    lines += [f"warning   {one_line(warning)}" for warning in done.warnings]
    return Case(
        name=target.name,
        group=GROUP,
        outcome=Outcome.PASSED,
        message=f"{done.what} {one_line(done.by)}",
        detail="\n".join(lines),
        seconds=seconds,
        locations=locations(target.image),
    )


def too_large(error: BuildstepsError) -> Stop:
    """What metadata that AWS Signer would refuse means for the image."""
    meaning = MEANINGS[SigningReason.PAYLOAD_TOO_LARGE]
    return Stop(
        kind=meaning.kind,
        says=meaning.says,
        advice=meaning.advice,
        lines=(error.message,),
        cause=meaning.cause,
    )


def failed_to_find(error: BuildstepsError) -> Stop:
    """What an error before anything was signed means: signing's words, where it has some."""
    stop = failed_to_ask(error)
    if stop.kind not in _BEFORE:
        return stop
    meaning = MEANINGS[SigningReason(stop.kind)]
    return replace(stop, says=meaning.says, advice=meaning.advice)


def failed_to_sign(error: BuildstepsError) -> Stop:
    """What an error on the way to a signature means for the image."""
    if not isinstance(error, SigningError):
        return failed_to_ask(error)
    meaning = MEANINGS[error.reason]
    return Stop(
        kind=meaning.kind,
        says=meaning.says,
        advice=meaning.advice,
        lines=(f"notation: {one_line(error.message)}", *error.detail.splitlines()),
        cause=meaning.cause,
    )
