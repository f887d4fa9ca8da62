"""Asking both versions, in as many processes as are worth it; what differs comes back."""

from collections.abc import Iterator, Sequence
from functools import lru_cache, partial
from pathlib import Path
from typing import Any

import msgspec
from msgspec import Struct

from buildsteps.steps.cedar import engine
from buildsteps.steps.cedar.difference.changes import Change, Changes, Kind
from buildsteps.steps.cedar.difference.numbering import Asking, Block, Space
from buildsteps.steps.cedar.difference.side import Side
from buildsteps.world import workers

CHUNK = 4_096
"""The requests that a worker takes at a time."""

_BATCH = 512
_WORTH_WORKERS = 20_000
"""Below so many requests a second process costs more than it saves."""

Answer = tuple[str, tuple[str, ...]]


class Task(Struct, frozen=True, kw_only=True):
    """All that another process needs; written once, read by each."""

    before: Side
    after: Side
    universes: tuple[str, ...]
    blocks: tuple[Block, ...]
    most: int
    seed: int

    def space(self) -> Space:
        """The requests, by number."""
        return Space(self.blocks, self.most, self.seed)


class Asked(Struct, kw_only=True):
    """What a part of the space gave; ``refused`` are requests that neither version takes."""

    asked: int = 0
    refused: int = 0
    changes: list[Change] = msgspec.field(default_factory=list)


def ask(task: Task, folder: Path, jobs: int) -> Iterator[Asked]:
    """Ask everything, in order, portion by portion.

    Raises:
        WorldError: a worker died.
    """
    number = task.space().asked
    path = folder / "task.msgpack"
    path.write_bytes(msgspec.msgpack.encode(task))
    starts = range(0, number, CHUNK)
    processes = workers.jobs_for(jobs, number, _WORTH_WORKERS)
    yield from workers.ordered_map(
        partial(_portion, str(path)), starts, min(processes, len(starts) or 1)
    )


class _Loaded:
    """Both versions as the engine takes them, loaded once a process."""

    def __init__(self, task: Task) -> None:
        self.space = task.space()
        self.before = _LoadedSide(task.before, task.universes)
        self.after = _LoadedSide(task.after, task.universes)


class _LoadedSide:
    def __init__(self, side: Side, universes: Sequence[str]) -> None:
        self.policies = side.policy_set()
        self.schema = side.schema_handle()
        self.names = side.names
        self.named = lru_cache(maxsize=4_096)(self._named)
        self.entities = lru_cache(maxsize=8)(
            lambda number: engine.any_entities(universes[number], self.schema)[0]
        )

    def _named(self, *reasons: str) -> tuple[str, ...]:
        return tuple(sorted({self.names.get(one, one) for one in reasons}))

    def answers(self, universe: int, requests: list[dict[str, Any]]) -> Iterator[Answer]:
        entities = self.entities(universe)
        for decision, reasons in engine.decide(requests, self.policies, entities, self.schema):
            yield decision, self.named(*reasons)


@lru_cache(maxsize=1)
def _loaded(path: str) -> _Loaded:
    return _Loaded(msgspec.msgpack.decode(Path(path).read_bytes(), type=Task))


def _portion(path: str, start: int) -> Asked:
    loaded = _loaded(path)
    asked, changes = Asked(), Changes()
    stop = min(start + CHUNK, loaded.space.asked)
    for batch in loaded.space.batches(start, stop, _BATCH):
        _compare(batch, loaded, asked, changes)
    asked.changes = changes.all()
    return asked


def _compare(batch: Asking, loaded: _Loaded, asked: Asked, changes: Changes) -> None:
    before = loaded.before.answers(batch.universe, batch.requests)
    after = loaded.after.answers(batch.universe, batch.requests)
    for number, old, new in zip(batch.numbers, before, after, strict=True):
        asked.asked += 1
        if old != new:
            changes.add(_kind(old, new, loaded.space, number), 1, (number,))
        elif not old[0]:
            asked.refused += 1


def _kind(old: Answer, new: Answer, space: Space, number: int) -> Kind:
    kind = Kind(
        old[0],
        new[0],
        space.question(number).action,
        tuple(one for one in old[1] if one not in new[1]),
        tuple(one for one in new[1] if one not in old[1]),
    )
    return kind if kind.decides else msgspec.structs.replace(kind, action=None)
