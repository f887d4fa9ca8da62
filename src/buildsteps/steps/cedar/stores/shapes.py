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
    SUITE = "suite"
    OTHER = "other"


_INTEGRATION = tuple(
    re.compile(rf'"{key}"\s*:'.encode()) for key in ("requests", "policies", "schema", "entities")
)
_NAMED_FILE = re.compile(rb'"(?:policies|schema|entities)"\s*:\s*"((?:[^"\\]|\\.)*)"')
_RUN_TESTS = {
    key: re.compile(rf'"{key}"\s*:'.encode())
    for key in ("request", "decision", "entities", "num_errors", "principal", "resource")
}
_SUITE = re.compile(rb"^(?:matrix|tests)\s*:", re.MULTILINE)
_SUITE_TEST = re.compile(rb"\b(?:decision|principals)\s*:")


def shape_of(data: bytes) -> Shape:
    """Tell the format from the first character and the keys that only it has together.

    ``[{"request": ..., "decision": ...}]`` is the Cedar CLI's ``run-tests``, also where one of its
    keys is mistyped, for that must be told;
    ``{"policies": ..., "schema": ..., "entities": ..., "requests": ...}`` the integration tests
    that Cedar's language bindings share. A suite in YAML needs its name: this tells one that has
    another.
    """
    start = data[:64].lstrip()[:1]
    if start == b"{" and all(key.search(data) for key in _INTEGRATION):
        return Shape.INTEGRATION
    if start == b"[" and _is_run_tests(data):
        return Shape.RUN_TESTS
    if _SUITE.search(data) and _SUITE_TEST.search(data):
        return Shape.SUITE
    return Shape.OTHER


def _is_run_tests(data: bytes) -> bool:
    """``request`` and ``decision``; or any two of its keys, and a request between them."""
    found = {key for key, pattern in _RUN_TESTS.items() if pattern.search(data)}
    asked = {"principal", "resource"}
    return {"request", "decision"} <= found or (asked <= found and len(found - asked) > 1)


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
