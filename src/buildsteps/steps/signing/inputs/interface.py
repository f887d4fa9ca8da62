"""What a kind of file gives: the images that it uses, each with its place."""

from typing import Protocol

from msgspec import Struct

from buildsteps.results import Finding
from buildsteps.steps.signing.uses import ImageUse


class Input(Struct, frozen=True):
    """A file that was read: the path as the user gave it (``-`` is standard input), its bytes."""

    path: str
    data: bytes


class Uses(Struct, frozen=True):
    """What a file says: the uses in the order of the file, and what is worth telling of it.

    A finding is for what was seen and left out, such as a container whose image is a placeholder
    of the platform (CodePipeline's ``<IMAGE1_NAME>``).
    """

    uses: tuple[ImageUse, ...]
    findings: tuple[Finding, ...] = ()


class Reader(Protocol):
    """Reads one kind of file.

    Raises:
        UsageError: the file is of this kind and wrong, with the place.
    """

    def __call__(self, file: Input) -> Uses:
        """Give the images that ``file`` uses."""
        ...
