"""What the cluster's own policies said: policy reports, and the admission controller's log."""

from collections.abc import Iterator

from buildsteps.reporting.text import counted
from buildsteps.results import Location
from buildsteps.steps.signing.cluster.admission_log import read_admission_log
from buildsteps.steps.signing.cluster.cases import LOG, POLICIES, admission_cases, policy_cases
from buildsteps.steps.signing.cluster.policy_report import PolicyReports, read_policy_reports
from buildsteps.steps.signing.exempting import Judged
from buildsteps.steps.signing.inputs.collecting import CollectedImage, read_file
from buildsteps.steps.signing.inputs.interface import Input
from buildsteps.steps.signing.settings import VerifyOptions
from buildsteps.steps.signing.verifying.part import Part
from buildsteps.world import World


def report_parts(options: VerifyOptions, world: World) -> Iterator[Part]:
    """A part for each policy report, and one for the log.

    Raises:
        UsageError: a file cannot be read.
    """
    for name in dict.fromkeys(options.policy_report):
        yield _policies(read_file(name, world))
    if options.admission_log:
        yield _log(read_file(options.admission_log, world))


def _policies(file: Input) -> Part:
    found = read_policy_reports(file)
    judged, cases = [], []
    for result in found.results:
        made = policy_cases(PolicyReports(1, (result,)), Location(file.shown))
        if result.images:
            images = [CollectedImage(image, ()) for image in result.images]
            judged += [Judged(image, case) for image, case in zip(images, made, strict=True)]
        else:
            cases += made
    what = f"{counted(found.reports, 'policy report')}, {counted(len(found.results), 'result')}"
    return Part(
        name=POLICIES,
        judged=tuple(judged),
        cases=tuple(cases),
        notes=(f"{file.shown}: {what}",),
        emptiness="" if found.results else f"no result of a PolicyReport in {file.shown}",
    )


def _log(file: Input) -> Part:
    found = read_admission_log(file)
    cases = admission_cases(found, file.shown)
    empty = f"kyverno-notation-aws says nothing of an image in {file.shown}"
    return Part(
        name=LOG,
        judged=tuple(
            Judged(CollectedImage(one.reference, ()), case)
            for one, case in zip(found, cases, strict=True)
        ),
        notes=(f"{file.shown}: admissions of {counted(len(found), 'image')}",),
        emptiness="" if found else empty,
    )
