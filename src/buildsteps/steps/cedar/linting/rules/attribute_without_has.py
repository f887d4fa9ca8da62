"""``attribute-without-has``: a policy reads an attribute that not every entity has.

With a schema the validator proves that no such thing is read without ``has``. Without one nobody
does, and the policy errs, which for a forbid means that it does not forbid. So this looks at the
entities that the store has for its tests.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from msgspec import Struct

from buildsteps.errors import BuildstepsError
from buildsteps.nearest import suggestion
from buildsteps.results import Severity
from buildsteps.steps.cedar.linting.guards import unguarded
from buildsteps.steps.cedar.linting.places import place_of
from buildsteps.steps.cedar.linting.rule import Problem, Rule
from buildsteps.steps.cedar.linting.subject import Member, Subject
from buildsteps.steps.cedar.linting.terms import Tree, constraints
from buildsteps.steps.cedar.trials.entities import entity_documents
from buildsteps.steps.cedar.trials.entity_mistakes import uid_of
from buildsteps.steps.cedar.trials.trial import EntitySource


class _Known(Struct, frozen=True):
    """The attributes of each entity of a type."""

    entities: Mapping[str, Sequence[frozenset[str]]]

    def having(self, attribute: str) -> list[str]:
        """The types of which an entity has it."""
        return [
            name
            for name, all_of in self.entities.items()
            if any(attribute in one for one in all_of)
        ]


def _check(subject: Subject) -> Iterator[Problem]:
    """Reads of attributes of principal and resource that some entities of the tests lack."""
    if subject.inputs.schema_path is not None:
        return
    known = _known(subject)
    if not known.entities:
        return
    for one in subject.policies:
        told = set()
        for node, variable, attribute in unguarded(one.tree):
            problem = _problem(one, node, _lacking(one, variable, attribute, known))
            if problem and (variable, attribute) not in told:
                told.add((variable, attribute))
                yield problem


def _known(subject: Subject) -> _Known:
    found: dict[str, list[frozenset[str]]] = {}
    for path in subject.inputs.store.entities:
        try:
            documents = entity_documents(EntitySource(paths=(path,)), subject.world)
        except BuildstepsError:  # cedar-validate says so
            continue
        for one in documents:
            uid = uid_of(one.get("uid")) if isinstance(one, Mapping) else None
            attributes: Any = one.get("attrs") or {} if isinstance(one, Mapping) else {}
            if uid is not None and isinstance(attributes, Mapping):
                found.setdefault(uid[0], []).append(frozenset(attributes))
    return _Known(found)


def _lacking(one: Member, variable: str, attribute: str, known: _Known) -> str:
    """Which entities lack an attribute, in words; nothing where none is known to."""
    types = [name for name in _types(one, variable) if name in known.entities]
    if not types:
        types = known.having(attribute)
        if not types and not _types(one, variable):
            every = {name for all_of in known.entities.values() for one in all_of for name in one}
            return f"no entity of the tests has it.{suggestion(attribute, sorted(every))}"
    for name in types:
        all_of = known.entities[name]
        lacking = sum(attribute not in one for one in all_of)
        if lacking == len(all_of):
            names = sorted({name for one in all_of for name in one})
            return f"no {name} of the tests has it.{suggestion(attribute, names)}"
        if lacking:
            return f"{lacking:,} of {len(all_of):,} {name} entities of the tests lack it"
    return ""


def _types(one: Member, variable: str) -> list[str]:
    """What the scope says of the type."""
    scope = constraints({**one.tree, "conditions": []})
    found = {
        known[2] if known[0] == "is" else known[2][0]
        for known in scope
        if len(known) == 3 and known[1] == variable and known[0] in ("is", "==")
    }
    return sorted(found - {""})


def _problem(one: Member, node: Tree, lacking: str) -> Problem | None:
    if not lacking:
        return None
    place, line, text = place_of(one, node)
    means = "does not forbid" if one.effect == "forbid" else "does not apply"
    stop = "" if lacking.endswith(("?", ".")) else "."
    guard = text.rpartition(".")
    return Problem(
        message=f"{one.what} reads `{text}`, and {lacking}{stop} Without it the policy errs and"
        f" {means}",
        locations=(place,),
        key=f"{one.id}:{text}",
        detail=line,
        fix=""
        if not guard[0] or "Did you mean" in lacking
        else f"write `{guard[0]} has {guard[2]} && ...` before it",
        severity=Severity.HIGH if one.effect == "forbid" else Severity.MEDIUM,
    )


RULE = Rule(
    id="attribute-without-has",
    title="An attribute is read that may be missing",
    severity=Severity.MEDIUM,
    why="a policy that errs does not apply, so a forbid fails open",
    check=_check,
    needs=frozenset({"policies"}),
)
