"""Images that somebody exempted: acceptances with an ``image`` glob.

They are the common acceptances of ``buildsteps.yaml``: with a reason, for as long as it holds, and
told in every report.
"""

import datetime
from collections.abc import Sequence

from msgspec import Struct

from buildsteps.acceptances import Acceptance, settle
from buildsteps.image_reference import ImageReference
from buildsteps.results import Case, Finding, Location, Severity


class Failing(Struct, frozen=True):
    """An image that would stop the build, and the class of its failure, such as ``unsigned``."""

    reference: ImageReference
    rule: str


class Exemptions(Struct, frozen=True):
    """What the acceptances say of failing images.

    ``accepted`` has the reason for each image in the order given, empty where there is none;
    ``cases`` are acceptances that stop the build (run out), ``findings`` those that cover nothing.
    """

    accepted: tuple[str, ...]
    cases: tuple[Case, ...]
    findings: tuple[Finding, ...]


def exemptions(
    failing: Sequence[Failing],
    accepted: Sequence[Acceptance],
    today: datetime.date,
    *,
    whole_run: bool = True,
) -> Exemptions:
    """Look each failing image up among the acceptances that name images."""
    findings = [_as_finding(one) for one in failing]
    settled = settle(findings, accepted, (), today, whole_run=whole_run, images=True)
    return Exemptions(
        tuple(finding.accepted for finding in settled.findings[: len(findings)]),
        settled.cases,
        settled.findings[len(findings) :],
    )


def _as_finding(one: Failing) -> Finding:
    """The shape that acceptances are matched against: its place is the image."""
    place = Location(str(one.reference))
    return Finding(rule=one.rule, severity=Severity.HIGH, message="", locations=(place,))
