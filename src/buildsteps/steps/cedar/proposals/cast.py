"""Who can ask and be asked about: entities from the files, the schema, the policies, or made up."""

import re
from collections.abc import Iterable
from functools import cache
from typing import Any

from buildsteps.steps.cedar.proposals.placeholders import TooManyValuesError, Uid, filled
from buildsteps.steps.cedar.schemas.model import SchemaModel
from buildsteps.steps.cedar.text.syntax import is_writable, unescape
from buildsteps.steps.cedar.trials.request import uid_pair

_UID = re.compile(r'((?:[A-Za-z_]\w*::)*[A-Za-z_]\w*)::("(?:[^"\\]|\\.)*")')
_MOST_MADE_UP = 3


class Cast:
    """The entities of each type, those that policies name first.

    ``known`` are those of the entities files; ``policies`` is the text of all policies and links.
    """

    def __init__(self, model: SchemaModel, known: Iterable[Uid], policies: str) -> None:
        self.model = model
        self.known: dict[str, list[Uid]] = {}
        self.named: dict[str, list[Uid]] = {}
        for kind, name in dict.fromkeys((m[1], m[2]) for m in _UID.finditer(policies)):
            if is_writable(unescape(name)):
                self.named.setdefault(kind, []).append((kind, unescape(name)))
        self.of = cache(self._of)
        self.can_play = cache(self._can_play)
        for uid in sorted(uid for uid in known if is_writable(uid[1])):
            self.known.setdefault(uid[0], []).append(uid)

    def _of(self, kind: str) -> list[Uid]:
        """The entities of a type; one is made up where there is none."""
        choices = self.model.entity_types[kind].choices
        if choices:
            return [(kind, name) for name in choices]
        named = self.named.get(kind, [])
        if kind in self.known:
            first = set(named)
            return sorted(self.known[kind], key=lambda uid: uid not in first)
        return named[:_MOST_MADE_UP] or [(kind, f"example-{kind.rpartition('::')[2].lower()}")]

    def one(self, kind: str) -> Uid:
        """Any entity of a type, or any action where it is the type of actions."""
        if kind in self.model.entity_types:
            return self.of(kind)[0]
        actions = (uid_pair(uid) for uid in self.model.actions)
        return next((uid for uid in actions if uid[0] == kind), (kind, "example"))

    def is_made_up(self, kind: str) -> bool:
        """Whether the entities of a type are in no file, and no enumeration."""
        return kind not in self.known and not self.model.entity_types[kind].choices

    def _can_play(self, kind: str) -> bool:
        """Whether there are entities of a type, or they can be made up."""
        return not self.is_made_up(kind) or self._attributes(kind) is not None

    def entity(self, uid: Uid) -> dict[str, Any]:
        """A made-up entity in Cedar's JSON, with what the schema requires of it."""
        attributes = self._attributes(uid[0])
        return {"attrs": attributes} if attributes else {}

    def _attributes(self, kind: str) -> dict[str, Any] | None:
        try:
            return filled(self.model.entity_types[kind].attributes, self.one)
        except TooManyValuesError:
            return None
