"""The baseline of a call: where its file is, and what it holds."""

import os
from pathlib import Path

from msgspec import Struct

from buildsteps import baseline_file
from buildsteps.baseline import Entry
from buildsteps.config import find_file
from buildsteps.errors import UsageError
from buildsteps.steps.scan.settings import ScanOptions
from buildsteps.world import World
from buildsteps.world.git import repository_root

_EXCLUSIVE = ("write_baseline", "prune_baseline", "ignore_baseline")


class Baseline(Struct, frozen=True, kw_only=True):
    """The old findings of a call; ``there`` tells that the file ``path`` was read."""

    path: Path
    entries: tuple[Entry, ...] = ()
    there: bool = False

    @property
    def folder(self) -> Path:
        """The folder that its paths are relative to."""
        return self.path.parent


def baseline_of(options: ScanOptions, world: World) -> Baseline:
    """Find and read the baseline: the named one, else that beside the configuration file.

    Without a configuration file it lies in the repository's root, else in the working folder.

    Raises:
        UsageError: options contradict each other, the file is wrong, or needed and not there.
    """
    asked = [f"--{name.replace('_', '-')}" for name in _EXCLUSIVE if getattr(options, name)]
    if len(asked) > 1:
        why = " (the first also drops what was fixed)" if asked[1] == "--prune-baseline" else ""
        raise UsageError(f"{' and '.join(asked)} exclude each other{why}")
    path = world.path(options.baseline) if options.baseline else _usual(options, world)
    if options.ignore_baseline:
        return Baseline(path=path)
    if os.path.lexists(path):
        return Baseline(path=path, entries=baseline_file.read(path, world.files), there=True)
    if options.prune_baseline or (options.baseline and not options.write_baseline):
        shown = world.shown(path)
        raise UsageError(f"the baseline {shown} is not there; --write-baseline makes it")
    return Baseline(path=path)


def _usual(options: ScanOptions, world: World) -> Path:
    if options.config:
        configured: Path | None = world.path(options.config)
    else:
        configured = find_file(world.cwd, world.environ)
    folder = configured.parent if configured else repository_root(world.cwd) or world.cwd
    return folder / baseline_file.FILE_NAME
