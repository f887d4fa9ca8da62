"""From images to manifests: which digest a tag means, and which platforms an image has."""

from collections import Counter
from collections.abc import Iterator, Sequence

from msgspec import Struct
from msgspec.structs import replace

from buildsteps.errors import BuildstepsError, UsageError
from buildsteps.image_reference import ImageReference
from buildsteps.steps.signing.inputs.collecting import CollectedImage
from buildsteps.steps.signing.registries.choosing import Registries
from buildsteps.steps.signing.registries.interface import Descriptor, Registry
from buildsteps.world.concurrency import threaded_map

MOST_PLATFORMS = 200
"""Published images have some twenty; more would keep a build busy for whoever wrote the index."""


class TooManyPlatformsError(UsageError):
    """An index that lists more than anybody would look at."""


class Target(Struct, frozen=True):
    """One manifest to sign or to verify.

    ``descriptor.platform`` is empty for the image itself, and set for one of its platforms. It
    holds the digest alone where the registry was not asked.
    """

    image: CollectedImage
    descriptor: Descriptor

    @property
    def reference(self) -> ImageReference:
        """The manifest by digest."""
        return self.image.reference.at(self.descriptor.digest)

    @property
    def name(self) -> str:
        """What people call it: the image as it was written, and the platform."""
        platform = self.descriptor.platform
        return f"{self.image.reference} ({platform})" if platform else str(self.image.reference)


class Unresolved(Struct, frozen=True):
    """An image of which the registry did not give the manifest, and why."""

    image: CollectedImage
    error: BuildstepsError


def resolve(
    images: Sequence[CollectedImage],
    registries: Registries,
    *,
    platforms: bool,
    threads: int,
    digests_too: bool = True,
) -> Iterator[Target | Unresolved]:
    """Find the manifests, in the images' order; with ``platforms`` those of each platform too.

    Without ``digests_too`` an image that has a digest is taken by its word, unless its platforms
    are wanted: right for whoever asks about that very digest next.
    """

    def one(image: CollectedImage) -> list[Target] | Unresolved:
        try:
            if image.reference.digest and not (digests_too or platforms):
                return [Target(image, Descriptor(image.reference.digest, ""))]
            return _targets(image, registries, platforms)
        except BuildstepsError as error:
            return Unresolved(image, error)

    for found in threaded_map(one, images, threads):
        if isinstance(found, Unresolved):
            yield found
        else:
            yield from found


def _targets(image: CollectedImage, registries: Registries, platforms: bool) -> list[Target]:
    registry = registries.of(image.reference)
    descriptor = registry.resolve(image.reference)
    targets = [Target(image, descriptor)]
    if platforms and descriptor.is_index:
        found = _platforms(registry, image.reference.at(descriptor.digest))
        targets += [Target(image, platform) for platform in _told_apart(found)]
    return targets


def _platforms(registry: Registry, index: ImageReference) -> list[Descriptor]:
    """The images of an index, and of those that it lists; each once for a platform."""
    found: dict[tuple[str, str], Descriptor] = {}
    waiting, fetched = [index.digest], 0
    while waiting:
        listed = registry.manifest(index.at(waiting.pop())).platforms
        fetched += 1
        waiting += [one.digest for one in listed if one.is_index]
        found |= {(one.digest, one.platform): one for one in listed if not one.is_index}
        if len(found) + len(waiting) + fetched > MOST_PLATFORMS:
            raise TooManyPlatformsError(
                f"{index} lists more than the {MOST_PLATFORMS} manifests that are looked at"
            )
    return list(found.values())


def _told_apart(platforms: list[Descriptor]) -> list[Descriptor]:
    """The same, with the digest beside a platform that is empty or stands there twice."""
    often = Counter(one.platform for one in platforms)
    return [
        one
        if one.platform and often[one.platform] == 1
        else replace(one, platform=f"{one.platform or 'no platform'}, {one.digest}")
        for one in platforms
    ]
