"""A store's policies as one version has them, in a form that another process can load."""

from collections.abc import Mapping
from typing import Any

from msgspec import Struct

from buildsteps.results import Location
from buildsteps.steps.cedar import engine
from buildsteps.steps.cedar.policies.links import link_all
from buildsteps.steps.cedar.policies.policy import Policy, PolicyIndex, joined
from buildsteps.steps.cedar.policies.validation import syntax_mistakes
from buildsteps.steps.cedar.text.entity_uids import for_engine
from buildsteps.steps.cedar.versions.version import StoreVersion


class Side(Struct, frozen=True, kw_only=True):
    """What decides: the text of all policies that parse, the links, the schema, and the names.

    ``names`` has the policies' ids by what the engine calls them. Empty where a version has no such
    store: then everything is denied.
    """

    policies: str = ""
    links: tuple[Mapping[str, Any], ...] = ()
    schema: str = ""
    names: Mapping[str, str] = {}

    def policy_set(self) -> engine.PolicySet:
        """The policies, linked, for the engine."""
        found = engine.any_policies(self.policies)
        return found.with_linked_batch([dict(link) for link in self.links]) if self.links else found

    def schema_handle(self) -> engine.Schema | None:
        """The schema for the engine."""
        return engine.any_schema(self.schema) if self.schema else None


class Built(Struct, frozen=True, kw_only=True):
    """A side, what its engine ids mean, and what is not in it.

    ``engine_ids`` are by the names that people see; ``unparsed`` are places and messages.
    """

    side: Side
    index: PolicyIndex
    unparsed: tuple[tuple[Location, str], ...] = ()

    def policy(self, name: str) -> Policy | None:
        """The policy of this name, or the template of the link."""
        engine_id = self.engine_id(name)
        if engine_id is None:
            return None
        linked = self.index.links.get(engine_id)
        return linked.template if linked else self.index.policies[engine.position(engine_id)]

    def location(self, name: str) -> Location | None:
        """Where the policy stands, or the link."""
        engine_id = self.engine_id(name)
        return None if engine_id is None else self.index.location(engine_id)

    def engine_id(self, name: str) -> str | None:
        """What the engine calls the policy of this name."""
        found = (key for key, one in self.side.names.items() if one == name)
        return next(found, None)


EMPTY = Built(side=Side(), index=PolicyIndex(policies=(), links={}))
"""The side of a version that has no such store."""


def built(store: StoreVersion) -> Built:
    """Take all policies that parse, valid or not: the engine asks no validator either."""
    inputs = store.inputs
    wrong = {id(file): syntax_mistakes(file) for file in inputs.files}
    policies = tuple(
        one
        for one in inputs.policies
        if not wrong[id(one.file)] and one.statement.complete and not one.file.unreadable
    )
    text = joined(policies)
    _, linked, bad = link_all(
        inputs.links, engine.any_policies(text), policies, None, lambda: inputs.model
    )
    unparsed = [(found[0].location, found[0].message) for found in wrong.values() if found]
    unparsed += [
        (file.unreadable.location or Location(path=file.source.path), file.unreadable.message)
        for file in inputs.files
        if file.unreadable
    ]
    unparsed += [(one.location, one.message) for one in (*inputs.bad_links, *bad)]
    index = PolicyIndex(policies=policies, links=linked)
    schema = inputs.schema
    return Built(
        side=Side(
            policies=text,
            links=_instructions(index),
            schema=str(schema.handle) if schema else "",
            names=_names(index),
        ),
        index=index,
        unparsed=tuple(unparsed),
    )


def _instructions(index: PolicyIndex) -> tuple[Mapping[str, Any], ...]:
    positions = {policy.id: number for number, policy in enumerate(index.policies)}
    return tuple(
        {
            "template_id": f"policy{positions[one.template.id]}",
            "new_id": name,
            "values": {slot: for_engine(uid) for slot, uid in one.values.items()},
        }
        for name, one in index.links.items()
    )


def _names(index: PolicyIndex) -> dict[str, str]:
    engine_ids = (*(f"policy{number}" for number in range(len(index.policies))), *index.links)
    return {one: index.name(one) for one in engine_ids}
