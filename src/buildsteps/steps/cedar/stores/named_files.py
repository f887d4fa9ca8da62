"""The files that an integration test names: found from the working folder, then upwards."""

import os
from collections.abc import Iterator


def find_named(name: str, test: str, cwd: str) -> str | None:
    """The file called ``name`` in ``cwd``, else in the nearest of the test file's parents.

    Paths are texts here: such tests come by the thousand, and each names three files.
    """
    for folder in _folders(test, cwd):
        candidate = os.path.join(folder, name)  # noqa: PTH118
        if os.path.isfile(candidate):  # noqa: PTH113
            return candidate
    return None


def _folders(test: str, cwd: str) -> Iterator[str]:
    yield cwd
    folder, above = "", os.path.dirname(test)  # noqa: PTH120
    while above != folder:
        yield above
        folder, above = above, os.path.dirname(above)  # noqa: PTH120
