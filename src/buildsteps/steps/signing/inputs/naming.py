"""From a value in a file to the use of an image, or to what is told of it instead."""

from buildsteps.errors import UsageError
from buildsteps.image_reference import ImageReference, parse_reference
from buildsteps.reporting.text import clipped, printable
from buildsteps.results import Finding, Location, Severity
from buildsteps.steps.signing.inputs.document import Document
from buildsteps.steps.signing.uses import ImageUse
from buildsteps.yaml_document import Node

PLACEHOLDER = "image-placeholder"
"""Rule: the image is filled in later, by the platform or from a value that we do not have."""

MISSING = "image-missing"
"""Rule: a container without an image."""

UNREADABLE = "image-unreadable"
"""Rule: a value in a custom resource that stands where an image stands, and is none."""

_LONGEST = 120


def named(document: Document, node: Node, where: str, *, tags_allowed: bool = True) -> ImageUse:
    """The use of the image that ``node`` names.

    Raises:
        UsageError: it is no text, or no image reference; with the place.
    """
    if not isinstance(node.value, str):
        raise UsageError(f"{where}: an image is text, found {node.found()}", node.location)
    place = document.place(node)
    reference = checked(node.value, where, place)
    span = document.span(node)
    start, end = document.bytes_at(span) if span else (-1, -1)
    return ImageUse(
        reference=reference,
        written=node.value,
        location=place,
        where=where,
        file=document.file,
        start=start,
        end=end,
        tags_allowed=tags_allowed,
    )


def checked(text: str, where: str, place: Location) -> ImageReference:
    """Parse a reference that a file holds.

    Raises:
        UsageError: it is none; with the place, and ``where`` in words.
    """
    try:
        return parse_reference(text)
    except UsageError as error:
        raise UsageError(f"{where}: {error.message}" if where else error.message, place) from None


def finding(rule: str, where: str, what: str, place: Location, *, remedy: str = "") -> Finding:
    """Tell what was seen at a place and left out of what is judged."""
    return Finding(
        rule=rule,
        severity=Severity.LOW if rule == UNREADABLE else Severity.MEDIUM,
        message=f"{where} {what}",
        locations=(place,),
        help=remedy,
        fingerprint=f"{rule}:{place.path}:{where}",
    )


def placeholder(where: str, written: str, place: Location) -> Finding:
    """Tell of an image that the platform fills in, such as CodePipeline's ``<IMAGE1_NAME>``."""
    what = f"has the placeholder {quoted(written)}: its image is not judged"
    remedy = "give the image that takes its place as well, such as imageDetail.json"
    return finding(PLACEHOLDER, where, what, place, remedy=remedy)


def missing(where: str, place: Location) -> Finding:
    """Tell of a container without an image."""
    return finding(MISSING, where, "names no image", place)


def quoted(text: str) -> str:
    """Text from a file, fit to be shown in a sentence."""
    return f"`{clipped(printable(text), _LONGEST)}`"


def word(node: Node | None, otherwise: str = "") -> str:
    """A name in a file, fit to be shown; ``otherwise`` where there is none."""
    if node is None or not isinstance(node.value, str) or not node.value.strip():
        return otherwise
    return clipped(printable(node.value), _LONGEST)


def items(node: Node | None) -> list[Node]:
    """The items of a list; none for anything else."""
    return node.value if node is not None and isinstance(node.value, list) else []


def members(node: Node | None) -> dict[str, Node]:
    """The members of a mapping; none for anything else."""
    return node.value if node is not None and isinstance(node.value, dict) else {}


def below(node: Node | None, *path: str) -> Node | None:
    """The value at a path of keys; None where there is none or it is null."""
    for key in path:
        node = members(node).get(key)
    return None if node is None or node.value is None else node
