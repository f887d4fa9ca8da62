"""What a cluster runs, as images to verify: asked of kubectl, or read from a saved answer."""

from msgspec import Struct

from buildsteps.errors import UsageError, WorldError
from buildsteps.reporting.text import counted
from buildsteps.results import Location
from buildsteps.steps.signing.cluster.kubectl import Kubectl
from buildsteps.steps.signing.cluster.live import RunningImage, read_live
from buildsteps.steps.signing.inputs.collecting import read_file
from buildsteps.steps.signing.uses import ImageUse
from buildsteps.world import World


class Running(Struct, frozen=True, kw_only=True):
    """The containers of the pods that have not ended.

    ``place`` is the saved answer, if that was read; ``notes`` say what was found; ``emptiness`` why
    there is no container, if there is none.
    """

    images: tuple[RunningImage, ...] = ()
    place: Location | None = None
    notes: tuple[str, ...] = ()
    emptiness: str = ""

    @property
    def uses(self) -> tuple[ImageUse, ...]:
        """Every digest that runs, with its pod and container in words."""
        return tuple(
            ImageUse(
                reference=image.reference,
                written=image.written,
                location=self.place,
                where=image.where,
            )
            for image in self.images
            if image.reference is not None
        )


def read_saved(name: str, namespace: str, world: World) -> Running:
    """Read the containers of a saved ``kubectl get pods -o json``.

    Raises:
        UsageError: the file cannot be read, or is neither JSON nor YAML.
    """
    file = read_file(name, world)
    found = read_live(file).images
    images = tuple(one for one in found if not namespace or one.namespace == namespace)
    return _running(images, file.shown, namespace, Location(file.shown))


def ask_running(kubectl: Kubectl) -> Running:
    """Ask kubectl what runs.

    Raises:
        WorldError: there is no answer.
    """
    try:
        found = read_live(kubectl.pods()).images
    except UsageError as error:  # nobody's call is wrong: it is kubectl's answer
        raise WorldError(str(error)) from None
    return _running(found, "the cluster", kubectl.namespace, None)


def _running(
    images: tuple[RunningImage, ...], source: str, namespace: str, place: Location | None
) -> Running:
    running = tuple(image for image in images if not image.ended)
    where = f"namespace {namespace} of {source}" if namespace else source
    ended = _pods(tuple(image for image in images if image.ended))
    note = f"{where}: {counted(_pods(running), 'pod')}, {counted(len(running), 'container')}"
    if ended:
        note += f"; {counted(ended, 'pod')} that ended left out"
    return Running(
        images=running,
        place=place,
        notes=(note,),
        emptiness="" if running else f"no container runs in {where}",
    )


def _pods(images: tuple[RunningImage, ...]) -> int:
    return len({(image.namespace, image.pod) for image in images})
