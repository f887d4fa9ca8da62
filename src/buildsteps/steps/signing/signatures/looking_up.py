"""From an image as it is written to its registry and its digest."""

from collections.abc import Sequence

from msgspec import Struct

from buildsteps.image_reference import ImageReference, parse_reference
from buildsteps.steps.signing.registries.choosing import Registries
from buildsteps.steps.signing.registries.credentials import sole_registry
from buildsteps.steps.signing.registries.interface import Registry
from buildsteps.world import World


class Place(Struct, frozen=True):
    """A reference as it was written, and the registry that holds it."""

    reference: ImageReference
    registry: Registry

    def image(self) -> ImageReference:
        """Give the image by digest; it must be there.

        Raises:
            NoSuchImageError, RegistryError: it is not, or the registry is of no use.
        """
        return self.reference.at(self.registry.resolve(self.reference).digest)


def opened(images: Sequence[str], insecure: Sequence[str], world: World) -> dict[str, Place]:
    """Give the place of each image, by how it is written, in order; nothing is asked yet.

    Raises:
        UsageError: a reference or an insecure host is misspelled.
    """
    references = {written: parse_reference(written) for written in images}
    registries = Registries(world, insecure, sole_registry(references.values()))
    return {
        written: Place(reference, registries.of(reference))
        for written, reference in references.items()
    }
