"""Where in the file something stands."""

from buildsteps.results import Location
from buildsteps.yaml_document import Node


def below(node: Node, *steps: str | int) -> Node | None:
    """The node that is reached by keys and positions, or None where it is not there."""
    found: Node | None = node
    for step in steps:
        value = found.value if found is not None else None
        if isinstance(value, dict) and isinstance(step, str):
            found = value.get(step)
        elif isinstance(value, list) and isinstance(step, int) and step < len(value):
            found = value[step]
        else:
            return None
    return found


def at(node: Node, *steps: str | int) -> Location:
    """The place of what :func:`below` finds, else of the nearest part above it."""
    for length in range(len(steps), 0, -1):
        found = below(node, *steps[:length])
        if found is not None:
            return found.location
    return node.location
