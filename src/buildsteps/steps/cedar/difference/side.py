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
    """A side, what its engine ids mean, and the places of files that do not parse."""

    side: Side
    index: PolicyIndex
    unparsed: tuple[tuple[Location, str], ...] = ()


EMPTY = Built(side=Side(), index=PolicyIndex(policies=(), links={}))
"""The side of a version that has no such store."""


def built(store: StoreVersion) -> Built:
    """Take all policies that parse, valid or not: the engine asks no validator either."""
    inputs = store.inputs
    wrong = {id(file): syntax_mistakes(file) for file in inputs.files}
    unreadable = [file for file in inputs.files if file.unreadable]
    policies = tuple(
        one
        for one in inputs.policies
        if not wrong[id(one.file)] and one.statement.complete and not one.file.unreadable
    )
    text = joined(policies)
    _, linked, bad = link_all(
        inputs.links, engine.any_policies(text), policies, None, lambda: inputs.model
    )
    positions = {policy.id: number for number, policy in enumerate(policies)}
    links = tuple(
        {
            "template_id": f"policy{positions[one.template.id]}",
            "new_id": name,
            "values": {slot: for_engine(uid) for slot, uid in one.values.items()},
        }
        for name, one in linked.items()
    )
    unparsed = [
        (wrong[id(f)][0].location, wrong[id(f)][0].message) for f in inputs.files if wrong[id(f)]
    ]
    unparsed += [(Location(path=f.source.path), str(f.unreadable)) for f in unreadable]
    unparsed += [(one.location, one.message) for one in (*inputs.bad_links, *bad)]
    schema = inputs.schema
    return Built(
        side=Side(
            policies=text,
            links=links,
            schema=str(schema.handle) if schema else "",
            names={
                **{f"policy{number}": policy.id for number, policy in enumerate(policies)},
                **{name: one.id for name, one in linked.items()},
            },
        ),
        index=PolicyIndex(policies=policies, links=linked),
        unparsed=tuple(unparsed),
    )


def policy_named(built: Built, name: str) -> Policy | None:
    """The policy, or the template of the link, with this id."""
    for policy in built.index.policies:
        if policy.id == name:
            return policy
    return next((one.template for one in built.index.links.values() if one.id == name), None)
