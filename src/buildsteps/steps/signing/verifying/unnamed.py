"""Images that a file uses and does not name: nobody can verify them, so they stop."""

from collections.abc import Sequence
from fnmatch import fnmatchcase

from buildsteps.acceptances import UNUSED, Acceptance, settle
from buildsteps.results import Case, Finding, unjudged
from buildsteps.steps.signing.inputs.naming import MISSING, PLACEHOLDER
from buildsteps.steps.signing.verifying.part import Part
from buildsteps.steps.signing.verifying.verdicts import GROUP
from buildsteps.world import World
from buildsteps.world.clock import utc_date

STOPPING = (PLACEHOLDER, MISSING)
"""The rules of images that will run. A value of an unknown kind may be anything: it is only told"""


def unnamed_part(findings: Sequence[Finding], accepted: Sequence[Acceptance], world: World) -> Part:
    """What was found beside images: a case for each image that is not named.

    The acceptances are those of places in files, because there is no image to name.
    """
    ours = [one for one in accepted if any(fnmatchcase(rule, one.rule) for rule in STOPPING)]
    holes = [one for one in findings if one.rule in STOPPING]
    settled = settle(holes, ours, (), utc_date(world.clock.now()))
    told = [one for one in settled.findings if one.accepted or _is_unused_of_ours(one)]
    return Part(
        name=GROUP,
        cases=(
            *(_case(one) for one in settled.findings[: len(holes)] if not one.accepted),
            *settled.cases,
        ),
        findings=(*(one for one in findings if one.rule not in STOPPING), *told),
    )


def _is_unused_of_ours(finding: Finding) -> bool:
    """``*`` may be meant for another command; ``image-*`` can be meant for none."""
    return finding.fingerprint.startswith(f"{UNUSED}:image-")


def _case(finding: Finding) -> Case:
    remedy = f"{finding.help}, and" if finding.help else "name the image, or"
    return unjudged(
        f"{finding.rule} {finding.locations[0]}",
        GROUP,
        finding.message,
        kind=finding.rule,
        locations=finding.locations,
        detail=f"nobody can verify it: {remedy} accept `{finding.rule}` for this file",
    )
