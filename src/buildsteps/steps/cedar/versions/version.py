"""One version of the policy stores, ready to be asked."""

from msgspec import Struct

from buildsteps.steps.cedar.policies.checks import Validated, validate_store
from buildsteps.steps.cedar.stores.inputs import StoreInputs, read_store
from buildsteps.steps.cedar.stores.store import Store
from buildsteps.world import World


class StoreVersion(Struct, frozen=True, kw_only=True):
    """A store as one version has it; ``key`` is its folder below the version's own."""

    key: str
    inputs: StoreInputs
    validated: Validated


class Version(Struct, frozen=True, kw_only=True):
    """A version: ``name`` as the user wrote it, such as ``origin/main``, and its stores.

    ``world`` is the one that reads its files: they may stand in a folder of their own. ``commit``
    is the id of the commit that it is of, empty where it is of none.
    """

    name: str
    stores: tuple[StoreVersion, ...]
    world: World
    commit: str = ""


def loaded(store: Store, key: str, world: World) -> StoreVersion:
    """Read and validate a store; what does not validate is in its cases, and left out."""
    inputs = read_store(store, world)
    return StoreVersion(key=key, inputs=inputs, validated=validate_store(inputs, world))
