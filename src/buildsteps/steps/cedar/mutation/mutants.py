"""The mutants of a store: every change of every policy, template and link that holds."""

from collections.abc import Collection, Iterator, Mapping
from typing import Any

from msgspec import Struct
from msgspec.structs import replace

from buildsteps.results import Location
from buildsteps.steps.cedar.mutation.operators import Document, Mutation, mutations
from buildsteps.steps.cedar.mutation.originals import Original
from buildsteps.steps.cedar.mutation.satisfied import Instance
from buildsteps.steps.cedar.policies.cedar_text import expression_text, policy_text
from buildsteps.steps.cedar.policies.checks import Validated
from buildsteps.steps.cedar.policies.policy import LinkedPolicy, Policy


class Mutant(Struct, frozen=True, kw_only=True):
    """A policy, template or link made wrong.

    ``replaces`` are the engine ids that go, ``instances`` what stands for them, by the id replaced.
    ``link`` is the place of the link that is taken away, ``nth`` tells changes apart that read
    alike.
    """

    number: int
    name: str
    policy: Policy
    change: Mutation
    original: Document
    instances: Mapping[str, Instance]
    replaces: tuple[str, ...]
    link: Location | None = None
    nth: int = 1

    @property
    def operator(self) -> str:
        """The kind of change."""
        return self.change.operator

    @property
    def text(self) -> str:
        """The changed policy as Cedar text; empty where it, or its link, is taken away."""
        return policy_text(self.change.document) if self.change.document is not None else ""

    @property
    def words(self) -> str:
        """What was changed, for people."""
        if self.change.what:
            return self.change.what
        new, old = expression_text(self.change.new), expression_text(self.change.old)
        return f"`{new}` instead of `{old}`"


def mutants_of(
    found: Collection[Original], validated: Validated, touched: Collection[str] | None = None
) -> Iterator[Mutant]:
    """All mutants, or with ``touched`` those of the policies and links with these ids."""
    number = 0
    for one in found:
        whole = touched is None or one.policy.id in touched
        for mutant in _mutants(one, validated, touched, whole=whole):
            yield replace(mutant, number=number)
            number += 1


def _mutants(
    one: Original, validated: Validated, touched: Collection[str] | None, *, whole: bool
) -> Iterator[Mutant]:
    if one.document is None:
        return
    told: dict[tuple[str, str], int] = {}
    for change in mutations(one.document) if whole else ():
        mutant = Mutant(
            number=0,
            name=one.policy.id,
            policy=one.policy,
            change=change,
            original=one.document,
            instances=_changed(one, change.document),
            replaces=tuple(instance.id for instance in one.instances),
        )
        key = change.operator, mutant.words
        told[key] = told.get(key, 0) + 1
        yield replace(mutant, nth=told[key])
    for instance in one.instances:
        linked = validated.linked.get(instance.id)
        # without its only link a template is what it is when it is removed
        if linked is None or (whole and len(one.instances) == 1):
            continue
        if touched is None or linked.id in touched:
            yield _removed_link(one, one.document, linked, instance)


def _changed(one: Original, document: Document | None) -> dict[str, Instance]:
    if document is None:
        return {}
    text, forbids = policy_text(document, "permit"), document["effect"] == "forbid"
    slots = _slots(document)
    return {
        instance.id: Instance(
            id=instance.id,
            text=text,
            forbids=forbids,
            scope=(_only(document["action"]), _only(document["principal"])),
            # a mutant that lost a slot is filled one less, one that lost all is no template
            values={slot: value for slot, value in (instance.values or {}).items() if slot in slots}
            or None,
        )
        for instance in one.instances
    }


def _only(scope: Mapping[str, Any]) -> tuple[str, str] | None:
    if scope["op"] != "==" or "entity" not in scope:
        return None
    return scope["entity"]["type"], scope["entity"]["id"]


def _slots(document: Document) -> set[str]:
    scopes = (document["principal"], document["resource"])
    parts = (part for scope in scopes for part in (scope, scope.get("in", {})))
    return {part["slot"] for part in parts if "slot" in part}


def _removed_link(
    one: Original, document: Document, linked: LinkedPolicy, instance: Instance
) -> Mutant:
    change = Mutation(operator="remove-link", what="the link is removed", document=None)
    return Mutant(
        number=0,
        name=linked.id,
        policy=one.policy,
        change=change,
        original=document,
        instances={},
        replaces=(instance.id,),
        link=linked.location,
    )
