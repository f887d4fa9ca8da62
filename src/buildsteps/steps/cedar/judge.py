"""One policy store, judged: its schema, its policies, its links, its tests."""

from collections.abc import Iterator, Sequence
from functools import cache
from typing import TYPE_CHECKING, Any

from msgspec import Struct

from buildsteps.errors import BuildstepsError
from buildsteps.results import Case, Finding, Location, Outcome, unjudged
from buildsteps.steps.cedar import engine, findings, validation
from buildsteps.steps.cedar.decisions import Authorizer, Judged, decide, evaluation_findings
from buildsteps.steps.cedar.entities import EntityData, load_entities
from buildsteps.steps.cedar.folder_tests import folder_tests
from buildsteps.steps.cedar.links import BadLink, Link, link_all, read_links
from buildsteps.steps.cedar.policies import (
    LeftOut,
    LinkedPolicy,
    Policy,
    PolicyFile,
    PolicyIndex,
    duplicates,
    joined,
    policies_of,
    read_policies,
    standard_input,
)
from buildsteps.steps.cedar.run_tests import run_tests_trials
from buildsteps.steps.cedar.schema import LoadedSchema, load_schema
from buildsteps.steps.cedar.settings import ValidateOptions
from buildsteps.steps.cedar.stores import Store
from buildsteps.steps.cedar.trials import EntitySource, Trial
from buildsteps.world import World

if TYPE_CHECKING:
    from buildsteps.steps.cedar.near_miss import Probes
    from buildsteps.steps.cedar.schema_model import SchemaModel

VALIDATE = "validate"
"""The suite, and the JUnit type of an invalid policy, as the AWS sample's script names them."""


class StoreInputs(Struct, frozen=True, kw_only=True):
    """All that a store's files hold, read but not judged."""

    store: Store
    schema: LoadedSchema | None
    schema_error: BuildstepsError | None
    files: tuple[PolicyFile, ...]
    policies: tuple[Policy, ...]
    links: tuple[Link, ...]
    bad_links: tuple[BadLink, ...]
    trials: tuple[Trial, ...]
    findings: tuple[Finding, ...]

    @property
    def model(self) -> "SchemaModel | None":
        """The names of the schema, for suggestions."""
        return self.schema.model if self.schema else None


class Validated(Struct, frozen=True, kw_only=True):
    """The policies that hold, ready to be asked, and the cases of those that do not."""

    cases: tuple[Case, ...]
    good: tuple[Policy, ...]
    left_out: tuple[LeftOut, ...]
    policy_set: engine.PolicySet
    linked: dict[str, LinkedPolicy]
    findings: tuple[Finding, ...]


def read_store(store: Store, world: World) -> StoreInputs:
    """Read every file of a store; what cannot be read is kept as the reason why."""
    schema, schema_error = None, None
    try:
        schema = load_schema(store.schema, world) if store.schema else None
    except BuildstepsError as error:
        schema_error = error
    files = read_policies(store.policies, store.folder, world)
    if store.stdin:
        files.append(standard_input(world))
    links, bad_links = read_links(store.links, files, world)
    trials, unplaced = folder_tests(store, world)
    for path in store.case_files:
        trials += run_tests_trials(path, store.folder, world)
    if store.suites:
        from buildsteps.steps.cedar.suite import suite_trials

        for path in store.suites:
            trials += suite_trials(path, store, world)
    return StoreInputs(
        store=store,
        schema=schema,
        schema_error=schema_error,
        files=tuple(files),
        policies=tuple(policies_of(files)),
        links=tuple(links),
        bad_links=tuple(bad_links),
        trials=tuple(trials),
        findings=(
            *findings.outside_links(world.shown(path) for path in store.outside_links),
            *unplaced,
            *findings.unknown_keys(trials),
        ),
    )


def validate_store(inputs: StoreInputs, world: World) -> Validated:
    """Validate policies and links; a file with an invalid policy is left out as a whole.

    That is what the AWS sample's script does; a test that its absence may explain says so.
    """
    started = world.clock.monotonic()
    mistakes = _mistakes(inputs)
    twice = {id(policy): first for policy, first in duplicates(inputs.policies)}
    good = tuple(one for one in inputs.policies if not mistakes.get(id(one.file)))
    policy_set = engine.parse_policies(joined(good))
    if policy_set is None:
        raise AssertionError("policies that parse alone must parse together")
    handle = inputs.schema.handle if inputs.schema else None
    policy_set, linked, bad = link_all(inputs.links, policy_set, good, handle)
    seconds = (world.clock.monotonic() - started) / max(len(inputs.files), 1)
    file_cases = (_file_case(file, mistakes, twice, inputs, seconds) for file in inputs.files)
    return Validated(
        cases=(
            *(() if inputs.schema_error is None else (_schema_case(inputs, world),)),
            *file_cases,
            *(_link_case(one) for one in (*inputs.bad_links, *bad)),
        ),
        good=good,
        left_out=tuple(_left_out(inputs, mistakes)),
        policy_set=policy_set,
        linked=linked,
        findings=(
            *findings.empty_files(inputs.files),
            *(validation.impossible(good, handle) if handle else ()),
            *findings.unused_templates(good, linked.values()),
        ),
    )


def _mistakes(inputs: StoreInputs) -> dict[int, list[validation.Mistake]]:
    """The mistakes by file; all files are parsed at once unless one of them does not parse."""
    found: dict[int, list[validation.Mistake]] = {}
    sound = all(one.statement.complete for one in inputs.policies)
    if not sound or engine.parse_policies(joined(inputs.policies)) is None:
        found = {id(file): validation.syntax_mistakes(file) for file in inputs.files}
    if inputs.schema is not None:
        parsed = [one for one in inputs.policies if not found.get(id(one.file))]
        by_position = validation.schema_mistakes(parsed, inputs.schema.handle, lambda: inputs.model)
        for position, mistakes in by_position.items():
            found.setdefault(id(parsed[position].file), []).extend(mistakes)
    return found


def _left_out(
    inputs: StoreInputs, mistakes: dict[int, list[validation.Mistake]]
) -> Iterator[LeftOut]:
    for policy in inputs.policies:
        if mistakes.get(id(policy.file)):
            what = f"{policy.effect} `{policy.id}` ({policy.location})"
            effect = policy.statement.effect
            yield LeftOut(what=what, why="is in a file that does not validate", effect=effect)
    for file in inputs.files:
        if file.unreadable:
            yield LeftOut(what=file.source.path, why="cannot be read")


def _file_case(
    file: PolicyFile,
    mistakes: dict[int, list[validation.Mistake]],
    twice: dict[int, Policy],
    inputs: StoreInputs,
    seconds: float,
) -> Case:
    name = f"{VALIDATE} {file.name}"
    here = (Location(path=file.source.path),)
    if file.unreadable:
        return _error(name, file.unreadable.message, (file.unreadable.location or here[0],))
    wrong = mistakes.get(id(file))
    if wrong:
        return _error(
            name,
            wrong[0].message,
            tuple(one.location for one in wrong),
            "\n".join([wrong[0].excerpt, *(one.detail() for one in wrong[1:])]),
        )
    if inputs.schema_error or file.is_empty:
        message = "the schema is not valid" if inputs.schema_error else "holds no policy"
        return Case(
            name=name, group=VALIDATE, outcome=Outcome.SKIPPED, message=message, locations=here
        )
    for policy in inputs.policies:
        if policy.file is file and id(policy) in twice:
            return _duplicate(name, policy, twice[id(policy)])
    return Case(name=name, group=VALIDATE, outcome=Outcome.PASSED, seconds=seconds, locations=here)


def _duplicate(name: str, policy: Policy, first: Policy) -> Case:
    return Case(
        name=name,
        group=VALIDATE,
        outcome=Outcome.FAILED,
        kind="duplicate-id",
        message=f"the id `{policy.id}` is taken by {first.location}",
        locations=(policy.location, first.location),
    )


def _schema_case(inputs: StoreInputs, world: World) -> Case:
    error = inputs.schema_error
    if error is None or inputs.store.schema is None:
        raise AssertionError("called for a schema that does not hold")
    place = error.location or Location(path=world.shown(inputs.store.schema))
    name = f"{VALIDATE} {inputs.store.schema.name}"
    return _error(name, error.message, (place,), error.detail, kind="schema")


def _link_case(bad: BadLink) -> Case:
    return _error(f"{VALIDATE} {bad.name}", bad.message, (bad.location,), bad.excerpt, kind="link")


def _error(
    name: str, message: str, locations: tuple[Location, ...], detail: str = "", kind: str = VALIDATE
) -> Case:
    return unjudged(name, VALIDATE, message, kind=kind, locations=locations, detail=detail)


class EntityLoader:
    """Loads the entities of tests, each combination of files once."""

    def __init__(self, inputs: StoreInputs, options: ValidateOptions, world: World) -> None:
        handle = inputs.schema.handle if inputs.schema else None
        checked = options.request_validation

        @cache
        def load(source: EntitySource) -> EntityData:
            return load_entities(source, handle, lambda: inputs.model, world, checked=checked)

        self.load = load


def run_trials(
    inputs: StoreInputs,
    validated: Validated,
    trials: Sequence[Trial],
    loader: EntityLoader,
    options: ValidateOptions,
) -> Iterator[Judged]:
    """Judge the selected tests of a store, in order."""
    if inputs.schema_error is not None:
        yield from (_not_judged(trial) for trial in trials)
        return
    handle = inputs.schema.handle if inputs.schema else None
    index = PolicyIndex(policies=validated.good, links=validated.linked)
    authorizer = Authorizer(
        policies=validated.policy_set,
        index=index,
        probes=cache(lambda effect: _probes(index, effect)),
        left_out=validated.left_out,
        entities=loader.load,
        schema=handle if options.request_validation else None,
        suggest=lambda message: _nearest_name(message, inputs),
    )
    batch = 1 if options.fail_fast else 256
    yield from decide(trials, authorizer, batch=batch, explain=options.verbose)


def _probes(index: PolicyIndex, effect: str) -> "Probes":
    from buildsteps.steps.cedar.near_miss import probes_of

    return probes_of(index, effect)


def _nearest_name(message: str, inputs: StoreInputs) -> str:
    from buildsteps.steps.cedar.known_names import nearest_name

    return nearest_name(message, inputs.model)


def _not_judged(trial: Trial) -> Judged:
    case = Case(
        name=trial.name,
        group=trial.group,
        outcome=Outcome.SKIPPED,
        message="the schema is not valid",
        locations=(trial.location,),
    )
    return Judged(trial=trial, case=case)


def test_findings(
    judged: Sequence[Judged], inputs: StoreInputs, validated: Validated, loader: EntityLoader
) -> list[Finding]:
    """What the tests taught beside their outcomes."""
    by_source = {one.trial.entities: loader.load(one.trial.entities) for one in judged}
    loaded = list(by_source.values())
    known = frozenset(uid for data in loaded for uid in data.uids)
    answered = ((one.trial, by_source[one.trial.entities].uids) for one in judged if one.answer)
    links = [link for link in inputs.links if link.engine_id in validated.linked]
    index = PolicyIndex(policies=validated.good, links=validated.linked)
    return [
        *evaluation_findings(judged, index),
        *findings.links_to_nothing(links, known),
        *findings.vacuous_tests(answered, _mentions(validated), Enumerated(inputs)),
        *findings.unchecked_entities([data.unchecked for data in loaded if data.unchecked]),
    ]


def _mentions(validated: Validated) -> str:
    """All text in which a policy or link may name an entity."""
    slots = (value for one in validated.linked.values() for value in one.values.values())
    return "\n".join([joined(validated.good), *slots])


class Enumerated:
    """The entity types whose ids the schema lists; the schema is read when somebody asks."""

    def __init__(self, inputs: StoreInputs) -> None:
        self.inputs = inputs

    def __contains__(self, name: object) -> bool:
        """Whether ``name`` is such a type."""
        model = self.inputs.model
        known = model.entity_types.get(str(name)) if model else None
        return bool(known and known.choices)


def store_facts(inputs: StoreInputs) -> dict[str, Any]:
    """The inputs of a store, counted by ourselves."""
    templates = sum(one.statement.is_template for one in inputs.policies)
    return {
        "name": inputs.store.name,
        "schema": inputs.schema.path if inputs.schema else None,
        "schema_format": inputs.schema.format if inputs.schema else None,
        "policy_files": len(inputs.files),
        "policies": len(inputs.policies) - templates,
        "templates": templates,
        "links": len(inputs.links),
        "entities_files": len(inputs.store.entities),
        "tests": len(inputs.trials),
    }


def store_note(facts: dict[str, Any]) -> str:
    """The same in a sentence, for people."""
    parts = [_number(facts["policies"], "policy", "policies")]
    for key, word in (("templates", "template"), ("links", "link")):
        if facts[key]:
            parts.append(_number(facts[key], word))
    parts.append(_number(facts["tests"], "test") if facts["tests"] else "no tests")
    schema = f"schema {facts['schema'].rsplit('/', 1)[-1]}" if facts["schema"] else "no schema"
    return f"{facts['name']}: {', '.join(parts)}; {schema}"


def _number(number: int, word: str, words: str = "") -> str:
    return f"{number:,} {word if number == 1 else words or word + 's'}"
