"""The scan's name: by it CodeGuru Security knows a project again, from revision to revision."""

import re
from pathlib import PurePath

from buildsteps.errors import UsageError
from buildsteps.reporting.text import clipped, printable
from buildsteps.steps.scan.settings import ScanOptions
from buildsteps.world import World, git

LONGEST = 140
"""Characters; the shape ``ScanName`` of the model has this and the pattern."""

_VALID = re.compile(r"[a-zA-Z0-9_$:.-]{1,140}")
_OTHERS = re.compile(r"[^a-zA-Z0-9_$:.-]+")


def scan_name(options: ScanOptions, world: World) -> str:
    """The name that was asked for, or the project's.

    In CodeBuild that is the CodeBuild project's: the folder is called ``src`` there, whatever is
    built. Elsewhere it is the name of the repository's folder.

    Raises:
        UsageError: the name asked for is none that the service takes.
    """
    asked = options.scan_name
    if not asked:
        return default_name(world)
    if _VALID.fullmatch(asked):
        return asked
    shown = clipped(printable(asked), 60)
    raise UsageError(
        f"--scan-name `{shown}`: CodeGuru Security takes 1 to {LONGEST} letters, digits and "
        "- _ $ : . as a name"
    )


def default_name(world: World) -> str:
    """A name of the project's that the service takes; other characters become a ``-``."""
    project = world.environ.get("CODEBUILD_BUILD_ID", "").partition(":")[0]
    folder = PurePath(git.repository_root(world.cwd) or world.cwd).name
    for name in (project, folder):
        usable = _OTHERS.sub("-", name)[:LONGEST].strip("-")
        if usable:
            return usable
    return "scan"
