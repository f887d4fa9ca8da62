"""Which signatures ``signatures delete`` means, and what it shall do with them."""

from collections.abc import Sequence

from buildsteps.errors import UsageError
from buildsteps.image_reference import is_digest
from buildsteps.results import Case, Outcome
from buildsteps.steps.signing.signatures.deletion import Chosen, Wanted, not_there, question_about
from buildsteps.steps.signing.signatures.looking_up import Place
from buildsteps.steps.signing.signatures.options import DeleteOptions
from buildsteps.steps.signing.signatures.revoking import LONGEST_REASON
from buildsteps.steps.signing.signatures.stored import stored_signatures
from buildsteps.world import World


def wanted_of(options: DeleteOptions, *, may_ask: bool) -> Wanted:
    """Say what shall be done.

    Raises:
        UsageError: options are missing or contradict each other, or nobody can be asked.
    """
    if bool(options.digest) == options.all:
        raise UsageError("say which signatures: either --digest or --all")
    if options.digest and len(set(options.images)) > 1:
        raise UsageError("--digest is for one IMAGE at a time")
    for digest in options.digest:
        if not is_digest(digest):
            raise UsageError("--digest must be sha256: and 64 hexadecimal digits")
    if options.revoke and options.revoke_only:
        raise UsageError("--revoke and --revoke-only exclude each other")
    revokes = options.revoke or options.revoke_only
    if revokes and not options.reason.strip():
        raise UsageError("revoking wants --reason: AWS Signer keeps it with the signature")
    if options.reason and not revokes:
        raise UsageError("--reason is for --revoke or --revoke-only")
    if len(options.reason) > LONGEST_REASON:
        raise UsageError(f"--reason is longer than the {LONGEST_REASON} characters of AWS Signer")
    if not (options.yes or options.dry_run or may_ask):
        raise UsageError("nobody can be asked here: --yes does it, --dry-run shows it")
    return Wanted(
        delete=not options.revoke_only,
        reason=options.reason.strip() if revokes else "",
        dry_run=options.dry_run,
    )


def chosen_of(
    options: DeleteOptions, written: str, place: Place
) -> tuple[list[Chosen], list[Case]]:
    """Look the image up; give its signatures that are meant, and a case for what is not there.

    Raises:
        NoSuchImageError, RegistryError: its signatures cannot be looked up.
    """
    image = place.image()
    stored = {found.digest: found for found in stored_signatures(place.registry, image)}
    meant = list(stored) if options.all else list(dict.fromkeys(options.digest))
    if not meant:
        message = "has no signature"
        return [], [Case(name=written, group=written, outcome=Outcome.SKIPPED, message=message)]
    return (
        [Chosen(written, image, place.registry, stored[d]) for d in meant if d in stored],
        [not_there(written, digest, image) for digest in meant if digest not in stored],
    )


def confirm(chosen: Sequence[Chosen], wanted: Wanted, world: World) -> None:
    """Ask whether it shall be done.

    Raises:
        UsageError: the answer is not yes.
    """
    answer = world.ask(question_about(chosen, wanted)) if world.ask else ""
    if answer.lower() not in ("y", "yes"):
        raise UsageError("nobody said yes: nothing was done")
