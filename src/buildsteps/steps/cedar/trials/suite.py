"""The tests of suites, our own format: what :mod:`suite_format` declares, made into trials."""

import itertools
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import msgspec

from buildsteps import typed, yaml_document
from buildsteps.errors import UsageError
from buildsteps.nearest import suggestion
from buildsteps.results import Location
from buildsteps.steps.cedar.stores.names import ALLOW, DENY
from buildsteps.steps.cedar.stores.store import Store
from buildsteps.steps.cedar.trials.cedar_values import check_values
from buildsteps.steps.cedar.trials.request import Request, uid_pair
from buildsteps.steps.cedar.trials.suite_format import ANY, Matrix, Single, Suite
from buildsteps.steps.cedar.trials.trial import EntitySource, Expectation, Trial
from buildsteps.world import World


def suite_trials(path: Path, store: Store, world: World) -> list[Trial]:
    """The tests of a suite file; a file that is none gives one that says why."""
    place = Location(path=world.shown(path))
    try:
        return trials_in(world.files.read_text(path), path, store, world)
    except UsageError as error:
        return [_broken(path, place, error)]


def trials_in(text: str, path: Path, store: Store, world: World) -> list[Trial]:
    """The tests of a suite that stands, or is to stand, at ``path``.

    Raises:
        UsageError: it is none, or holds no test.
    """
    place = Location(path=world.shown(path))
    root = yaml_document.parse(text, place.path)
    reader = None if root is None else _Reader(root, path, store)
    trials = [*reader.singles(), *reader.cells()] if reader else []
    if not trials:
        raise UsageError("the suite holds no test", place)
    return _distinct(trials)


def _broken(path: Path, place: Location, error: UsageError) -> Trial:
    nothing = Expectation(decision="")
    return Trial(group=path.name, name=path.name, location=place, expected=nothing, error=error)


def _distinct(trials: Iterable[Trial]) -> list[Trial]:
    """Give the second of a name a number."""
    taken: set[str] = set()
    found = []
    for number, trial in enumerate(trials, 1):
        name = f"{trial.name} #{number}" if trial.name in taken else trial.name
        taken.add(name)
        found.append(msgspec.structs.replace(trial, name=name))
    return found


class _Reader:
    """Makes trials of a suite; knows its names, its entities and the places of its parts."""

    def __init__(self, root: yaml_document.Node, path: Path, store: Store) -> None:
        suite: Suite = typed.convert(root, Suite)
        check_values(root)
        self.suite = suite
        self.root = root
        self.group = suite.name or path.name.split(".cedartests.")[0]
        self.paths = store.entities_of(path.parent)
        for name, text in suite.names.items():
            if '::"' not in text:
                place = root.value["names"].value[name].location
                raise UsageError(f'`{text}` is no entity uid such as `User::"alice"`', place)

    def singles(self) -> Iterator[Trial]:
        for number, test in enumerate(self.suite.tests):
            place = self.root.value["tests"].value[number].location
            included = test.reasons_include is not None
            reasons = test.reasons_include if included else test.reasons
            errors = test.errors
            expected = Expectation(
                decision=test.decision.upper(),
                reasons=None if reasons is None else frozenset(reasons),
                exact=not included,
                errors=frozenset(errors) if isinstance(errors, tuple) else errors,
            )
            words = (test.principal, test.action, test.resource)
            given = [word or default for word, default in zip(words, self._defaults(), strict=True)]
            name = test.name or f"{expected.decision} {' '.join(given)}"
            yield self._trial(name, given, expected, test, place)

    def cells(self) -> Iterator[Trial]:
        for number, matrix in enumerate(self.suite.matrix):
            place = self.root.value["matrix"].value[number].location
            self._check_axes(matrix, place)
            for words in itertools.product(matrix.principals, matrix.actions, matrix.resources):
                allowed = any(cell.allows(*words) for cell in matrix.allow)
                expected = Expectation(decision=ALLOW if allowed else DENY)
                prefix = f"{matrix.name}: " if matrix.name else ""
                name = f"{prefix}{expected.decision} {' '.join(words)}"
                yield self._trial(name, words, expected, matrix, place)

    def _check_axes(self, matrix: Matrix, place: Location) -> None:
        """An empty axis would ask nothing, a cell's unknown word allow nothing: both unseen."""
        axes = {
            "principal": matrix.principals,
            "action": matrix.actions,
            "resource": matrix.resources,
        }
        for axis, words in axes.items():
            if not words:
                raise UsageError(f"the matrix has no {axis}, so it asks nothing", place)
        for cell in matrix.allow:
            for axis, known in axes.items():
                wanted = getattr(cell, axis)
                for word in (wanted,) if isinstance(wanted, str) else wanted:
                    if word != ANY and word not in known:
                        nearest = suggestion(word, known)
                        raise UsageError(f"the matrix has no {axis} `{word}`.{nearest}", place)

    def _defaults(self) -> tuple[str, str, str]:
        defaults = self.suite.defaults
        return defaults.principal, defaults.action, defaults.resource

    def _trial(
        self,
        name: str,
        words: Sequence[str],
        expected: Expectation,
        part: Single | Matrix,
        place: Location,
    ) -> Trial:
        principal, action, resource = (
            self._uid(word, what, place)
            for word, what in zip(words, ("principal", "action", "resource"), strict=True)
        )
        context = part.context if part.context is not None else self.suite.defaults.context
        return Trial(
            group=self.group,
            name=name,
            location=place,
            expected=expected,
            request=Request(
                principal=principal, action=action, resource=resource, context=context or {}
            ),
            skip=part.skip,
            entities=EntitySource(paths=self.paths, overlay=self._overlay(part.entities, place)),
        )

    def _uid(self, word: str, what: str, place: Location) -> str:
        if not word:
            raise UsageError(f"the {what} is missing, here and in `defaults`", place)
        if word in self.suite.names:
            return self.suite.names[word]
        if '::"' not in word:
            nearest = suggestion(word, self.suite.names)
            raise UsageError(f"`{word}` is neither in `names` nor an entity uid.{nearest}", place)
        return word

    def _overlay(self, own: Sequence[Mapping[str, Any]], place: Location) -> str:
        """The suite's entities with a test's own laid over them, as Cedar's JSON."""
        entities = [self._entity(one, place) for one in (*self.suite.entities, *own)]
        return msgspec.json.encode(entities).decode() if entities else ""

    def _entity(self, entity: Mapping[str, Any], place: Location) -> dict[str, Any]:
        if "uid" not in entity:
            raise UsageError("an entity needs a `uid`", place)
        made = {**entity, "uid": self._entity_uid(entity["uid"], place)}
        if isinstance(entity.get("parents"), list):
            made["parents"] = [self._entity_uid(one, place) for one in entity["parents"]]
        return made

    def _entity_uid(self, uid: Any, place: Location) -> Any:
        if not isinstance(uid, str):
            return uid
        kind, name = uid_pair(self._uid(uid, "uid", place))
        return {"type": kind, "id": name}
