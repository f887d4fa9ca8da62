"""Where an image is used: what was written, where, and what it means."""

from msgspec import Struct

from buildsteps.image_reference import ImageReference
from buildsteps.results import Location


class ImageUse(Struct, frozen=True, kw_only=True):
    """One place that names an image.

    ``where`` says it to people, such as ``Deployment web, container app``; it is empty for an
    image of the command line. ``start`` and ``end`` are the byte offsets of the reference, as it
    is written, in the bytes of the file (``file`` is the path as the user gave it, ``-`` for
    standard input); -1 where it cannot be rewritten in place, as in a value put together from
    several. ``tags_allowed`` is whether the file's consumer takes a tag before a digest.
    """

    reference: ImageReference
    written: str
    location: Location | None = None
    where: str = ""
    file: str = ""
    start: int = -1
    end: int = -1
    tags_allowed: bool = True
