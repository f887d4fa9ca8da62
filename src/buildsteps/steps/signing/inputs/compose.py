"""Docker Compose files: the image of every service.

The source is the Compose Specification, sections "image" (services) and "Interpolation".
"""

from collections.abc import Iterator

from buildsteps.errors import UsageError
from buildsteps.reporting.text import clipped, printable
from buildsteps.results import Finding
from buildsteps.steps.signing.inputs.document import Document
from buildsteps.steps.signing.inputs.interface import Uses
from buildsteps.steps.signing.inputs.interpolation import UnresolvedError, interpolate
from buildsteps.steps.signing.inputs.naming import (
    MISSING,
    PLACEHOLDER,
    below,
    checked,
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

NAME = "Docker Compose file"


def recognises(document: Document) -> bool:
    """Whether a document has ``services`` that is a mapping, and is no Kubernetes object."""
    return bool(document.roots) and all(
        isinstance(below(root, "services"), Node)
        and isinstance(members(root)["services"].value, dict)
        and "apiVersion" not in members(root)
        for root in document.roots
    )


def read(document: Document) -> Uses:
    """Give the image of every service, variables resolved as Compose does."""
    found: list[ImageUse | Finding] = []
    for root in document.roots:
        found += _included(root)
        for name, service in members(below(root, "services")).items():
            found += _service(document, name, service)
    return Uses(
        tuple(one for one in found if isinstance(one, ImageUse)),
        tuple(one for one in found if isinstance(one, Finding)),
    )


def _included(root: Node) -> list[Finding]:
    include = below(root, "include")
    if include is None:
        return []
    what = "takes in other files (`include`): their images are not judged"
    remedy = "give these files as well, or what `docker compose config` prints"
    return [finding(PLACEHOLDER, "the project", what, include.location, remedy=remedy)]


def _service(document: Document, name: str, service: Node) -> Iterator[ImageUse | Finding]:
    where = f"service {clipped(printable(name), 120)}"
    if not isinstance(service.value, dict):
        raise UsageError(f"{where} is a mapping, found {service.found()}", service.location)
    image = below(service, "image")
    if image is not None:
        yield _image(document, image, where)
    else:
        yield from _without_image(service, where)
    for volume in items(below(service, "volumes")):
        source = below(volume, "source")
        if word(below(volume, "type")) == "image" and source is not None:
            yield _image(document, source, f"{where}, image volume")


def _without_image(service: Node, where: str) -> Iterator[Finding]:
    """Tell why there is none, but for what stands in this file, or runs no container."""
    if below(service, "build") is not None:
        what = "is built by Compose (`build:` without `image:`): its image has no name to judge"
        yield finding(MISSING, where, what, service.location)
    elif below(service, "extends", "file") is not None:
        what = "extends a service of another file: its image is not judged"
        remedy = "give that file as well, or what `docker compose config` prints"
        yield finding(PLACEHOLDER, where, what, service.location, remedy=remedy)
    elif below(service, "extends") is None and below(service, "provider") is None:
        yield missing(where, service.location)


def _image(document: Document, image: Node, where: str) -> ImageUse | Finding:
    if not isinstance(image.value, str) or "$" not in image.value:
        return named(document, image, where)
    place = document.place(image)
    try:
        written = interpolate(image.value, document.environ)
    except UnresolvedError as error:
        what = f"has the image {quoted(image.value)}: {error}; its image is not judged"
        remedy = "set the variable, or give what `docker compose config` prints"
        return finding(PLACEHOLDER, where, what, place, remedy=remedy)
    return ImageUse(
        reference=checked(written, where, place),
        written=image.value,
        location=place,
        where=where,
        file=document.file,
    )
