"""Which policies apply to a request: each asked by itself, all at once.

Cedar evaluates each policy on its own and then combines what applies (Cedar's specification,
"authorization algorithm": a forbid that applies outranks every permit). So all policies of a store,
and all their mutants, are put to the engine as permits of one set: the determining policies are
exactly those that apply. The decision with one of them exchanged is then a matter of sets, and
thousands of mutants cost one question a request.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import msgspec
from msgspec import Struct

from buildsteps.steps.cedar import engine
from buildsteps.steps.cedar.mutation.operators import Document


class Instance(Struct, frozen=True, kw_only=True):
    """A policy, or what a link makes of a template, that can apply; ``values`` fill its slots."""

    id: str
    document: Document
    values: Mapping[str, Any] | None = None

    @property
    def effect(self) -> str:
        """``permit`` or ``forbid``."""
        return str(self.document["effect"])


class Applied(Struct, frozen=True):
    """The instances that apply to one request, and those whose evaluation fails."""

    satisfied: frozenset[str]
    failed: frozenset[str]


class Jury:
    """Instances ready to be asked.

    Raises:
        ValueError: one of them is no policy.
    """

    def __init__(self, instances: Iterable[Instance], schema: engine.Schema | None) -> None:
        statics: dict[str, Any] = {}
        templates: dict[str, Any] = {}
        links = []
        for one in instances:
            document = {**one.document, "effect": "permit", "annotations": {}}
            if one.values is None:
                statics[one.id] = document
            else:
                templates[f"of {one.id}"] = document
                values = {slot: {"__entity": uid} for slot, uid in one.values.items()}
                links.append({"templateId": f"of {one.id}", "newId": one.id, "values": values})
        document = {"staticPolicies": statics, "templates": templates, "templateLinks": links}
        self.policies = engine.any_policies(msgspec.json.encode(document).decode())
        self.schema = schema

    def applied(self, requests: Sequence[dict[str, Any]], entities: Any) -> list[Applied | None]:
        """What applies to each request; None where the schema knows no such request."""
        answers = engine.authorize(requests, self.policies, entities, self.schema)
        return [
            Applied(frozenset(one.reasons), frozenset(name for name, _ in one.errors))
            if one.decision
            else None
            for one in answers
        ]


def answer(
    satisfied: Iterable[str], failed: Iterable[str], forbids: frozenset[str]
) -> engine.Answer:
    """The engine's answer where these apply: a forbid outranks every permit."""
    applying = frozenset(satisfied)
    forbidding = applying & forbids
    reasons = forbidding or applying
    return engine.Answer(
        "ALLOW" if applying and not forbidding else "DENY",
        tuple(sorted(reasons)),
        tuple((name, "") for name in sorted(failed)),
    )
