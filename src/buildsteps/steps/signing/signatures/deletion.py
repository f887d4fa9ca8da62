"""``signatures delete``: what is chosen, what is asked, and a case for each signature."""

from collections.abc import Iterator, Sequence

from msgspec import Struct

from buildsteps.errors import BuildstepsError, UsageError, WorldError
from buildsteps.image_reference import ImageReference
from buildsteps.reporting.text import counted
from buildsteps.results import Case, Cause, Outcome, unjudged
from buildsteps.steps.signing.registries.errors import (
    NoSuchImageError,
    RegistryError,
    RegistryReason,
)
from buildsteps.steps.signing.registries.interface import Registry
from buildsteps.steps.signing.signatures.listing import UNVERIFIED, says
from buildsteps.steps.signing.signatures.revoking import job_of, revoke
from buildsteps.steps.signing.signatures.stored import StoredSignature
from buildsteps.world.aws import Aws


class Wanted(Struct, frozen=True, kw_only=True):
    """What is to be done with each chosen signature; a ``reason`` means that it is revoked."""

    delete: bool = True
    reason: str = ""
    dry_run: bool = False

    @property
    def words(self) -> str:
        """What is done, as in *would be revoked and deleted*."""
        done = ("revoked" if self.reason else "", "deleted" if self.delete else "")
        return " and ".join(part for part in done if part)


class Chosen(Struct, frozen=True):
    """A signature of an image; ``written`` is how the call names the image."""

    written: str
    image: ImageReference
    registry: Registry
    signature: StoredSignature


def question_about(chosen: Sequence[Chosen], wanted: Wanted) -> str:
    """Tell what would be done to what, and ask."""
    lines = []
    for one in chosen:
        lines.append(f"{one.written}: {one.signature.digest}")
        lines += [f"  {label:<8} {text}" for label, text in says(one.signature, one.image)]
    lines.append(f"note: {UNVERIFIED}")
    verbs = wanted.words.replace("revoked", "Revoke").replace("deleted", "delete")
    verbs = verbs[0].upper() + verbs[1:]
    ends = "; what is revoked stays revoked" if wanted.reason else ""
    return "\n".join([*lines, f"{verbs} {counted(len(chosen), 'signature')}{ends}? [y/N] "])


def cases_of(chosen: Sequence[Chosen], wanted: Wanted, aws: Aws) -> Iterator[Case]:
    """Do it, one after the other: two writers of one index under a tag lose each other's work."""
    for one in chosen:
        try:
            message = _done(one, wanted, aws)
        except BuildstepsError as error:
            yield refused(one.signature.digest, one.written, error)
        else:
            yield Case(
                name=one.signature.digest,
                group=one.written,
                outcome=Outcome.PASSED,
                message=message,
            )


def notes_of(cases: Sequence[Case], wanted: Wanted) -> tuple[str, ...]:
    """Say in sentences what was done, and which images had nothing to do it with."""
    done = [case for case in cases if case.outcome is Outcome.PASSED]
    words = f"would be {wanted.words}: nothing was done" if wanted.dry_run else wanted.words
    # A dry run is there to show them; passed cases alone are only counted on a terminal.
    shown = [f"{case.group}: {case.name}" for case in done if wanted.dry_run]
    bare = [f"{case.group} {case.message}" for case in cases if case.outcome is Outcome.SKIPPED]
    return (f"{counted(len(done), 'signature')} {words}", *shown, *bare)


def not_there(written: str, digest: str, image: ImageReference) -> Case:
    """Give the case of a signature that was named and that the image does not have."""
    message = f"{image} has no such signature"
    return unjudged(digest, written, message, kind="no-such-signature")


def refused(name: str, written: str, error: BuildstepsError) -> Case:
    """Give the case of a signature, or of a whole image, that could not be dealt with."""
    kind = error.reason.value if isinstance(error, RegistryError) else "signature"
    cause = Cause.WORLD if isinstance(error, WorldError) else Cause.SUBJECT
    return unjudged(name, written, error.message, kind=kind, cause=cause)


def _done(one: Chosen, wanted: Wanted, aws: Aws) -> str:
    signature, image = one.signature, one.image
    if not signature.is_signature:
        raise UsageError(f"it stays as it is: {signature.problem}")
    job = job_of(signature, image) if wanted.reason else None
    if wanted.dry_run:
        return f"would be {wanted.words}"
    if job is not None:
        revoke(job, wanted.reason, aws)
    if wanted.delete:
        _delete(one, "it is revoked, but " if job else "")
    return wanted.words


def _delete(one: Chosen, before: str) -> None:
    """Take the signature off the index under the tag, then delete it.

    In this order a reader never finds one listed that is gone.
    """
    signature = one.signature
    unlisted = one.registry.detach(one.image, signature.digest) if signature.by_tag else False
    try:
        one.registry.delete(one.image.at(signature.digest))
    except NoSuchImageError:
        if not signature.missing:
            raise
    except RegistryError as error:
        rest = "; it is off the index under the tag, and its manifest stays" if unlisted else ""
        raise RegistryError(f"{before}{error}{rest}{_help(error)}", error.reason) from None


def _help(error: RegistryError) -> str:
    if error.reason is not RegistryReason.UNSUPPORTED:
        return ""
    return (
        "; deleting is switched off there: Distribution's registry has it on with "
        "REGISTRY_STORAGE_DELETE_ENABLED=true"
    )
