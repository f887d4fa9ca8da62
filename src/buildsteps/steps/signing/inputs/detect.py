"""Which kind of file is it? Known by its shape, never by its name."""

from buildsteps.errors import UsageError
from buildsteps.results import Location
from buildsteps.steps.signing.inputs import (
    buildx_metadata,
    cdk_assets,
    compose,
    image_definitions,
    image_detail,
    kubernetes,
    task_definition,
)
from buildsteps.steps.signing.inputs.document import Document, parse_document
from buildsteps.steps.signing.inputs.interface import Input, Kind, Uses

KINDS: tuple[Kind, ...] = (
    kubernetes,
    image_definitions,
    image_detail,
    task_definition,
    buildx_metadata,
    cdk_assets,
    compose,
)
"""In the order in which they are asked."""


def read_input(file: Input) -> Uses:
    """Give the images that a file uses, whatever kind it is.

    Raises:
        UsageError: it cannot be read, is of no kind that is known, or is wrong; with the place.
    """
    document = parse_document(file.path, file.data, file.shown, file.environ)
    return kind_of(document).read(document)


def kind_of(document: Document) -> Kind:
    """The first kind that recognises the file.

    Raises:
        UsageError: none does; says what is known.
    """
    place = Location(document.source.path)
    if not document.roots:
        raise UsageError("is empty: no image can come of it", place)
    for kind in KINDS:
        if kind.recognises(document):
            return kind
    known = ", ".join(kind.NAME for kind in KINDS)
    raise UsageError(f"is none of the files that name images; known are: {known}", place)
