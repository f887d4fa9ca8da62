"""What a kind of file gives: the images that it uses, each with its place."""

from collections.abc import Mapping
from typing import Protocol

from msgspec import Struct

from buildsteps.results import Finding
from buildsteps.steps.signing.inputs.document import Document
from buildsteps.steps.signing.uses import ImageUse


class Input(Struct, frozen=True):
    """A file that was read.

    ``path`` is as the user gave it (``-`` is standard input), ``shown`` as it is written in
    places, by default the same. ``environ`` is what a Compose file and a cloud assembly may refer
    to.
    """

    path: str
    data: bytes
    shown: str = ""
    environ: Mapping[str, str] = {}


class Uses(Struct, frozen=True):
    """What a file says: the uses in the order of the file, and what is worth telling of it.

    A finding is for what was seen and left out, such as a container whose image is a placeholder
    of the platform (CodePipeline's ``<IMAGE1_NAME>``).
    """

    uses: tuple[ImageUse, ...]
    findings: tuple[Finding, ...] = ()


class Kind(Protocol):
    """A kind of file, told by its shape; a module each."""

    NAME: str
    """What people call it, such as ``Kubernetes manifest``."""

    def recognises(self, document: Document) -> bool:
        """Whether ``document`` has the shape of this kind."""
        ...

    def read(self, document: Document) -> Uses:
        """Give the images that ``document`` uses.

        Raises:
            UsageError: the file is of this kind and wrong, with the place.
        """
        ...
