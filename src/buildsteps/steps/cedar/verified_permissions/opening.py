"""A store of Amazon Verified Permissions as files, for as long as somebody reads them."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

from msgspec.structs import replace

from buildsteps.steps.cedar.verified_permissions.api import opened
from buildsteps.steps.cedar.verified_permissions.folder import write_store
from buildsteps.steps.cedar.verified_permissions.pulling import pull
from buildsteps.steps.cedar.verified_permissions.reference import PREFIX
from buildsteps.world import World
from buildsteps.world.files import Files


@contextmanager
def pulled_folder(reference: str, region: str, world: World) -> Iterator[World]:
    """Pull a store into a folder; gives the world that stands beside it.

    The folder is named by :func:`folder_name`, so that places read ``avp:STORE/policy.cedar``.

    Raises:
        UsageError: there is no such store.
        WorldError: AWS failed.
    """
    deployed = pull(opened(reference, region, world.aws))
    with folder_beside(world) as there:
        write_store(deployed, there.cwd / folder_name(reference))
        yield there


@contextmanager
def folder_beside(world: World) -> Iterator[World]:
    """A temporary folder, and the world that shows paths from there."""
    with TemporaryDirectory(prefix="buildsteps-store-") as temporary:
        top = Path(os.path.realpath(temporary))
        yield replace(world, cwd=top, files=Files(top))


def folder_name(reference: str) -> str:
    """The name of the folder of a store: what the user wrote, of an ARN what it ends with."""
    name = PREFIX + reference.removeprefix(PREFIX).rpartition(":")[2].removeprefix("policy-store/")
    return name if os.name != "nt" else name.replace(":", "-")
