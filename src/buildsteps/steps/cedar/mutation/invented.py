"""More made-up entities for types that no file has any of: whom policies name, and who is in whom.

With three of a type, as a difference makes them up, the mutants of the fourth policy that names one
would look equivalent; and without anybody in a group, so would those of all policies about it.
"""

from collections.abc import Iterator, Mapping
from typing import Any

import msgspec
from msgspec import Struct

from buildsteps.steps.cedar.difference.universe import Universe
from buildsteps.steps.cedar.proposals.cast import Cast
from buildsteps.steps.cedar.proposals.placeholders import TooManyValuesError, Uid, filled
from buildsteps.steps.cedar.schemas.model import SchemaModel
from buildsteps.steps.cedar.text.entity_uids import uids_in
from buildsteps.steps.cedar.text.syntax import is_writable


def invented(universe: Universe, model: SchemaModel, policies: str) -> Universe:
    """The universe with more of the types that it makes up already."""
    kinds = {kind for kind, _ in universe.made_up}
    if not kinds:
        return universe
    inventing = _Inventing(universe, model, sorted(uids_in(policies)))
    added = {
        uid: entity
        for kind in sorted(kinds)
        if not model.entity_types[kind].choices
        for uid, entity in inventing.of(kind)
        if uid not in universe.uids
    }
    documents = [*msgspec.json.decode(universe.text), *added.values()]
    text = msgspec.json.encode(documents, order="deterministic").decode()
    uids, made_up = (*universe.uids, *added), (*universe.made_up, *added)
    return Universe(text=text, uids=uids, made_up=made_up)


class _Inventing(Struct, frozen=True):
    universe: Universe
    model: SchemaModel
    named: list[Uid]

    def of(self, kind: str) -> Iterator[tuple[Uid, dict[str, Any]]]:
        """The entities of a type that policies name, and one in each group that they name."""
        declared = self.model.entity_types[kind]
        cast = Cast(self.model, self.universe.uids, "")
        try:
            attributes = filled(declared.attributes, cast.one)
        except TooManyValuesError:
            return
        for uid in self.named:
            if not is_writable(uid[1]):
                continue
            if uid[0] == kind:
                yield uid, _entity(uid, attributes, [])
            if uid[0] in declared.parents:
                member = (kind, f"in-{uid[1]}")
                yield member, _entity(member, attributes, [uid])


def _entity(uid: Uid, attributes: Mapping[str, Any], parents: list[Uid]) -> dict[str, Any]:
    return {"uid": _json(uid), "attrs": attributes, "parents": [_json(one) for one in parents]}


def _json(uid: Uid) -> dict[str, str]:
    return {"type": uid[0], "id": uid[1]}
