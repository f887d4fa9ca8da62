"""The files that an integration test names: found from the working folder, then upwards."""

import os
from pathlib import Path


def find_named(name: str, test: Path, cwd: Path) -> Path | None:
    """The file called ``name`` in ``cwd``, else in the nearest of the test file's parents."""
    for folder in (cwd, *test.parents):
        candidate = os.path.join(folder, name)  # noqa: PTH118 - half the time of pathlib, per file
        if os.path.isfile(candidate):  # noqa: PTH113
            return Path(candidate)
    return None
