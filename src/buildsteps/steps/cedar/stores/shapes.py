"""Which test format is this JSON file? Told by its shape, so that no flag is needed."""

import re
from enum import Enum

from buildsteps.errors import UnreadableError
from buildsteps.world import World

MAX_SNIFFED_BYTES = 16 * 1024 * 1024
"""A JSON file with no conventional name that is larger than this is taken for something else."""


class Shape(Enum):
    """The formats that have no name of their own."""

    RUN_TESTS = "run-tests"
    INTEGRATION = "integration"
    OTHER = "other"


_INTEGRATION = tuple(
    re.compile(rf'"{key}"\s*:'.encode()) for key in ("requests", "policies", "schema", "entities")
)
_NAMED_FILE = re.compile(rb'"(?:policies|schema|entities)"\s*:\s*"((?:[^"\\]|\\.)*)"')
_RUN_TESTS = tuple(re.compile(rf'"{key}"\s*:'.encode()) for key in ("request", "decision"))


def shape_of(data: bytes) -> Shape:
    """Tell the format from the first character and the keys that only it has together.

    ``[{"request": ..., "decision": ...}]`` is the Cedar CLI's ``run-tests``;
    ``{"policies": ..., "schema": ..., "entities": ..., "requests": ...}`` the integration tests
    that Cedar's language bindings share.
    """
    start = data[:64].lstrip()[:1]
    if start == b"{" and all(key.search(data) for key in _INTEGRATION):
        return Shape.INTEGRATION
    if start == b"[" and all(key.search(data) for key in _RUN_TESTS):
        return Shape.RUN_TESTS
    return Shape.OTHER


def sniff(path: str, world: World) -> tuple[Shape, tuple[str, ...]]:
    """The shape of a file, and the files that an integration test names."""
    try:
        data = world.files.read_bytes(path, MAX_SNIFFED_BYTES)
    except UnreadableError:
        return Shape.OTHER, ()
    shape = shape_of(data)
    if shape is not Shape.INTEGRATION:
        return shape, ()
    named = (found.decode(errors="replace") for found in _NAMED_FILE.findall(data))
    return shape, tuple(named)
