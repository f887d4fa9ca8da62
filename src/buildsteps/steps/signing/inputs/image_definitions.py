"""``imagedefinitions.json``: the images of an ECS standard deployment.

The source is "Image definitions file reference" of the AWS CodePipeline user guide: a list of
``name`` (a container of the task definition) and ``imageUri``.
"""

from buildsteps.errors import UsageError
from buildsteps.steps.signing.inputs.document import Document
from buildsteps.steps.signing.inputs.interface import Uses
from buildsteps.steps.signing.inputs.naming import below, items, members, named, word

NAME = "imagedefinitions.json"


def recognises(document: Document) -> bool:
    """Whether it is a list of which an item has an ``imageUri``."""
    return any("imageUri" in members(item) for item in items(document.root))


def read(document: Document) -> Uses:
    """Give the image of every container."""
    uses = []
    for item in items(document.root):
        image = below(item, "imageUri")
        if image is None:
            raise UsageError("an entry without `imageUri`", item.location)
        container = word(below(item, "name"))
        uses.append(named(document, image, f"container {container}".rstrip(), tags_allowed=False))
    return Uses(tuple(uses))
