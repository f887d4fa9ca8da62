"""The work of ``cedar-validate``: find the stores, judge each, gather what they gave."""

from collections.abc import Iterable, Iterator, Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from msgspec import Struct, field
from msgspec.structs import replace

from buildsteps import gate
from buildsteps.acceptances import InlineAcceptance, settle
from buildsteps.errors import UsageError
from buildsteps.reporting.text import counted
from buildsteps.results import Case, Finding, Outcome, Report, Severity, Table
from buildsteps.step import Text
from buildsteps.steps.cedar import engine, findings, judge
from buildsteps.steps.cedar.emptiness import emptiness
from buildsteps.steps.cedar.policies.checks import Validated, validate_store
from buildsteps.steps.cedar.policies.policy import PolicyIndex, acceptances_in
from buildsteps.steps.cedar.policies.validation import IMPOSSIBLE
from buildsteps.steps.cedar.rule_names import speaking_of
from buildsteps.steps.cedar.settings import ValidateOptions
from buildsteps.steps.cedar.stores.inputs import StoreInputs, read_store, store_facts, store_note
from buildsteps.steps.cedar.stores.layout import Layout
from buildsteps.steps.cedar.stores.search import find_stores
from buildsteps.steps.cedar.stores.selection import Selection
from buildsteps.steps.cedar.stores.store import Found, Store
from buildsteps.steps.cedar.trials.decisions import EVALUATION_ERROR, Judged
from buildsteps.steps.cedar.trials.folder_tests import UNPLACED, stray_test
from buildsteps.steps.cedar.verified_permissions.rule_names import OF_FILES
from buildsteps.steps.cedar.verified_permissions.rule_names import RULES as DEPLOYED_RULES
from buildsteps.world import World, workers
from buildsteps.world.clock import utc_date
from buildsteps.world.heartbeat import watched

if TYPE_CHECKING:
    from buildsteps.steps.cedar.mutation.base import Base
    from buildsteps.steps.cedar.verified_permissions.judging import Deployment

_OWN_SWITCH = frozenset({EVALUATION_ERROR, findings.NO_TESTS})
"""Findings that ``--strict`` and ``--require-tests`` stop on, so ``--deny-warnings`` does not."""

_RULES = frozenset({*findings.RULES, EVALUATION_ERROR, IMPOSSIBLE, UNPLACED})

_FILES_A_TASK = 32
_TASKS_WORTH_WORKERS = 16


class Gathered(Struct):
    """What the stores of one run gave so far."""

    cases: list[Case] = field(default_factory=list)
    findings: list[Finding] = field(default_factory=list)
    facts: list[dict[str, Any]] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    accepted: list[InlineAcceptance] = field(default_factory=list)
    tables: list[Table] = field(default_factory=list)
    deployments: list["Deployment"] = field(default_factory=list)
    base: "Base | None" = None


def collect(options: ValidateOptions, world: World) -> Report | Text:
    """Judge every store that the paths stand for, or list what would be judged."""
    layout = Layout(
        schema=options.schema,
        policies=options.policies,
        links=options.links,
        entities=options.entities,
        tests=options.tests,
    )
    _check_modes(options)
    found = find_stores(
        options.paths, layout, options.stores, world, without_tests=options.init_tests
    )
    if options.init_tests:
        return _init_tests(found, options, world)
    if options.list:
        from buildsteps.steps.cedar.listing import listing

        return listing(found, options, world)
    strays = [stray_test(path, world) for path in found.strays]
    gathered = Gathered(findings=strays, base=_base(found, options, world))
    if options.policy_store or options.saved:
        complete = _judge_deployed(found, options, world, gathered)
    else:
        complete = all(
            _judge_store(
                store, [s for s in found.stores if s is not store], options, world, gathered
            )
            for store in found.stores
        ) and _judge_integration(found.integration, options, world, gathered)
    deployed = gathered.deployments
    rules = _rules(options)
    inline = [*gathered.accepted, *(accepted for one in deployed for accepted in one.accepted)]
    settled = settle(
        [*gathered.findings, *(finding for one in deployed for finding in one.findings)],
        speaking_of(options.accept, rules),
        speaking_of(inline, rules),
        utc_date(world.clock.now()),
        whole_run=complete and not options.filter,
        rules=rules,
    )
    return Report(
        cases=[
            *gathered.cases,
            *_deployment_cases(gathered, settled.findings),
            *_stops(settled.findings, options),
            *settled.cases,
        ],
        findings=settled.findings,
        facts={
            "engine": engine.facts(),
            "stores": gathered.facts,
            "integration_tests": len(found.integration),
            **_deployment_facts(gathered),
        },
        notes=tuple(gathered.notes),
        tables=tuple(gathered.tables),
        emptiness=emptiness(options, found_any=bool(gathered.notes)),
    )


def _check_modes(options: ValidateOptions) -> None:
    if options.min_coverage is not None and not 0 <= options.min_coverage <= 100:
        raise UsageError("--min-coverage is a percentage from 0 to 100")
    _check_mutation(options)
    if options.dry_run and not options.init_tests:
        raise UsageError("--dry-run goes with --init-tests: judging writes nothing but reports")
    deployed = "--policy-store" if options.policy_store else "--saved" if options.saved else ""
    if deployed and (options.mutate or options.list or options.init_tests):
        raise UsageError(f"--mutate, --list and --init-tests are about files, not {deployed}")
    if options.init_tests and options.list:
        raise UsageError("--list and --init-tests exclude each other")
    if options.init_tests and options.filter:
        raise UsageError("--init-tests is for whole stores; choose some by PATH, not by --filter")


def _check_mutation(options: ValidateOptions) -> None:
    least = options.min_mutation_score
    if least is not None and not 0 <= least <= 100:
        raise UsageError("--min-mutation-score is a percentage from 0 to 100")
    if options.mutate and (options.list or options.init_tests):
        other = "--list" if options.list else "--init-tests"
        raise UsageError(f"--mutate and {other} exclude each other: only a run has tests to judge")
    parts = {
        "--min-mutation-score": least is not None,
        "--since": bool(options.since),
        "--mutation-tests": bool(options.mutation_tests),
    }
    for name, given in parts.items():
        if given and not options.mutate:
            raise UsageError(f"{name} goes with --mutate")


def _base(found: Found, options: ValidateOptions, world: World) -> "Base | None":
    """The version that only changes to are mutated; what else mutation needs is checked first."""
    if options.mutation_tests:
        from buildsteps.steps.cedar.mutation.written import check_place

        if len(found.stores) > 1:
            number = len(found.stores)
            raise UsageError(
                f"--mutation-tests writes the suite of one store, and these are {number:,}; "
                "choose one by PATH"
            )
        check_place(options, world)
    if not options.since:
        return None
    from buildsteps.steps.cedar.mutation.base import base_of

    return base_of(options, world)


def _init_tests(found: Found, options: ValidateOptions, world: World) -> Text:
    if not found.stores:
        raise UsageError(emptiness(options, found_any=False))
    from buildsteps.steps.cedar.proposals.init_tests import init_tests

    return init_tests(found, options, world)


def _judge_store(
    store: Store,
    others: Sequence[Store],
    options: ValidateOptions,
    world: World,
    gathered: Gathered,
) -> bool:
    """Judge one store into ``gathered``; false when ``--fail-fast`` ends the run."""
    inputs = read_store(store, world)
    if options.for_verified_permissions:
        prefix = f"{store.name}: " if others else ""
        from buildsteps.steps.cedar.verified_permissions.judging import check_rules

        gathered.deployments.append(check_rules(store, inputs, options, world, prefix))
    gathered.accepted += acceptances_in(inputs.files)
    validated = validate_store(inputs, world)
    return _judge_inputs(inputs, validated, others, options, world, gathered) is not None


def _judge_deployed(
    found: Found, options: ValidateOptions, world: World, gathered: Gathered
) -> bool:
    """Judge what a store of Verified Permissions holds, and compare it with the one here."""
    if not found.stores:
        raise UsageError(emptiness(options, found_any=False))
    from buildsteps.steps.cedar.verified_permissions.judging import judge_deployed

    def judge_inputs(inputs: StoreInputs, validated: Validated) -> list[Judged] | None:
        return _judge_inputs(inputs, validated, (), options, world, gathered)

    gathered.deployments.append(judge_deployed(found, options, world, judge_inputs))
    if found.integration:
        number = counted(len(found.integration), "integration test")
        gathered.notes.append(f"{number} not judged: each is a store of its own")
    return gathered.deployments[-1].complete


def _rules(options: ValidateOptions) -> frozenset[str]:
    """What this run can find."""
    own = _RULES if options.mutate else _RULES - {findings.SURVIVING}
    if options.policy_store or options.saved:
        return own | DEPLOYED_RULES
    return own | OF_FILES if options.for_verified_permissions else own


def _deployment_facts(gathered: Gathered) -> dict[str, Any]:
    told = [one.facts for one in gathered.deployments if one.facts]
    return {"policy_store": told[0]} if told else {}


def _deployment_cases(gathered: Gathered, settled: Sequence[Finding]) -> Iterator[Case]:
    """The cases about Verified Permissions, with what somebody accepted."""
    for one in gathered.deployments:
        from buildsteps.steps.cedar.verified_permissions.held import released

        yield from one.cases
        yield from released(one.held, settled)


def _judge_inputs(
    inputs: StoreInputs,
    validated: Validated,
    others: Sequence[Store],
    options: ValidateOptions,
    world: World,
    gathered: Gathered,
) -> list[Judged] | None:
    """Judge what a store holds; gives its tests, None when ``--fail-fast`` ends the run."""
    store = inputs.store
    facts = store_facts(inputs)
    gathered.facts.append(facts)
    gathered.notes.append(store_note(facts))
    prefix = f"{store.name}: " if others else ""
    selection = Selection.of(options.filter)
    selected = [case for case in validated.cases if selection.has(case.group, case.name, prefix)]
    if _take(selected, prefix, gathered, options):
        gathered.notes += _not_mutated(store, options, "--fail-fast stopped the run")
        return None
    chosen = {id(case) for case in selected}
    unselected = [case for case in validated.cases if id(case) not in chosen]
    if any(case.outcome in (Outcome.FAILED, Outcome.ERROR) for case in unselected):
        gathered.notes.append(f"{store.name}: --filter leaves out policies that do not validate")
    trials = [one for one in inputs.trials if selection.has(one.group, one.name, prefix)]
    loader = judge.EntityLoader(inputs, options, world)
    judged: list[Judged] = []
    stopped = _take(
        _remembering(judge.run_trials(inputs, validated, trials, loader, options), judged),
        prefix,
        gathered,
        options,
    )
    found = [
        *inputs.findings,
        *validated.findings,
        *judge.test_findings(judged, inputs, validated, loader),
    ]
    if _is_measurable(judged) and not options.filter and not stopped:
        _measure(judged, inputs, validated, prefix, options, gathered)
    found += _lacking(inputs, options, others)
    if options.mutate:
        if stopped or inputs.schema_error is not None:
            why = "--fail-fast stopped the run" if stopped else "the schema is not valid"
            gathered.notes += _not_mutated(store, options, why)
        else:
            found += _mutate(inputs, validated, judged, loader, options, world, prefix, gathered)
    gathered.findings += found
    return None if stopped else judged


def _not_mutated(store: Store, options: ValidateOptions, why: str) -> list[str]:
    return [f"{store.name}: not mutated, because {why}"] if options.mutate else []


def _mutate(
    inputs: StoreInputs,
    validated: Validated,
    judged: Sequence[Judged],
    loader: judge.EntityLoader,
    options: ValidateOptions,
    world: World,
    prefix: str,
    gathered: Gathered,
) -> Sequence[Finding]:
    """Judge the tests by mutants of the policies; gives what survived."""
    from buildsteps.steps.cedar.mutation.mutate import mutate

    mutated = mutate(inputs, validated, judged, loader, options, world, gathered.base)
    gathered.cases += (replace(case, group=prefix + case.group) for case in mutated.cases)
    gathered.tables += mutated.tables
    gathered.notes += mutated.notes
    gathered.facts[-1]["mutation"] = mutated.facts
    return mutated.findings


def _is_measurable(judged: Sequence[Judged]) -> bool:
    """Whether coverage can be known: something was answered, or skipped on purpose alone."""
    return bool(judged) and (
        any(one.answer and one.answer.decision for one in judged)
        or all(one.trial.skip for one in judged)
    )


def _lacking(
    inputs: StoreInputs, options: ValidateOptions, others: Sequence[Store]
) -> Iterator[Finding]:
    """What a store with policies should have and has not: a schema, tests."""
    store = inputs.store
    if not inputs.files:
        return
    if store.schema is None:
        below = (one.name for one in others if one.folder.is_relative_to(store.folder))
        yield findings.no_schema(store.name, len(inputs.files), next(below, ""))
    # standard input has no folder to put tests into, but who asks for tests is told
    if not inputs.trials and (options.require_tests or not store.stdin):
        yield findings.no_tests(store.name, stdin=store.stdin)


def _judge_integration(
    paths: Sequence[Path], options: ValidateOptions, world: World, gathered: Gathered
) -> bool:
    """Judge integration tests, in worker processes where there are many."""
    if not paths:
        return True
    from buildsteps.steps.cedar.trials.integration import decoded, judge_integrations

    gathered.notes.append(f"{counted(len(paths), 'integration test')}, each a store of its own")
    judge_some = partial(judge_integrations, cwd=world.cwd, selection=Selection.of(options.filter))
    size = 1 if options.fail_fast else _FILES_A_TASK
    tasks = [paths[start : start + size] for start in range(0, len(paths), size)]
    jobs = workers.jobs_for(options.jobs, len(tasks), _TASKS_WORTH_WORKERS)
    if options.debug:
        files = "the files they name are not logged one by one"
        world.progress(f"debug: integration tests judged in {jobs} processes; {files}")
    answers = watched(
        workers.ordered_map(judge_some, tasks, jobs),
        len(tasks),
        f"parts of {len(paths):,} integration tests",
        world,
    )
    cases = (case for answer in answers for case in decoded(answer))
    return not _take(cases, "", gathered, options)


def _measure(
    judged: Sequence[Judged],
    inputs: StoreInputs,
    validated: Validated,
    prefix: str,
    options: ValidateOptions,
    gathered: Gathered,
) -> None:
    """Add the coverage of a whole run over a store, and its case where one is asked for."""
    from buildsteps.steps.cedar.answers import coverage

    index = PolicyIndex(policies=validated.good, links=validated.linked)
    held = {id(policy) for policy in validated.good}
    left_out = [
        policy.id
        for policy in inputs.policies
        if id(policy) not in held and not policy.statement.is_template
    ]
    measured = coverage.coverage(judged, index, inputs.model, left_out)
    name = inputs.store.name
    gathered.tables.append(coverage.coverage_table(name, measured))
    gathered.facts[-1]["coverage"] = coverage.coverage_facts(measured)
    if options.min_coverage is not None:
        case = coverage.coverage_case(name, measured, options.min_coverage)
        gathered.cases.append(replace(case, group=prefix + case.group))


def _remembering(judged: Iterable[Judged], into: list[Judged]) -> Iterator[Case]:
    for one in judged:
        into.append(one)
        yield one.case


def _take(cases: Iterable[Case], prefix: str, gathered: Gathered, options: ValidateOptions) -> bool:
    """Keep the cases; true when one of them ends the run because of ``--fail-fast``."""
    for case in cases:
        gathered.cases.append(replace(case, group=prefix + case.group) if prefix else case)
        if options.fail_fast and case.outcome in (Outcome.FAILED, Outcome.ERROR):
            gathered.notes.append("--fail-fast: stopped at the first case that did not pass")
            return True
    return False


def _stops(found: Sequence[Finding], options: ValidateOptions) -> list[Case]:
    """The cases by which findings stop the build, as far as the options ask for it."""
    denied = set()
    if options.deny_warnings:
        denied = {one.rule for one in found if one.severity is Severity.MEDIUM} - _OWN_SWITCH
    if options.strict:
        denied.add(EVALUATION_ERROR)
    if options.require_tests:
        denied.add(findings.NO_TESTS)
    stopping = [one for one in found if one.rule in denied]
    return gate.stopping_cases(stopping, "warnings", "warning")
