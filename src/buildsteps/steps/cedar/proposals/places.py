"""Where a proposed suite belongs, so that the next run finds it."""

from fnmatch import fnmatchcase
from pathlib import Path

from buildsteps.errors import UsageError
from buildsteps.steps.cedar.stores.names import TESTS_FOLDER
from buildsteps.steps.cedar.stores.store import Store
from buildsteps.world import World
from buildsteps.world.git import ignored

NAME = "proposed.cedartests.yaml"


def place_for(store: Store) -> Path:
    """The file for a store's proposal: in ``tests/``, or where its tests are said to be.

    Raises:
        UsageError: its tests are single files, so no new one would be found.
    """
    if not store.test_places:
        return store.folder / TESTS_FOLDER / NAME
    for place in store.test_places:
        if place.is_dir():
            return place / NAME
        if place.parent.is_dir() and fnmatchcase(NAME, place.name):
            return place.parent / NAME
    raise UsageError(
        f"its tests are named one by one, so a new file would not be run; name a folder or a glob "
        f"that `{NAME}` matches"
    )


def check_findable(path: Path, store: Store, world: World) -> None:
    """Refuse a place that no run looks at.

    Raises:
        UsageError: git ignores it, or its folder is a symbolic link, which is never entered.
    """
    shown = world.shown(path)
    if path.parent.is_symlink():
        raise UsageError(f"{shown} would not be found: its folder is a symbolic link")
    if str(path) in ignored(world, store.folder, [str(path)]):
        raise UsageError(f"{shown} would not be found: git ignores it")
