"""``--managed wait``: ECR signs what is pushed; we wait until it has, and say what came of it."""

from buildsteps.image_reference import ImageReference
from buildsteps.results import Cause
from buildsteps.steps.signing.managed import ManagedState, ManagedStatus, wait_for_managed
from buildsteps.steps.signing.sign.cases import Done, What
from buildsteps.steps.signing.verifying.verdicts import Stop
from buildsteps.world import World
from buildsteps.world.waiting import OutOfTimeError

KIND = "managed-signing"


def await_managed(
    image: ImageReference, world: World, limit: float, profile: str = ""
) -> Done | Stop:
    """Wait for ECR, ``limit`` seconds; with ``profile`` for the signature of that one above all.

    Raises:
        NoSuchImageError, WorldError: ECR does not hold the image, or did not answer.
    """
    try:
        statuses = wait_for_managed(image, world.aws, world.clock, limit)
    except OutOfTimeError as error:
        return _stop("was not signed by ECR in time", error.message, Cause.WORLD)
    if not statuses:
        return _stop(
            "is not signed by ECR: no rule of the registry's signing configuration matches",
            "Look at `aws ecr get-signing-configuration`.",
        )
    if profile and profile not in {status.profile for status in statuses}:
        return _stop(
            f"is not signed by ECR with {profile}: no rule names it for this repository",
            "Look at `aws ecr get-signing-configuration`.",
        )
    failed = [status for status in statuses if status.state is not ManagedState.COMPLETE]
    if failed:
        lines = tuple(_told(status) for status in failed)
        return _stop(
            "could not be signed by ECR",
            "ECR signs as whoever pushes: that role needs signer:SignPayload.",
            lines=lines,
        )
    return Done(what=What.MANAGED, by=", ".join(status.profile for status in statuses))


def _stop(says: str, advice: str, cause: Cause | None = None, lines: tuple[str, ...] = ()) -> Stop:
    return Stop(kind=KIND, says=says, advice=advice, lines=lines, cause=cause)


def _told(status: ManagedStatus) -> str:
    return " ".join(part for part in (f"{status.profile}:", status.code, status.reason) if part)
