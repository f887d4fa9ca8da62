"""ECS task definitions, as they are registered or as ``describe-task-definition`` answers.

The source is the shape of ``RegisterTaskDefinition`` of the ECS API: ``containerDefinitions`` with
``name`` and ``image``. For CodePipeline's blue/green deployments ``image`` may be a placeholder
such as ``<IMAGE1_NAME>``.
"""

import re

from buildsteps.errors import UsageError
from buildsteps.results import Finding
from buildsteps.steps.signing.inputs.document import Document
from buildsteps.steps.signing.inputs.interface import Uses
from buildsteps.steps.signing.inputs.naming import (
    below,
    items,
    members,
    missing,
    named,
    placeholder,
    word,
)
from buildsteps.steps.signing.uses import ImageUse
from buildsteps.yaml_document import Node

NAME = "ECS task definition"

_PLACEHOLDER = re.compile(r"<[A-Za-z0-9_]+>")


def recognises(document: Document) -> bool:
    """Whether it has ``containerDefinitions``, below ``taskDefinition`` or not."""
    return "containerDefinitions" in members(_definition(document))


def read(document: Document) -> Uses:
    """Give the image of every container."""
    definition = _definition(document)
    containers = members(definition)["containerDefinitions"]
    if not isinstance(containers.value, list):
        raise UsageError(
            f"`containerDefinitions` is a list, found {containers.found()}", containers.location
        )
    task = f"task definition {word(below(definition, 'family'))}".rstrip()
    found = [_container(document, item, task) for item in items(containers)]
    return Uses(
        tuple(one for one in found if isinstance(one, ImageUse)),
        tuple(one for one in found if isinstance(one, Finding)),
    )


def _definition(document: Document) -> Node | None:
    root = members(document.root)
    return root.get("taskDefinition") if "containerDefinitions" not in root else document.root


def _container(document: Document, item: Node, task: str) -> ImageUse | Finding:
    where = f"{task}, container {word(below(item, 'name'))}".rstrip()
    image = below(item, "image")
    if image is None:
        return missing(where, item.location)
    if isinstance(image.value, str) and _PLACEHOLDER.fullmatch(image.value):
        return placeholder(where, image.value, document.place(image))
    return named(document, image, where, tags_allowed=False)
