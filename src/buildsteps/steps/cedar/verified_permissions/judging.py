"""``--policy-store``: what is deployed judged by the repository's tests, and compared with it."""

from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Any

from msgspec import Struct, field
from msgspec.structs import replace

from buildsteps.acceptances import InlineAcceptance
from buildsteps.errors import BuildstepsError, UsageError
from buildsteps.results import Case, Finding, Outcome
from buildsteps.steps.cedar.judge import EntityLoader, mentions
from buildsteps.steps.cedar.policies.checks import Validated, validate_store
from buildsteps.steps.cedar.policies.policy import PolicyIndex, acceptances_in
from buildsteps.steps.cedar.settings import ValidateOptions
from buildsteps.steps.cedar.stores.inputs import StoreInputs, read_store
from buildsteps.steps.cedar.stores.selection import Selection
from buildsteps.steps.cedar.stores.store import Found, Store
from buildsteps.steps.cedar.trials.decisions import Judged
from buildsteps.steps.cedar.verified_permissions.api import Api, opened
from buildsteps.steps.cedar.verified_permissions.comparing import Places, compared, uncomparable
from buildsteps.steps.cedar.verified_permissions.deployed import Deployed
from buildsteps.steps.cedar.verified_permissions.folder import LINKS, SCHEMA, write_store
from buildsteps.steps.cedar.verified_permissions.held import Held
from buildsteps.steps.cedar.verified_permissions.matching import Matched, matched
from buildsteps.steps.cedar.verified_permissions.opening import folder_beside, folder_name
from buildsteps.steps.cedar.verified_permissions.pulling import pull
from buildsteps.steps.cedar.verified_permissions.replaying import GROUP as REPLAY
from buildsteps.steps.cedar.verified_permissions.replaying import replay
from buildsteps.steps.cedar.verified_permissions.rule_names import RULES
from buildsteps.steps.cedar.verified_permissions.rules import service_rules
from buildsteps.steps.cedar.verified_permissions.saved import read_saved
from buildsteps.steps.cedar.verified_permissions.schema_comparison import compare_schemas
from buildsteps.steps.cedar.verified_permissions.schema_rules import several_namespaces
from buildsteps.steps.cedar.verified_permissions.warnings import warnings
from buildsteps.world import World

JudgeInputs = Callable[[StoreInputs, Validated], list[Judged] | None]
"""Judges a store as always; gives its tests with their answers, None where the run ends there."""


_NOT_ASKED = Case(
    name="tests",
    group=REPLAY,
    outcome=Outcome.SKIPPED,
    message="not replayed: --saved asks nobody",
)


class Deployment(Struct):
    """What these checks gave beside what the tests gave."""

    cases: list[Case] = field(default_factory=list)
    held: list[Held] = field(default_factory=list)
    findings: list[Finding] = field(default_factory=list)
    accepted: list[InlineAcceptance] = field(default_factory=list)
    facts: dict[str, Any] = field(default_factory=dict)
    complete: bool = True

    def take(self, found: Iterable[Case | Held | None], selection: Selection) -> None:
        """Keep the cases that are selected."""
        for one in found:
            case = one.case if isinstance(one, Held) else one
            if case is None or not selection.has(case.group, case.name):
                continue
            if isinstance(one, Held):
                self.held.append(one)
                self.findings.append(one.finding)
            else:
                self.cases.append(case)


class _Pulled(Struct, frozen=True, kw_only=True):
    """A pulled store, read as if it stood here with the repository's tests and entities."""

    inputs: StoreInputs
    places: Places
    names: dict[str, str]


def check_rules(
    store: Store, inputs: StoreInputs, options: ValidateOptions, world: World, prefix: str = ""
) -> Deployment:
    """Hold a store to the rules of Verified Permissions, without asking AWS.

    ``prefix`` stands before the group where there are several stores.
    """
    found = Deployment()
    rules = service_rules(inputs, _schema_text(store, world), prefix)
    found.take(rules, Selection.of(options.filter))
    found.findings += several_namespaces(inputs)
    return found


def judge_deployed(
    found: Found, options: ValidateOptions, world: World, judge: JudgeInputs
) -> Deployment:
    """Pull the policy store, judge it by the repository's tests, compare it, and ask it.

    Raises:
        UsageError: there is no such store, or not one store here to compare with.
        WorldError: the store cannot be read.
    """
    store = _the_one(found)
    ours = read_store(store, world)
    api = None
    if options.saved:
        deployed = read_saved(options.saved, world)
    else:
        api = opened(options.policy_store, options.region, world.aws)
        deployed = pull(api)
    pairs = matched(ours, deployed)
    pulled = _pulled(ours, deployed, pairs, options, world)
    selection = Selection.of(options.filter)
    result = check_rules(store, ours, options, world)
    # those in deployed policies accept nothing: who edits one there could accept the edit
    result.accepted = [one for one in acceptances_in(ours.files) if one.rule in RULES]
    result.facts = _facts(deployed)
    result.findings += warnings(deployed, pulled.places.folder)
    result.take(uncomparable(ours), selection)
    result.take(compared(pairs, pulled.places), selection)
    result.take([compare_schemas(ours, pulled.inputs, pulled.places.folder)], selection)
    validated = validate_store(pulled.inputs, world)
    judged = judge(pulled.inputs, validated)
    if judged is None:
        result.complete = False
    elif api is None:
        result.take([_NOT_ASKED], selection)
    else:
        _replay(judged, validated, pulled, api, options, world, result)
    return result


def _replay(
    judged: Sequence[Judged],
    validated: Validated,
    pulled: _Pulled,
    api: Api,
    options: ValidateOptions,
    world: World,
    result: Deployment,
) -> None:
    """Ask the service what the engine here was asked."""
    loader = EntityLoader(pulled.inputs, options, world)
    replayed = replay(
        judged,
        lambda source: str(loader.load(source).handle),
        mentions(validated),
        PolicyIndex(policies=validated.good, links=validated.linked),
        pulled.names,
        api,
        world,
    )
    result.cases += replayed.cases
    result.findings += replayed.findings
    result.facts |= {"replayed": replayed.asked, "batches": replayed.batches}


def _the_one(found: Found) -> Store:
    if not found.stores:
        raise UsageError("there are no policies here to compare with")
    if len(found.stores) > 1:
        names = ", ".join(f"`{one.name}`" for one in found.stores)
        raise UsageError(
            f"a policy store is compared with one store, and here are {names}: give PATH"
        )
    return found.stores[0]


def _pulled(
    ours: StoreInputs, deployed: Deployed, pairs: Matched, options: ValidateOptions, world: World
) -> _Pulled:
    asked = "" if options.saved else options.policy_store  # saved answers may be of another store
    name = folder_name(asked or deployed.id)
    with folder_beside(world) as there:
        folder = there.cwd / name
        named, links = write_store(deployed, folder, pairs.known_as)
        read = read_store(_store(folder, name, [one.file for one in named], deployed), there)
    kept = ("folder", "entities", "shared_entities", "tests", "suites", "case_files", "test_places")
    store = replace(read.store, **{part: getattr(ours.store, part) for part in kept})
    return _Pulled(
        inputs=replace(read, store=store, trials=ours.trials, findings=ours.findings),
        places=Places(name, {one.policy.id: one.file for one in named}),
        names={**{one.policy.id: one.id for one in named}, **links},
    )


def _store(folder: Path, name: str, files: list[str], deployed: Deployed) -> Store:
    return Store(
        name=name,
        folder=folder,
        schema=folder / SCHEMA if deployed.schema else None,
        policies=tuple(folder / one for one in files),
        links=(folder / LINKS,) if deployed.links else (),
    )


def _facts(deployed: Deployed) -> dict[str, Any]:
    return {
        "id": deployed.id,
        "arn": deployed.arn,
        "cedar_version": deployed.cedar_version,
        "validation_mode": deployed.mode,
        "policies": len(deployed.policies),
        "templates": len(deployed.templates),
        "links": len(deployed.links),
    }


def _schema_text(store: Store, world: World) -> str:
    try:
        return world.files.read_text(store.schema) if store.schema else ""
    except BuildstepsError:
        return ""
