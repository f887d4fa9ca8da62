"""What the acceptances make of images that would stop the build."""

from collections.abc import Sequence

from msgspec import Struct
from msgspec.structs import replace

from buildsteps.acceptances import Acceptance
from buildsteps.results import Case, Finding, Outcome
from buildsteps.steps.signing.exemptions import Failing, exemptions
from buildsteps.steps.signing.inputs.collecting import CollectedImage
from buildsteps.world import World
from buildsteps.world.clock import utc_date

UNSIGNED = "unsigned"
"""The class of images that carry no signature; who accepts it needs none."""


class Judged(Struct, frozen=True):
    """An image, and the case that came of it (or of one of its platforms)."""

    image: CollectedImage
    case: Case


class Settled(Struct, frozen=True):
    """The cases with exempt images skipped, and what is to be said of the acceptances.

    ``notes`` name the exempt images, because a skipped case alone is easily overlooked.
    """

    cases: tuple[Case, ...]
    findings: tuple[Finding, ...]
    notes: tuple[str, ...] = ()


def settled(
    judged: Sequence[Judged],
    accepted: Sequence[Acceptance],
    world: World,
    *,
    whole_run: bool = True,
) -> Settled:
    """Skip what is exempt, with the reason; an acceptance that ran out stops.

    One that exempts nothing is told, unless this is no ``whole_run``.
    """
    failing = [one for one in judged if _stops(one.case)]
    exempt = exemptions(
        [Failing(one.image.reference, one.case.kind) for one in failing],
        accepted,
        utc_date(world.clock.now()),
        whole_run=whole_run,
    )
    reasons = {
        id(one): reason for one, reason in zip(failing, exempt.accepted, strict=True) if reason
    }
    cases = [
        _skipped(one.case, reasons[id(one)]) if id(one) in reasons else one.case for one in judged
    ]
    notes = [
        f"exempt: {one.case.name}: {reasons[id(one)]}" for one in failing if id(one) in reasons
    ]
    return Settled((*cases, *exempt.cases), exempt.findings, tuple(notes))


class Wanted(Struct, frozen=True):
    """Images to sign, and the cases of those that need no signature."""

    images: tuple[CollectedImage, ...]
    cases: tuple[Case, ...]
    notes: tuple[str, ...]


def wanted(
    images: Sequence[CollectedImage], accepted: Sequence[Acceptance], world: World, group: str
) -> Wanted:
    """Leave out images that may stay unsigned, such as a public side-car we cannot push to."""
    exempt = exemptions(
        [Failing(image.reference, UNSIGNED) for image in images],
        accepted,
        utc_date(world.clock.now()),
        whole_run=False,
    )
    reasons = dict(zip(images, exempt.accepted, strict=True))
    left_out = [(image, reason) for image, reason in reasons.items() if reason]
    cases = [
        Case(
            name=str(image.reference),
            group=group,
            outcome=Outcome.SKIPPED,
            message=f"exempt: {reason}",
        )
        for image, reason in left_out
    ]
    return Wanted(
        tuple(image for image, reason in reasons.items() if not reason),
        (*cases, *exempt.cases),
        tuple(f"exempt: {image.reference}: {reason}" for image, reason in left_out),
    )


def _stops(case: Case) -> bool:
    return case.outcome in (Outcome.FAILED, Outcome.ERROR)


def _skipped(case: Case, reason: str) -> Case:
    return replace(
        case, outcome=Outcome.SKIPPED, cause=None, message=f"exempt: {reason} ({case.message})"
    )
