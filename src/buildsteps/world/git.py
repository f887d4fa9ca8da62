"""What git knows about the files around us."""

import os
from collections.abc import Sequence
from pathlib import Path

from buildsteps.errors import WorldError
from buildsteps.world.process import Processes


def repository_root(folder: Path) -> Path | None:
    """The nearest folder from ``folder`` upwards that holds ``.git``, or None."""
    for candidate in (folder, *folder.parents):
        if os.path.exists(candidate / ".git"):  # noqa: PTH110 - False where access is denied
            return candidate
    return None


def ignored(processes: Processes, folder: Path, paths: Sequence[Path]) -> frozenset[Path]:
    """Those of ``paths`` that git ignores; none where git or a repository is missing.

    ``git check-ignore`` names a tracked file never, whatever ``.gitignore`` says.
    """
    if not paths or repository_root(folder) is None:
        return frozenset()
    names = b"\0".join(os.fsencode(path) for path in paths)
    try:
        answer = processes.run(["git", "check-ignore", "--stdin", "-z"], cwd=folder, stdin=names)
    except WorldError:
        return frozenset()
    return frozenset(Path(os.fsdecode(name)) for name in answer.stdout.split(b"\0") if name)
