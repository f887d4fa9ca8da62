"""Many mutants asked only what can concern them: by the action and principal of their scope.

What a policy with ``action == X`` decides of other actions is nothing, so it need not be asked.
"""

from collections import defaultdict
from collections.abc import Collection, Sequence
from typing import Any

from buildsteps.steps.cedar import engine
from buildsteps.steps.cedar.mutation.satisfied import ANY, Applied, Instance, Jury
from buildsteps.steps.cedar.trials.request import uid_pair


class Juries:
    """Instances by what their scope names, and those that any request may concern."""

    def __init__(self, instances: Collection[Instance], schema: engine.Schema | None) -> None:
        by_scope: dict[Any, list[Instance]] = defaultdict(list)
        for one in instances:
            by_scope[one.scope].append(one)
        self._common = Jury(by_scope.pop(ANY, []), schema)
        self._named = {scope: Jury(some, schema) for scope, some in by_scope.items()}
        self.size = len(instances)

    def applied(self, requests: Sequence[dict[str, Any]], entities: Any) -> list[Applied | None]:
        """What applies to each request; None where the schema knows no such request."""
        found = self._common.applied(requests, entities)
        concerned: dict[Jury, list[int]] = defaultdict(list)
        for number, request in enumerate(requests):
            action, principal = uid_pair(request["action"]), uid_pair(request["principal"])
            for scope in ((action, None), (None, principal), (action, principal)):
                if scope in self._named:
                    concerned[self._named[scope]].append(number)
        for jury, numbers in concerned.items():
            answers = jury.applied([requests[number] for number in numbers], entities)
            for number, answer in zip(numbers, answers, strict=True):
                found[number] = _both(found[number], answer)
        return found


def _both(one: Applied | None, other: Applied | None) -> Applied | None:
    if one is None or other is None or not (other.satisfied or other.failed):
        return one
    return Applied(one.satisfied | other.satisfied, one.failed | other.failed)
