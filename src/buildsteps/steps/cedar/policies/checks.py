"""Are the policies and links of a store valid? A case for each file, and the set that holds."""

from collections.abc import Iterator

from msgspec import Struct

from buildsteps.results import Case, Finding, Location, Outcome, unjudged
from buildsteps.steps.cedar import engine, findings
from buildsteps.steps.cedar.policies import validation
from buildsteps.steps.cedar.policies.links import BadLink, link_all
from buildsteps.steps.cedar.policies.policy import (
    LeftOut,
    LinkedPolicy,
    Policy,
    PolicyFile,
    duplicates,
    joined,
)
from buildsteps.steps.cedar.stores.inputs import StoreInputs
from buildsteps.world import World

VALIDATE = "validate"
"""The suite, and the JUnit type of an invalid policy, as the AWS sample's script names them."""


class Validated(Struct, frozen=True, kw_only=True):
    """The policies that hold, ready to be asked, and the cases of those that do not."""

    cases: tuple[Case, ...]
    good: tuple[Policy, ...]
    left_out: tuple[LeftOut, ...]
    policy_set: engine.PolicySet
    linked: dict[str, LinkedPolicy]
    findings: tuple[Finding, ...]


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
    policy_set, linked, bad = link_all(inputs.links, policy_set, good, handle, lambda: inputs.model)
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
            why = "is in a file that does not validate"
            yield LeftOut(what=what, why=why, id=policy.id, effect=effect)
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
        wrong_file = file.unreadable
        places = (wrong_file.location or here[0],)
        return _error(name, wrong_file.message, places, wrong_file.detail)
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
    for policy in inputs.policies if twice else ():
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
