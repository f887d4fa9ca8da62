"""Which policies apply to a request: each asked by itself, all at once.

Cedar evaluates each policy on its own and then combines what applies (Cedar's specification,
"authorization algorithm": a forbid that applies outranks every permit). So all policies of a store,
and all their mutants, are put to the engine as permits of one set: the determining policies are
exactly those that apply. The decision with one of them exchanged is then a matter of sets, and
thousands of mutants cost one question a request.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from msgspec import Struct

from buildsteps.steps.cedar import engine

Uid = tuple[str, str]
Scope = tuple[Uid | None, Uid | None]
ANY: Scope = (None, None)


class Instance(Struct, frozen=True, kw_only=True):
    """A policy, or what a link makes of a template, that can apply; ``values`` fill its slots.

    ``text`` is its Cedar text with the effect permit; ``scope`` has the only action and the
    only principal that it can apply to, None where there may be several.
    """

    id: str
    text: str
    forbids: bool
    scope: Scope = ANY
    values: Mapping[str, Any] | None = None


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
        numbers: dict[str, int] = {}
        texts: list[str] = []
        self._names: dict[str, str] = {}
        links: list[dict[str, Any]] = []
        for one in instances:
            if one.values is None:
                self._names[f"policy{len(texts)}"] = one.id
                texts.append(one.text)
                continue
            # the links of one template share its text
            number = numbers.setdefault(one.text, len(texts))
            if number == len(texts):
                texts.append(one.text)
            name = f"link {len(links)}"
            self._names[name] = one.id
            template = f"policy{number}"
            links.append({"template_id": template, "new_id": name, "values": dict(one.values)})
        policies = engine.any_policies("\n".join(texts))
        self._policies = policies.with_linked_batch(links) if links else policies
        self._schema = schema
        self.size = len(self._names)

    def applied(self, requests: Sequence[dict[str, Any]], entities: Any) -> list[Applied | None]:
        """What applies to each request; None where the schema knows no such request."""
        names = self._names
        return [
            Applied(
                frozenset([names[one] for one in answer.reasons]),
                frozenset([names[one] for one, _ in answer.errors]),
            )
            if answer.decision
            else None
            for answer in engine.authorize(requests, self._policies, entities, self._schema)
        ]
