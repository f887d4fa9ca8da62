"""Opening a version: a folder, what git's objects hold, a store of Verified Permissions."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from msgspec.structs import replace

from buildsteps.errors import UsageError
from buildsteps.steps.cedar.stores.layout import Layout
from buildsteps.steps.cedar.stores.search import find_stores
from buildsteps.steps.cedar.versions.commit import commit_files, commit_id, is_revision, unknown
from buildsteps.steps.cedar.versions.version import Version, loaded
from buildsteps.world import World

VERIFIED_PERMISSIONS = "avp:"


@contextmanager
def opened(
    reference: str, layouts: Mapping[str, Layout], world: World, *, region: str = ""
) -> Iterator[Version]:
    """Open a version; what it takes of the disk is gone afterwards.

    A folder or file that is there wins over a revision of that name. ``layouts`` are those of the
    configuration: of a commit, too, for whoever compares looks at both in the same way.

    Raises:
        UsageError: there is no such version, or no store in it.
        WorldError: git or AWS failed.
    """
    if reference.startswith(VERIFIED_PERMISSIONS):
        from buildsteps.steps.cedar.verified_permissions.opening import folder_name, pulled_folder

        with pulled_folder(reference, region, world) as there:
            folder = there.cwd / folder_name(reference)
            if any(folder.iterdir()):
                yield _version(reference, str(folder), {}, there)
            else:  # nothing is deployed yet
                yield Version(name=reference, stores=(), world=there)
    elif is_there(reference, world):
        yield _version(reference, reference, layouts, world)
    elif is_revision(reference, world):
        with commit_files(reference, layouts, world) as (path, moved, there):
            found = _version(reference, path, moved, there)
            yield replace(found, commit=commit_id(reference, world))
    else:
        raise UsageError(unknown(reference, world))


def is_there(reference: str, world: World) -> bool:
    """Whether a file or folder is there, which wins over a revision of that name."""
    try:
        return world.path(reference).exists()
    except OSError:  # too long for a path; a revision may be so long
        return False


def _version(name: str, path: str, layouts: Mapping[str, Layout], world: World) -> Version:
    configured = dict(layouts)
    found = find_stores(
        [path] if path != "." or not configured else [], Layout(), configured, world
    )
    if not found.stores:
        raise UsageError(f"there is no policy store in {name}")
    root = world.path(path)
    stores = [loaded(store, _key(store.folder, root), world) for store in found.stores]
    return Version(name=name, stores=tuple(stores), world=world)


def _key(folder: Path, root: Path) -> str:
    return folder.relative_to(root).as_posix() if folder.is_relative_to(root) else folder.as_posix()
