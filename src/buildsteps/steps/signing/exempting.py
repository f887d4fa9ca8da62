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


class Judged(Struct, frozen=True):
    """An image, and the case that came of it (or of one of its platforms)."""

    image: CollectedImage
    case: Case


class Settled(Struct, frozen=True):
    """The cases with exempt images skipped, and what is to be said of the acceptances."""

    cases: tuple[Case, ...]
    findings: tuple[Finding, ...]


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
    return Settled((*cases, *exempt.cases), exempt.findings)


def _stops(case: Case) -> bool:
    return case.outcome in (Outcome.FAILED, Outcome.ERROR)


def _skipped(case: Case, reason: str) -> Case:
    return replace(
        case, outcome=Outcome.SKIPPED, cause=None, message=f"exempt: {reason} ({case.message})"
    )
