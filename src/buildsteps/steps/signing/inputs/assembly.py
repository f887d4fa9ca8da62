"""A CDK cloud assembly: the folder that ``cdk synth`` writes, with assemblies of stages in it."""

import os
from pathlib import Path

from buildsteps.errors import UsageError
from buildsteps.results import Location
from buildsteps.world import World

_DEEPEST = 8
_SUFFIX = ".assets.json"


def is_folder(name: str, world: World) -> bool:
    """Whether the user named a folder."""
    return name != "-" and world.path(name).is_dir()


def manifests_below(name: str, world: World) -> list[str]:
    """The asset manifests of a cloud assembly and of the stages in it (``assembly-*``), sorted.

    Raises:
        UsageError: the folder holds none.
    """
    top = world.path(name)
    found = []
    for folder, below, files in os.walk(top):
        inside = Path(folder).relative_to(top)
        enter = len(inside.parts) < _DEEPEST
        below[:] = sorted(one for one in below if enter and one.startswith("assembly-"))
        manifests = sorted(file for file in files if file.endswith(_SUFFIX))
        found += [(Path(name) / inside / file).as_posix() for file in manifests]
    if not found:
        what = "is a folder without *.assets.json: give files, or the folder of a cloud assembly"
        raise UsageError(what, Location(world.shown(top)))
    return found
