"""A test that would notice a mutant: a request that it decides otherwise, in our suite format."""

from collections.abc import Sequence
from typing import Any

from msgspec import Struct

from buildsteps.steps.cedar import engine
from buildsteps.steps.cedar.difference.space import Question, Space
from buildsteps.steps.cedar.mutation.mutants import Mutant
from buildsteps.steps.cedar.mutation.trial_court import Bench
from buildsteps.steps.cedar.trials.request import shown

MOST_QUESTIONS = 20_000
"""How many requests tell an equivalent mutant from one that the tests miss; a sample beyond."""

_BATCH = 512


class Witness(Struct, frozen=True):
    """A request that a mutant decides otherwise, and what is decided today."""

    question: Question
    decision: str


def witnesses(bench: Bench, space: Space, universes: Sequence[Any]) -> dict[int, Witness]:
    """By number of the mutant, the first request that it decides otherwise."""
    found: dict[int, Witness] = {}
    questions = list(space.questions(0, space.asked))
    for number, handle in enumerate(universes):
        members = [one for one in questions if one.universe == number]
        for start in range(0, len(members), _BATCH):
            batch = members[start : start + _BATCH]
            requests = [one.arguments() for one in batch]
            for place, mutant, was, now in bench.differing(requests, handle):
                if was.decision != now.decision:
                    found.setdefault(mutant.number, Witness(batch[place], was.decision))
    return found


def loaded(text: str, schema: engine.Schema | None) -> Any:
    """Entities for the engine, with the schema if they fit it."""
    try:
        return engine.Entities.from_json_str(text, schema)
    except ValueError:
        return engine.Entities.from_json_str(text, None)


def suite_test(witness: Witness, mutant: Mutant) -> dict[str, Any]:
    """The test, as an entry of ``tests:`` in a suite."""
    question = witness.question
    test: dict[str, Any] = {
        "name": f"notices that {mutant.name} has changed: {mutant.operator}",
        "principal": _uid(question.principal),
        "action": _uid(question.action),
        "resource": _uid(question.resource),
    }
    if question.context:
        test["context"] = question.context
    test["decision"] = witness.decision.lower()
    return test


def _uid(uid: tuple[str, str]) -> str:
    from buildsteps.steps.cedar.text.syntax import quoted

    kind, name = uid
    return f"{kind}::{quoted(name)}" if name else shown({"type": kind, "id": name})
