"""The mutants of a store: every change of every policy, template and link that holds."""

from collections.abc import Collection, Iterator, Mapping
from typing import Any

from msgspec import Struct

from buildsteps.results import Location
from buildsteps.steps.cedar import engine
from buildsteps.steps.cedar.mutation.expression_text import expression_text, offset_in
from buildsteps.steps.cedar.mutation.operators import Document, mutations
from buildsteps.steps.cedar.mutation.satisfied import Instance
from buildsteps.steps.cedar.policies.checks import Validated
from buildsteps.steps.cedar.policies.json import rendered
from buildsteps.steps.cedar.policies.policy import LinkedPolicy, Policy, joined
from buildsteps.steps.cedar.text.entity_uids import for_engine


class Mutant(Struct, frozen=True, kw_only=True):
    """A policy, template or link made wrong.

    ``replaces`` are the engine ids that go, ``instances`` what stands for them, by the id replaced.
    """

    number: int
    operator: str
    name: str
    what: str
    policy: Policy
    place: Location
    document: Document | None
    instances: Mapping[str, Instance]
    replaces: tuple[str, ...]
    old: Any = None
    new: Any = None

    def text(self) -> str:
        """The changed policy as Cedar text; empty where it is taken away."""
        return rendered(self.document) if self.document is not None else ""

    def words(self) -> str:
        """What was changed, for people."""
        if self.what and self.old is not None:
            return f"{self.what} {{ {expression_text(self.old)} }}"
        if self.what:
            return self.what
        return f"`{expression_text(self.new)}` instead of `{expression_text(self.old)}`"


class Original(Struct, frozen=True, kw_only=True):
    """A policy or template that holds, with its tree and what it makes: itself, or its links."""

    policy: Policy
    document: Document
    instances: tuple[Instance, ...]


def originals(validated: Validated) -> list[Original]:
    """The policies that hold, as trees. A template without links makes nothing, and is left out."""
    documents = engine.policy_documents(joined(validated.good))
    links: dict[int, list[tuple[str, LinkedPolicy]]] = {}
    for name, linked in validated.linked.items():
        links.setdefault(id(linked.template), []).append((name, linked))
    found = []
    for number, policy in enumerate(validated.good):
        document = documents[f"policy{number}"]
        if policy.statement.is_template:
            instances = tuple(
                Instance(id=name, document=document, values=_values(linked))
                for name, linked in links.get(id(policy), ())
            )
        else:
            instances = (Instance(id=f"policy{number}", document=document),)
        if instances:
            found.append(Original(policy=policy, document=document, instances=instances))
    return found


def _values(linked: LinkedPolicy) -> dict[str, Any]:
    return {slot: for_engine(uid) for slot, uid in linked.values.items()}


def mutants_of(
    found: Collection[Original], validated: Validated, touched: Collection[str] | None = None
) -> Iterator[Mutant]:
    """All mutants, or with ``touched`` those of the policies and links with these ids."""
    number = 0
    for one in found:
        if touched is None or one.policy.id in touched:
            for change in mutations(one.document):
                yield Mutant(
                    number=number,
                    operator=change.operator,
                    name=one.policy.id,
                    what=change.what,
                    policy=one.policy,
                    place=one.policy.location,
                    document=change.document,
                    instances=_changed(one, change.document, number),
                    replaces=tuple(instance.id for instance in one.instances),
                    old=change.old,
                    new=change.new,
                )
                number += 1
        if len(one.instances) > 1:
            for instance in one.instances:
                linked = validated.linked[instance.id]
                if touched is None or linked.id in touched:
                    yield _removed_link(one, linked, instance, number)
                    number += 1


def _changed(one: Original, document: Document | None, number: int) -> dict[str, Instance]:
    if document is None:
        return {}
    return {
        instance.id: Instance(
            id=f"mutant{number}@{instance.id}", document=document, values=instance.values
        )
        for instance in one.instances
    }


def _removed_link(one: Original, linked: LinkedPolicy, instance: Instance, number: int) -> Mutant:
    return Mutant(
        number=number,
        operator="remove-link",
        name=linked.id,
        what="the link is removed",
        policy=one.policy,
        place=linked.location,
        document=None,
        instances={},
        replaces=(instance.id,),
    )


def placed(mutant: Mutant) -> Location:
    """Where the change is, to the line if the policy's text shows it."""
    if mutant.old is None:
        return mutant.place
    offset = offset_in(mutant.policy, expression_text(mutant.old))
    return mutant.place if offset is None else mutant.policy.file.source.location(offset)
