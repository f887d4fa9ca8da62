"""What a cluster adds to the images of a call: what runs there, and what it would admit."""

from collections.abc import Iterable, Sequence

from msgspec import Struct

from buildsteps.errors import UsageError, WorldError
from buildsteps.image_reference import ImageReference, parse_reference
from buildsteps.results import Case, Cause, Location, unjudged
from buildsteps.steps.signing.cluster.cases import (
    DRY_RUN,
    LIVE,
    deployed_cases,
    dry_run_cases,
    untold_case,
)
from buildsteps.steps.signing.cluster.kubectl import Kubectl, find_kubectl
from buildsteps.steps.signing.cluster.running import Running, ask_running, read_saved
from buildsteps.steps.signing.exempting import Judged
from buildsteps.steps.signing.inputs import kubernetes
from buildsteps.steps.signing.inputs.collecting import CollectedImage
from buildsteps.steps.signing.inputs.document import parse_document
from buildsteps.steps.signing.inputs.interface import Input
from buildsteps.steps.signing.settings import VerifyOptions
from buildsteps.steps.signing.verifying.part import Part
from buildsteps.world import World

KUBECTL = "kubectl"
"""The class of what could not be judged because kubectl gave no answer."""


class InCluster(Struct, frozen=True, kw_only=True):
    """What the cluster said so far: what runs, and the cases that need no verification."""

    running: Running = Running()
    kubectl: Kubectl | None = None
    judged: tuple[Judged, ...] = ()
    cases: tuple[Case, ...] = ()

    def part(self, deployed: Sequence[ImageReference]) -> Part:
        """The part of the report, where ``deployed`` are the images of the call, by digest."""
        running = self.running
        compared = deployed_cases(running.images, deployed, running.place)
        facts: dict[str, object] = {"containers": len(running.images)}
        if self.kubectl:
            facts["kubectl_path"] = str(self.kubectl.path)
        return Part(
            name=LIVE,
            judged=self.judged,
            cases=(*compared, *self.cases),
            facts=facts,
            notes=running.notes,
            emptiness=running.emptiness,
        )


def ask_cluster(options: VerifyOptions, files: Sequence[Input], world: World) -> InCluster:
    """Ask what runs, and what of ``files`` would be admitted; with ``--saved`` nobody is asked.

    kubectl that is missing or fails is a case: what else is judged is not lost.

    Raises:
        UsageError: the saved answer cannot be read.
    """
    if options.saved:
        return _of(read_saved(options.saved, options.namespace, world), None, ())
    try:
        kubectl = find_kubectl(world, options.namespace, options.timeout)
    except WorldError as error:
        return InCluster(cases=(_unanswered(KUBECTL, LIVE, error),))
    cases: list[Case] = []
    running = Running()
    try:
        running = ask_running(kubectl)
    except WorldError as error:
        cases.append(_unanswered("kubectl get pods", LIVE, error))
    for file in files:
        cases += _dry_run(file, kubectl)
    return _of(running, kubectl, cases)


def _of(running: Running, kubectl: Kubectl | None, cases: Iterable[Case]) -> InCluster:
    judged: list[Judged] = []
    untold: list[Case] = []
    for image in running.images:
        if image.reference is not None:
            continue
        case = untold_case(image, running.place)
        try:
            judged.append(Judged(CollectedImage(parse_reference(image.written), ()), case))
        except UsageError:
            untold.append(case)
    return InCluster(
        running=running, kubectl=kubectl, judged=tuple(judged), cases=(*untold, *cases)
    )


def _dry_run(file: Input, kubectl: Kubectl) -> list[Case]:
    """The cases of a file of Kubernetes manifests; none for a file of another kind."""
    document = parse_document(file.path, file.data, file.shown)
    if not kubernetes.recognises(document):
        return []
    try:
        return dry_run_cases(kubectl.dry_run(file), Location(file.shown))
    except WorldError as error:
        return [_unanswered(file.shown, DRY_RUN, error)]


def _unanswered(name: str, group: str, error: WorldError) -> Case:
    return unjudged(name, group, str(error), kind=KUBECTL, cause=Cause.WORLD)
