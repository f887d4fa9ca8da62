"""``--since``: which policies and links another version has as they are."""

from collections.abc import Iterator, Mapping

from msgspec import Struct

from buildsteps.errors import UsageError
from buildsteps.steps.cedar.policies.policy import Policy
from buildsteps.steps.cedar.settings import ValidateOptions
from buildsteps.steps.cedar.stores.inputs import StoreInputs
from buildsteps.steps.cedar.stores.store import Store
from buildsteps.steps.cedar.text.syntax import tokens
from buildsteps.steps.cedar.versions.commit import is_revision
from buildsteps.steps.cedar.versions.opening import opened
from buildsteps.world import World, git

Contents = Mapping[str, str]
"""By id of a policy, template or link what it says."""


class Base(Struct, frozen=True, kw_only=True):
    """The version that ``--since`` names: by folder of each store what its policies say."""

    name: str
    stores: Mapping[str, Contents]

    def touched(self, inputs: StoreInputs, options: ValidateOptions, world: World) -> set[str]:
        """The ids of the policies and links that this version does not have, or otherwise."""
        before = self._of(inputs.store, options, world)
        return {name for name, said in _contents(inputs).items() if before.get(name) != said}

    def _of(self, store: Store, options: ValidateOptions, world: World) -> Contents:
        """The same store there; the only one of each whatever it is called; or nothing."""
        for key in _keys(store, self.name, options, world):
            if key in self.stores:
                return self.stores[key]
        return next(iter(self.stores.values())) if len(self.stores) == 1 else {}


def base_of(options: ValidateOptions, world: World) -> Base:
    """Read the version that ``--since`` names; one without any store has nothing.

    Raises:
        UsageError: there is no such version.
        WorldError: git failed.
    """
    try:
        with opened(options.since, options.stores, world, region=options.region) as version:
            stores = {one.key: _contents(one.inputs) for one in version.stores}
            return Base(name=options.since, stores=stores)
    except UsageError:
        if world.path(options.since).exists() or is_revision(options.since, world):
            return Base(name=options.since, stores={})
        raise


def _keys(store: Store, since: str, options: ValidateOptions, world: World) -> Iterator[str]:
    """What the store's folder may be called below that of the version."""
    root = git.repository_root(world.cwd)
    _, colon, below = since.partition(":")
    tops = [root / below] if colon and root is not None else []
    for top in (*tops, world.cwd, *(world.path(path) for path in options.paths)):
        if store.folder.is_relative_to(top):
            yield store.folder.relative_to(top).as_posix()


def _contents(inputs: StoreInputs) -> dict[str, str]:
    links = {
        link.id: " ".join([link.template_id, *(f"{k} {v}" for k, v in sorted(link.values.items()))])
        for link in inputs.links
    }
    return {**{policy.id: _said(policy) for policy in inputs.policies}, **links}


def _said(policy: Policy) -> str:
    """A policy's words: comments and white space do not count."""
    return " ".join(token.text for token in tokens(policy.text))
