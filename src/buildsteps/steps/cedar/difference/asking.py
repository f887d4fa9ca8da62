"""Asking both versions, in as many processes as are worth it; what differs comes back."""

from collections.abc import Iterator, Sequence
from functools import lru_cache, partial
from itertools import groupby
from pathlib import Path
from typing import Any

import msgspec
from msgspec import Struct

from buildsteps.steps.cedar import engine
from buildsteps.steps.cedar.difference.side import Side
from buildsteps.steps.cedar.difference.space import Block, Question, Space
from buildsteps.world import workers

_CHUNK = 4_096
_BATCH = 512
_WORTH_WORKERS = 40_000
"""Below so many requests a second process costs more than it saves."""

EXAMPLES = 1_000
"""How many requests of one kind of change are kept; beyond, they are counted."""


class Verdict(Struct, frozen=True):
    """An answer by the policies' own names; ``errors`` are those whose evaluation failed.

    ``decision`` is empty where the version's schema knows no such request.
    """

    decision: str
    reasons: tuple[str, ...]
    errors: tuple[str, ...] = ()


class Kind(Struct, frozen=True):
    """What changes have in common: the action, and both verdicts."""

    action: tuple[str, str]
    before: Verdict
    after: Verdict

    @property
    def decides(self) -> bool:
        """Whether the decision itself changed; no such request is no permission either."""
        return (self.before.decision == "ALLOW") != (self.after.decision == "ALLOW")

    @property
    def widens(self) -> bool:
        """Whether something is newly allowed."""
        return self.decides and self.after.decision == "ALLOW"


class Change(Struct, kw_only=True):
    """All requests that changed in one way: how many, and the first of them."""

    kind: Kind
    number: int = 0
    examples: list[Question] = msgspec.field(default_factory=list)

    def add(self, other: "Change") -> None:
        """Count the requests of another part of the space, too."""
        self.number += other.number
        self.examples += other.examples[: EXAMPLES - len(self.examples)]


class Task(Struct, frozen=True, kw_only=True):
    """All that another process needs; written once, read by each."""

    before: Side
    after: Side
    universes: tuple[str, ...]
    blocks: tuple[Block, ...]
    most: int
    seed: int


class Asked(Struct, kw_only=True):
    """What a part of the space gave."""

    asked: int = 0
    allowed: int = 0
    changes: list[Change] = msgspec.field(default_factory=list)


def ask(task: Task, folder: Path, jobs: int) -> Iterator[Asked]:
    """Ask everything, in order, portion by portion.

    Raises:
        WorldError: a worker died.
    """
    space = Space(task.blocks, task.most, task.seed)
    path = folder / "task.msgpack"
    path.write_bytes(msgspec.msgpack.encode(task))
    starts = range(0, space.asked, _CHUNK)
    processes = workers.jobs_for(jobs, space.asked, _WORTH_WORKERS)
    yield from workers.ordered_map(
        partial(_portion, str(path)), starts, min(processes, len(starts) or 1)
    )


class _Loaded:
    """Both versions as the engine takes them, loaded once a process."""

    def __init__(self, task: Task) -> None:
        self.space = Space(task.blocks, task.most, task.seed)
        self.sides = (_LoadedSide(task.before, task), _LoadedSide(task.after, task))


class _LoadedSide:
    def __init__(self, side: Side, task: Task) -> None:
        self.policies = side.policy_set()
        self.schema = side.schema_handle()
        self.names = side.names
        self.texts = task.universes
        self.entities = lru_cache(maxsize=8)(self._entities)

    def _entities(self, universe: int) -> Any:
        """The entities with this version's schema, or where they do not fit it as they are."""
        text = self.texts[universe]
        try:
            return engine.Entities.from_json_str(text, self.schema)
        except ValueError:
            return engine.Entities.from_json_str(text, None)

    def verdicts(self, universe: int, requests: Sequence[dict[str, Any]]) -> list[engine.Answer]:
        return engine.authorize(requests, self.policies, self.entities(universe), self.schema)

    def verdict(self, answer: engine.Answer) -> Verdict:
        return Verdict(
            answer.decision,
            tuple(sorted(self.names.get(one, one) for one in answer.reasons)),
            tuple(sorted(self.names.get(one, one) for one, _ in answer.errors)),
        )


@lru_cache(maxsize=1)
def _loaded(path: str) -> _Loaded:
    return _Loaded(msgspec.msgpack.decode(Path(path).read_bytes(), type=Task))


def _portion(path: str, start: int) -> Asked:
    loaded = _loaded(path)
    found: dict[Kind, Change] = {}
    asked = Asked()
    stop = min(start + _CHUNK, loaded.space.asked)
    questions = loaded.space.questions(start, stop)
    for universe, same in groupby(questions, key=lambda one: one.universe):
        members = list(same)
        for first in range(0, len(members), _BATCH):
            _compare(members[first : first + _BATCH], universe, loaded, asked, found)
    asked.changes = list(found.values())
    return asked


def _compare(
    questions: Sequence[Question],
    universe: int,
    loaded: _Loaded,
    asked: Asked,
    found: dict[Kind, Change],
) -> None:
    before, after = loaded.sides
    requests = [one.arguments() for one in questions]
    answers = zip(
        questions,
        before.verdicts(universe, requests),
        after.verdicts(universe, requests),
        strict=True,
    )
    for question, old, new in answers:
        if not old.decision and not new.decision:
            continue  # neither schema knows such a request
        asked.asked += 1
        asked.allowed += new.decision == "ALLOW"
        was, now = before.verdict(old), after.verdict(new)
        if was.decision != now.decision or was.reasons != now.reasons:
            kind = Kind(question.action, was, now)
            change = found.setdefault(kind, Change(kind=kind))
            change.number += 1
            if len(change.examples) < EXAMPLES:
                change.examples.append(question)
