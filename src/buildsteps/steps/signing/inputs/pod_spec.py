"""The images of a pod: its containers of three kinds, and its image volumes.

The source is ``PodSpec`` of the Kubernetes API reference. ``volumes[].image.reference`` is the
image of an OCI volume (KEP-4639).
"""

from collections.abc import Iterator

from buildsteps.errors import UsageError
from buildsteps.results import Finding
from buildsteps.steps.signing.inputs.document import Document
from buildsteps.steps.signing.inputs.naming import (
    UNREADABLE,
    below,
    finding,
    items,
    members,
    missing,
    named,
    quoted,
    word,
)
from buildsteps.steps.signing.uses import ImageUse
from buildsteps.yaml_document import Node

CONTAINERS = {
    "initContainers": "init container",
    "containers": "container",
    "ephemeralContainers": "ephemeral container",
}


def has_shape(node: Node) -> bool:
    """Whether a mapping has a list of containers, one of them with an image."""
    return any(
        "image" in members(container) for key in CONTAINERS for container in items(below(node, key))
    )


def read(
    document: Document, spec: Node, where: str, *, strict: bool
) -> Iterator[ImageUse | Finding]:
    """Give the images in the order of the file's kinds of containers.

    ``strict`` is for the built-in kinds, where anything else than an image is an error; elsewhere
    it may be a pattern of a policy, and is told.
    """
    for key, noun in CONTAINERS.items():
        containers = below(spec, key)
        if containers is None:
            continue
        if strict and not isinstance(containers.value, list):
            what = f"{where}: `{key}` is a list, found {containers.found()}"
            raise UsageError(what, containers.location)
        for container in items(containers):
            words = f"{where}, {noun} {word(below(container, 'name'))}".rstrip()
            yield from _image(document, container, ("image",), words, strict=strict)
    for volume in items(below(spec, "volumes")):
        if below(volume, "image") is not None:
            words = f"{where}, image volume {word(below(volume, 'name'))}".rstrip()
            yield from _image(document, volume, ("image", "reference"), words, strict=strict)


def _image(
    document: Document, holder: Node, path: tuple[str, ...], words: str, *, strict: bool
) -> Iterator[ImageUse | Finding]:
    image = below(holder, *path)
    if strict and not isinstance(holder.value, dict):
        raise UsageError(f"{words} is a mapping, found {holder.found()}", holder.location)
    if image is None or image.value == "":
        if strict:
            yield missing(words, holder.location)
        return
    try:
        yield named(document, image, words)
    except UsageError:
        if strict:
            raise
        what = f"has {quoted(str(image.plain()))} where an image stands: it is not judged"
        yield finding(UNREADABLE, words, what, document.place(image))
