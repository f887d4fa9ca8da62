"""All that the files of a store hold: read, counted, and not yet judged."""

from typing import TYPE_CHECKING, Any

from msgspec import Struct

from buildsteps.errors import BuildstepsError
from buildsteps.results import Finding
from buildsteps.steps.cedar import findings
from buildsteps.steps.cedar.policies.links import BadLink, Link, read_links
from buildsteps.steps.cedar.policies.policy import (
    Policy,
    PolicyFile,
    policies_of,
    read_policies,
    standard_input,
)
from buildsteps.steps.cedar.schemas.schema import LoadedSchema, load_schema
from buildsteps.steps.cedar.stores.store import Store
from buildsteps.steps.cedar.trials.folder_tests import folder_tests
from buildsteps.steps.cedar.trials.run_tests import run_tests_trials
from buildsteps.steps.cedar.trials.trial import Trial
from buildsteps.world import World

if TYPE_CHECKING:
    from buildsteps.steps.cedar.schemas.model import SchemaModel


class StoreInputs(Struct, frozen=True, kw_only=True):
    """All that a store's files hold, read but not judged."""

    store: Store
    schema_path: str | None
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
        from buildsteps.steps.cedar.trials.suite import suite_trials

        for path in store.suites:
            trials += suite_trials(path, store, world)
    return StoreInputs(
        store=store,
        schema_path=world.shown(store.schema) if store.schema else None,
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


def store_facts(inputs: StoreInputs) -> dict[str, Any]:
    """The inputs of a store, counted by ourselves."""
    templates = sum(one.statement.is_template for one in inputs.policies)
    return {
        "name": inputs.store.name,
        "schema": inputs.schema_path,
        "schema_valid": inputs.schema_error is None if inputs.schema_path else None,
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
    schema += ", which is not valid" if facts["schema_valid"] is False else ""
    return f"{facts['name']}: {', '.join(parts)}; {schema}"


def _number(number: int, word: str, words: str = "") -> str:
    return f"{number:,} {word if number == 1 else words or word + 's'}"
