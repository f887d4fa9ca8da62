"""``imageDetail.json``: the image of an ECS blue/green deployment, or of an ECR source action.

The source is "Image definitions file reference" of the AWS CodePipeline user guide: ``ImageURI``;
the ECR source action adds ``ImageDigest``, ``ImageTags`` and others, and writes ``ImageURI`` with
the digest.
"""

from buildsteps.steps.signing.inputs.document import Document
from buildsteps.steps.signing.inputs.interface import Uses
from buildsteps.steps.signing.inputs.naming import members, named

NAME = "imageDetail.json"


def recognises(document: Document) -> bool:
    """Whether it is a mapping with ``ImageURI``."""
    return "ImageURI" in members(document.root)


def read(document: Document) -> Uses:
    """Give the one image."""
    image = members(document.root)["ImageURI"]
    return Uses((named(document, image, "ImageURI", tags_allowed=False),))
