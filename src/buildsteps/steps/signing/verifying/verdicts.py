"""From notation's answers about a manifest to one case."""

import datetime
from collections.abc import Iterable, Mapping, Sequence

from msgspec import Struct

from buildsteps.errors import BuildstepsError, UsageError
from buildsteps.notation.results import Reason, Signature, Warned
from buildsteps.reporting.text import clipped, counted, printable
from buildsteps.results import Case, Cause, Location, Outcome
from buildsteps.steps.signing.ages import told_age
from buildsteps.steps.signing.inputs.collecting import CollectedImage
from buildsteps.steps.signing.registries.errors import NoSuchImageError
from buildsteps.steps.signing.targets import Target, TooManyPlatformsError
from buildsteps.steps.signing.verifying.asking import Answer
from buildsteps.steps.signing.verifying.meaning import MEANINGS, TOO_MANY_PLATFORMS, Meaning

GROUP = "verify"
SKIPPED_LEVEL = "level-skip"
TOO_OLD = "too-old"
NO_TRUST = "no-trust-policy"
UNKNOWN_SIGNATURE = "unknown-signature"


ONE_FOR_SEVERAL = "one-signature"

MOST_FAILURES = 20
"""Anybody who can push can add signatures: no more than these are told one by one."""

_LONGEST = 1000
_WEIGHT = (None, Cause.SUBJECT, Cause.WORLD)


class Stop(Struct, frozen=True, kw_only=True):
    """Why a manifest does not pass: the class, the end of a sentence, what to do, and details."""

    kind: str
    says: str
    advice: str = ""
    lines: tuple[str, ...] = ()
    cause: Cause | None = None


def stop_of(
    answers: Sequence[Answer], max_age: datetime.timedelta | None, now: datetime.datetime
) -> Stop | None:
    """The weightiest reason not to let a manifest pass; None if there is none.

    What is known to be wrong stays wrong, whatever else could not be judged.
    """
    stops = [stop for answer in answers if (stop := _stop(answer, max_age, now))]
    return min(stops, key=lambda stop: _WEIGHT.index(stop.cause), default=_shared(answers))


def _shared(answers: Sequence[Answer]) -> Stop | None:
    """Several demands that one signature meets: whoever made it would stand for all of them."""
    names: dict[str, list[str]] = {}
    for answer in answers:
        if answer.signature is not None:
            names.setdefault(answer.signature.digest, []).append(answer.requirement.name)
    for digest, several in names.items():
        if len(several) > 1:
            return Stop(
                kind=ONE_FOR_SEVERAL,
                says="carries one signature where several are demanded",
                advice="Demand identities that no signature can have at once.",
                lines=(f"signature {digest}, for {' and for '.join(several)}",),
            )
    return None


def _stop(
    answer: Answer, max_age: datetime.timedelta | None, now: datetime.datetime
) -> Stop | None:
    verification = answer.verification
    if verification.skipped:
        return Stop(
            kind=SKIPPED_LEVEL,
            says="was not verified: the trust policy's level is `skip`",
            advice="Give the policy the level `strict`.",
        )
    if verification.reason is not None:
        return _unverified(answer, MEANINGS[verification.reason])
    for warned in verification.warnings:
        if warned.type not in answer.trust.accept_warnings:
            return _warned(answer, warned)
    if answer.signature is None:
        return Stop(
            kind=UNKNOWN_SIGNATURE,
            says="verifies, but which of its signatures did could not be told",
            advice="Delete the signatures that do not verify, and try again.",
            cause=Cause.SUBJECT,
        )
    return _aged(answer.signature, max_age, now)


def _unverified(answer: Answer, meaning: Meaning) -> Stop:
    verification = answer.verification
    told = {claim.digest: claim for claim in answer.claims}
    lines = [
        f"signature {failure.digest}: {one_line(failure.message)}"
        f"{_claimed(told.get(failure.digest), answer.metadata)}"
        for failure in verification.failures[:MOST_FAILURES]
    ]
    if more := len(verification.failures) - len(lines):
        lines.append(f"and {counted(more, 'more signature')} that did not verify")
    if not lines and verification.message:
        lines = [f"notation: {one_line(verification.message)}"]
    return Stop(
        kind=meaning.kind,
        says=meaning.says,
        advice=meaning.advice,
        lines=(*_demanded(answer), *lines),
        cause=meaning.cause,
    )


def _warned(answer: Answer, warned: Warned) -> Stop:
    meaning = MEANINGS[warned.reason]
    return Stop(
        kind=meaning.kind,
        says=f"{meaning.says} (at the level `{answer.trust.level}` notation only warns of it)",
        advice=f"{meaning.advice} To let it pass: `accept_warnings: [{warned.type}]`.",
        lines=(*_demanded(answer), f"notation: {warned.type}: {one_line(warned.message)}"),
        cause=meaning.cause,
    )


def _aged(
    signature: Signature, max_age: datetime.timedelta | None, now: datetime.datetime
) -> Stop | None:
    if max_age is None:
        return None
    signed = signature.signed_at
    if signed is None:
        return Stop(
            kind=TOO_OLD,
            says="is signed, but without a signing time, so its age is not known",
            advice="Sign it again.",
        )
    age = now - signed
    if age <= max_age:
        return None
    return Stop(
        kind=TOO_OLD,
        says=f"was signed {told_age(age)} ago, more than the {told_age(max_age)} allowed",
        advice="Build and sign it again.",
        lines=(f"signature {signature.digest}: signed at {signed.isoformat()}",),
    )


def _demanded(answer: Answer) -> tuple[str, ...]:
    lines = [f"wanted    {answer.requirement.name}: {', '.join(answer.trust.identities)}"]
    if answer.verification.reason is Reason.METADATA:
        lines += [f"wanted    metadata {key}={value}" for key, value in answer.metadata.items()]
    return tuple(lines)


def _claimed(claim: Signature | None, metadata: Mapping[str, str]) -> str:
    """Who a signature says it is of, and what of ``metadata``; anybody can write that."""
    if claim is None or not claim.identity:
        return ""
    said = [
        f"{key}={claim.metadata[key]}" if key in claim.metadata else f"no {key}" for key in metadata
    ]
    holding = f" with {one_line(', '.join(said))}" if said else ""
    return f" (it claims to be of {one_line(claim.identity)}{holding}, unverified)"


def one_line(text: str) -> str:
    """Words of a stranger, so that they cannot look like further lines of ours, or be endless."""
    return clipped(printable(text), _LONGEST)


def case_of(target: Target, answers: Sequence[Answer], stop: Stop | None, seconds: float) -> Case:
    """The case of one manifest."""
    lines = [f"manifest  {target.descriptor.digest}", *used_by(target.image)]
    if stop is None:
        return Case(
            name=target.name,
            group=GROUP,
            outcome=Outcome.PASSED,
            message="signed by " + " and by ".join(_signer(answer) for answer in answers),
            detail="\n".join([*lines, *_told(answers)]),
            seconds=seconds,
            locations=locations(target.image),
        )
    return stopped_case(target.name, target.image, stop, lines, seconds)


def stopped_case(
    name: str,
    image: CollectedImage,
    stop: Stop,
    lines: Iterable[str] = (),
    seconds: float = 0.0,
    *,
    group: str = GROUP,
) -> Case:
    """The case of an image that does not pass."""
    advice = [stop.advice] if stop.advice else []
    return Case(
        name=name,
        group=group,
        outcome=Outcome.FAILED if stop.cause is None else Outcome.ERROR,
        cause=stop.cause,
        kind=stop.kind,
        message=f"{name} {stop.says}",
        detail="\n".join([*lines, *stop.lines, *advice]),
        seconds=seconds,
        locations=locations(image),
    )


def _signer(answer: Answer) -> str:
    signature = answer.signature
    if signature is None:
        return answer.requirement.name
    when = f" at {_moment(signature.signed_at)}" if signature.signed_at else ""
    return f"{one_line(signature.identity)}{when}"


def _told(answers: Iterable[Answer]) -> list[str]:
    lines: list[str] = []
    for answer in answers:
        signature = answer.signature
        if signature is None:
            continue
        lines.append(f"signature {signature.digest}, for {answer.requirement.name}")
        lines += metadata_of(signature)
        lines += [
            f"warning   {warned.type}: {one_line(warned.message)} (accepted)"
            for warned in answer.verification.warnings
        ]
    return lines


def metadata_of(signature: Signature) -> list[str]:
    """A line for each pair that was signed with the image."""
    pairs = sorted(signature.metadata.items())
    return [f"metadata  {one_line(key)}={one_line(value)}" for key, value in pairs]


def _moment(moment: datetime.datetime) -> str:
    return moment.astimezone(datetime.UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def used_by(image: CollectedImage) -> list[str]:
    """A line for each place that uses the image."""
    return [
        f"used by   {use.where}{f' ({use.location})' if use.location else ''}"
        for use in image.uses
        if use.where
    ]


def locations(image: CollectedImage) -> tuple[Location, ...]:
    """The places that use the image, each once."""
    return tuple(dict.fromkeys(use.location for use in image.uses if use.location))


def failed_to_ask(error: BuildstepsError) -> Stop:
    """What an error on the way to a verdict means for an image."""
    meaning = _meaning_of(error)
    return Stop(
        kind=meaning.kind,
        says=meaning.says,
        advice=meaning.advice,
        lines=(str(error), *error.detail.splitlines()),
        cause=meaning.cause,
    )


def _meaning_of(error: BuildstepsError) -> Meaning:
    if isinstance(error, NoSuchImageError):
        return MEANINGS[Reason.NO_SUCH_IMAGE]
    if isinstance(error, TooManyPlatformsError):
        return TOO_MANY_PLATFORMS
    if isinstance(error, UsageError):
        return MEANINGS[Reason.BAD_REFERENCE]
    kind = str(getattr(error, "reason", Reason.UNKNOWN))
    if kind in set(Reason):
        return MEANINGS[Reason(kind)]
    return Meaning(kind, Outcome.ERROR, "could not be judged", "", Cause.WORLD)
