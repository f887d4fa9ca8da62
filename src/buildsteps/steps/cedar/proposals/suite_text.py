"""A proposed suite as YAML, commented for whoever reads it first."""

import textwrap
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from msgspec import Struct

from buildsteps.steps.cedar.proposals.cells import Combination, cells
from buildsteps.steps.cedar.proposals.placeholders import Uid
from buildsteps.steps.cedar.proposals.plan import Draft
from buildsteps.steps.cedar.proposals.words import words_for
from buildsteps.steps.cedar.proposals.yaml_text import fits, flow, listed, pair
from buildsteps.steps.cedar.text.syntax import quoted
from buildsteps.steps.cedar.trials.request import uid_pair
from buildsteps.steps.cedar.trials.suite_format import ANY, Cell

_HEADER = """\
This is what the policies decide today, as `buildsteps cedar-validate --init-tests` found it.
It is not yet a test of what you want. Read it, and where a decision is wrong, correct it here
and then in the policies. What a matrix does not list under `allow` is denied."""


class Drawn(Struct, frozen=True, kw_only=True):
    """All of a suite but the decisions; ``made_up`` are entities that no file has."""

    drafts: tuple[Draft, ...]
    made_up: Mapping[Uid, Mapping[str, Any]]
    remarks: Sequence[str] = ()


class SuiteWriter:
    """Writes the suite, with the decisions once they are known."""

    def __init__(self, drawn: Drawn) -> None:
        self.drawn = drawn
        self.words: dict[Uid, str] = {}
        self.sections: dict[str, list[Uid]] = {"principals": [], "actions": [], "resources": []}
        for draft in drawn.drafts:
            self.sections["principals"] += draft.principals
            self.sections["actions"] += map(uid_pair, draft.actions)
            self.sections["resources"] += draft.resources
        self.words = words_for(uid for uids in self.sections.values() for uid in uids)

    def text(self, allowed: Sequence[Sequence[Combination]]) -> str:
        """The whole file; ``allowed`` are the combinations of each matrix that are allowed."""
        lines = [*_comment(_HEADER)]
        for remark in self.drawn.remarks:
            lines += _comment(remark)
        lines += [*self._names(), *self._entities(), "matrix:"]
        for draft, some in zip(self.drawn.drafts, allowed, strict=True):
            lines += self._matrix(draft, some)
        return "\n".join(lines) + "\n"

    def axes(self, draft: Draft) -> tuple[list[str], list[str], list[str]]:
        """The words of a matrix: principals, actions, resources."""
        return (
            [self._word(uid) for uid in draft.principals],
            [self._word(uid_pair(uid)) for uid in draft.actions],
            [self._word(uid) for uid in draft.resources],
        )

    def _word(self, uid: Uid) -> str:
        return self.words.get(uid) or _written(uid)

    def _names(self) -> Iterator[str]:
        if self.words:
            yield "names:"
        told: set[Uid] = set()
        for section, uids in self.sections.items():
            new = [uid for uid in dict.fromkeys(uids) if uid in self.words and uid not in told]
            told.update(new)
            if new:
                yield f"  # {section}"
            for uid in new:
                yield f"  {pair(self.words[uid], _written(uid))}"

    def _entities(self) -> Iterator[str]:
        if self.drawn.made_up:
            yield "# Made up, because no entities file has any of their type: make them yours."
            yield "entities:"
        for uid, rest in self.drawn.made_up.items():
            yield f"  - {flow({'uid': self._word(uid), **rest})}"

    def _matrix(self, draft: Draft, allowed: Sequence[Combination]) -> Iterator[str]:
        axes = self.axes(draft)
        yield f"  - {pair('name', draft.title)}"
        if draft.note:
            yield f"    # {draft.note}"
        for key, words in zip(("principals", "actions", "resources"), axes, strict=True):
            yield from listed(key, words, 4)
        if draft.context:
            yield "    # made up, with what the schema requires"
            yield f"    context: {flow(draft.context)}"
        if not allowed:
            yield "    allow: []"
            return
        yield "    allow:"
        for cell in cells(allowed, *axes):
            yield from _cell(cell)


def _written(uid: Uid) -> str:
    return f"{uid[0]}::{quoted(uid[1])}"


def _cell(cell: Cell) -> list[str]:
    parts = {
        axis: chosen
        for axis in ("principal", "action", "resource")
        if (chosen := getattr(cell, axis)) != ANY
    } or {"principal": ANY}
    plain = {axis: [*some] if isinstance(some, tuple) else some for axis, some in parts.items()}
    line = f"      - {flow(plain)}"
    if fits(line):
        return [line]
    lines: list[str] = []
    for axis, some in parts.items():
        if isinstance(some, tuple):
            lines += listed(axis, some, 8)
        else:
            lines.append(f"        {pair(axis, some)}")
    return [f"      - {lines[0].lstrip()}", *lines[1:]]


def _comment(text: str) -> list[str]:
    wrapped = (textwrap.wrap(line, 96) for line in text.splitlines())
    return [f"# {line}" for lines in wrapped for line in lines]
