"""What a cluster says, as cases."""

from collections.abc import Collection, Iterable

from buildsteps.image_reference import ImageReference
from buildsteps.results import Case, Cause, Location, Outcome, unjudged
from buildsteps.steps.signing.cluster.admission_log import FAILED, VERIFIED, Admission
from buildsteps.steps.signing.cluster.dry_run import Answer
from buildsteps.steps.signing.cluster.live import RunningImage
from buildsteps.steps.signing.cluster.policy_report import PolicyReports, PolicyResult

LIVE, POLICIES, LOG, DRY_RUN = "cluster", "policy reports", "admission log", "dry run"


def untold_case(image: RunningImage, place: Location | None = None) -> Case:
    """The case of a container of which nobody knows what it runs: it cannot be verified."""
    waiting = "not started" in image.unknown
    advice = "wait for the roll-out, or" if waiting else "pull it from a registry, or"
    kind = "not-running" if waiting else "no-digest"
    return unjudged(
        image.where,
        LIVE,
        f"{image.unknown}; its image is {image.written or 'not named'}",
        kind=kind,
        locations=_places(place),
        detail=f"nobody can verify it: {advice} accept `{kind}` for the image",
    )


def deployed_cases(
    running: Iterable[RunningImage],
    deployed: Collection[ImageReference],
    place: Location | None = None,
) -> list[Case]:
    """A case for each container of the deployment, whether it runs the image that was named.

    ``deployed`` are the images by digest. Compared is the digest, which is the content, so that a
    mirror's name does not matter. A container of a repository that the deployment does not name is
    none of its, and has no case.
    """
    digests = {one.digest for one in deployed}
    names = {one.name for one in deployed}
    cases = []
    for image in running:
        reference = image.reference
        if reference is None:
            continue
        if reference.digest in digests:
            message = f"runs {reference}, as named"
            cases.append(_case(image.where, LIVE, Outcome.PASSED, "", message, _places(place)))
        elif reference.name in names:
            others = sorted(str(one) for one in deployed if one.name == reference.name)
            message = f"runs {reference}, not what was named: {', '.join(others)}"
            kind = "other-digest"
            cases.append(_case(image.where, LIVE, Outcome.FAILED, kind, message, _places(place)))
    return cases


def policy_cases(
    reports: PolicyReports, place: Location | None = None, *, warnings_pass: bool = False
) -> list[Case]:
    """A case for each image that a result names, else for its resource.

    ``warn`` means that the policy is not met and does not enforce: failed, unless
    ``warnings_pass``. An unknown result could not be judged.
    """
    return [
        _policy_case(result, subject, _places(place), warnings_pass=warnings_pass)
        for result in reports.results
        for subject in ([str(image) for image in result.images] or [result.resource])
    ]


def _policy_case(
    result: PolicyResult, subject: str, places: tuple[Location, ...], *, warnings_pass: bool
) -> Case:
    by = " ".join(part for part in (result.policy, result.rule) if part) or "a policy"
    first, _, rest = result.message.partition("\n")
    about = "" if subject == result.resource else f"{result.resource}: "
    message = f"{about}{first or result.result or 'no result'} ({by})"
    if result.result == "error" or result.result not in ("pass", "fail", "warn", "skip"):
        return Case(
            name=f"{subject} by {by}",
            group=POLICIES,
            outcome=Outcome.ERROR,
            cause=Cause.WORLD if result.result == "error" else Cause.SUBJECT,
            kind="policy-error",
            message=message,
            detail=rest,
            locations=places,
        )
    outcomes = {
        "pass": Outcome.PASSED,
        "fail": Outcome.FAILED,
        "warn": Outcome.PASSED if warnings_pass else Outcome.FAILED,
        "skip": Outcome.SKIPPED,
    }
    kind = f"policy-{result.result}" if outcomes[result.result] is Outcome.FAILED else ""
    return _case(
        f"{subject} by {by}", POLICIES, outcomes[result.result], kind, message, places, rest
    )


def admission_cases(admissions: Iterable[Admission], path: str = "") -> list[Case]:
    """A case for each image; one that the controller's trust policy skips was not judged."""
    return [_admission_case(one, path) for one in admissions]


def _admission_case(one: Admission, path: str) -> Case:
    places = (Location(path, one.line),) if path else ()
    name = str(one.reference)
    if one.outcome == VERIFIED:
        digest = f" as {one.digest}" if one.digest else ""
        return _case(name, LOG, Outcome.PASSED, "", f"the controller verified it{digest}", places)
    if one.outcome == FAILED:
        message = f"the controller refused it: {one.reason}"
        return _case(name, LOG, Outcome.FAILED, "refused", message, places)
    message = "the controller's trust policy skips it: nobody verified it"
    return _case(name, LOG, Outcome.SKIPPED, "", message, places)


def dry_run_cases(answers: Iterable[Answer], place: Location | None = None) -> list[Case]:
    """A case for each object: admitted, denied, or no answer to be had."""
    return [case for one in answers for case in _dry_run_cases(one, _places(place))]


def _dry_run_cases(one: Answer, places: tuple[Location, ...]) -> list[Case]:
    if one.admitted:
        return [_case(one.resource, DRY_RUN, Outcome.PASSED, "", "would be admitted", places)]
    first, _, rest = one.message.partition("\n")
    if not one.denied:
        return [
            Case(
                name=one.resource,
                group=DRY_RUN,
                outcome=Outcome.ERROR,
                cause=Cause.WORLD,
                kind="no-answer",
                message=f"the cluster did not judge it: {first}",
                detail=rest,
                locations=places,
            )
        ]
    names = [str(image) for image in one.images] or [one.resource]
    message = f"{one.resource} would be denied by {one.webhook or 'an admission policy'}"
    return [
        _case(name, DRY_RUN, Outcome.FAILED, "denied", message, places, one.message)
        for name in names
    ]


def _case(
    name: str,
    group: str,
    outcome: Outcome,
    kind: str,
    message: str,
    places: tuple[Location, ...],
    detail: str = "",
) -> Case:
    return Case(
        name=name,
        group=group,
        outcome=outcome,
        kind=kind,
        message=message,
        detail=detail,
        locations=places,
    )


def _places(place: Location | None) -> tuple[Location, ...]:
    return (place,) if place else ()
