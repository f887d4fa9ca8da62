"""Which files are Python: by their ending, or by the first line of a script without one."""

import os
import re

from buildsteps.errors import UnreadableError
from buildsteps.steps.scan.subjects import Subjects
from buildsteps.world import World

_SHEBANG = re.compile(
    rb"#!\s*(?:\S*/)?(?:env\s+(?:-\S+\s+)*(?:\w+=\S*\s+)*)?(?:\S*/)?python[\d.]*\b"
)
_FIRST_LINE = 200


def python_files(subjects: Subjects, world: World, *, stubs: bool) -> tuple[str, ...]:
    """The Python files among the subjects, as we show paths; ``stubs`` takes ``.pyi``, too."""
    endings = (".py", ".pyw", ".pyi") if stubs else (".py", ".pyw")
    return tuple(
        path for path in subjects.files if path.endswith(endings) or _is_script(path, world)
    )


def argument(path: str) -> str:
    """The path as an argument: never taken for an option, or for standard input."""
    return path if os.path.isabs(path) else f"./{path}"  # noqa: PTH117 - thousands of them


def _is_script(path: str, world: World) -> bool:
    if "." in path.rpartition("/")[2]:
        return False
    try:
        return _SHEBANG.match(world.files.read_start(world.path(path), _FIRST_LINE)) is not None
    except UnreadableError:  # the engine that wants it will say so
        return False
