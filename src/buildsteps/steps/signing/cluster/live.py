"""What runs: the digests that the nodes of a cluster pulled.

The source is ``ContainerStatus`` of the Kubernetes API reference. ``imageID`` is written by the
container runtime: ``repository@sha256:...``, with ``docker-pullable://`` before it by dockershim. A
bare ``sha256:...`` is the id of an image that was loaded on the node and is in no registry.
"""

import re
from typing import Any

from msgspec import Struct

from buildsteps.errors import UsageError
from buildsteps.image_reference import ImageReference, parse_reference
from buildsteps.steps.signing.cluster.objects import mappings, read_objects, text, words
from buildsteps.steps.signing.inputs.interface import Input

STATUSES = {
    "initContainerStatuses": ("initContainers", "init container"),
    "containerStatuses": ("containers", "container"),
    "ephemeralContainerStatuses": ("ephemeralContainers", "ephemeral container"),
}

_SCHEME = re.compile(r"[a-z][a-z-]*://")


class RunningImage(Struct, frozen=True, kw_only=True):
    """One container of one pod.

    ``written`` is the image of its specification. ``reference`` has the digest that runs; it is
    None where the runtime names none, and ``unknown`` says why. ``phase`` is that of the pod.
    """

    where: str
    namespace: str
    pod: str
    container: str
    written: str
    reference: ImageReference | None = None
    unknown: str = ""
    phase: str = ""

    @property
    def ended(self) -> bool:
        """Whether the pod ended for good (``PodStatus.phase``): nothing of it runs any more."""
        return self.phase in ("Succeeded", "Failed")


class Live(Struct, frozen=True):
    """What the objects say: every container of every pod, in the order of the file."""

    images: tuple[RunningImage, ...]
    pods: int


def read_live(file: Input) -> Live:
    """Read what ``kubectl get pods -o json`` answered; objects that are no pods are left out.

    Raises:
        UsageError: the file is neither JSON nor YAML.
    """
    pods = [one for one in read_objects(file) if text(one, "kind") == "Pod"]
    return Live(tuple(image for pod in pods for image in _of_pod(pod)), len(pods))


def _of_pod(pod: dict[str, Any]) -> list[RunningImage]:
    found = []
    for key, (spec_key, noun) in STATUSES.items():
        statuses = {text(one, "name"): one for one in mappings(pod, "status", key)}
        for container in mappings(pod, "spec", spec_key):
            name = text(container, "name")
            found.append(_of_container(pod, noun, name, container, statuses.pop(name, {})))
        # A status without a container in the specification still runs.
        found += [
            _of_container(pod, noun, name, status, status) for name, status in statuses.items()
        ]
    return found


def _of_container(
    pod: dict[str, Any], noun: str, name: str, container: dict[str, Any], status: dict[str, Any]
) -> RunningImage:
    namespace, pod_name = text(pod, "metadata", "namespace"), text(pod, "metadata", "name")
    reference, unknown = _running(text(status, "imageID"), text(pod, "status", "phase"))
    return RunningImage(
        where=f"{words('Pod', namespace, pod_name)}, {noun} {name}".rstrip(),
        namespace=namespace,
        pod=pod_name,
        container=name,
        written=text(container, "image"),
        reference=reference,
        unknown=unknown,
        phase=text(pod, "status", "phase"),
    )


def _running(image_id: str, phase: str) -> tuple[ImageReference | None, str]:
    if not image_id:
        return None, f"has not started (the pod is {phase or 'of an unknown phase'})"
    named = _SCHEME.sub("", image_id, count=1)
    if "@" not in named:
        return None, f"runs {named}, which is in no registry"
    try:
        reference = parse_reference(named)
    except UsageError as error:
        return None, f"runs an image whose id is wrong: {error.message}"
    return (reference, "") if reference.digest else (None, f"runs {named}, without a digest")
