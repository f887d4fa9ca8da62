"""One version of a policy store, ready to be asked."""

from collections.abc import Iterator
from contextlib import contextmanager

from msgspec import Struct

from buildsteps.steps.cedar.policies.checks import Validated
from buildsteps.steps.cedar.stores.inputs import StoreInputs
from buildsteps.world import World


class Version(Struct, frozen=True, kw_only=True):
    """A version: ``name`` as the user wrote it, such as ``origin/main``, and what it holds.

    Places in it are shown as ``NAME:path`` where they are in no folder of this machine.
    """

    name: str
    inputs: StoreInputs
    validated: Validated


@contextmanager
def opened(reference: str, world: World) -> Iterator[tuple[Version, ...]]:
    """Open the stores of a version: of a folder, of git's objects, of Verified Permissions.

    What it takes of the disk is gone afterwards.

    Raises:
        UsageError: there is no such version, or no store in it.
        WorldError: git or AWS failed.
    """
    raise NotImplementedError
