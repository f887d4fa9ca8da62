"""The work of ``cedar-validate``: find the stores, judge each, gather what they gave."""

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from msgspec import Struct, field
from msgspec.structs import replace

from buildsteps import gate
from buildsteps.acceptances import InlineAcceptance, settle
from buildsteps.results import Case, Finding, Outcome, Report, Severity
from buildsteps.step import Text
from buildsteps.steps.cedar import engine, findings, judge
from buildsteps.steps.cedar.decisions import EVALUATION_ERROR, Judged
from buildsteps.steps.cedar.layout import Layout
from buildsteps.steps.cedar.policies import acceptances_in
from buildsteps.steps.cedar.selection import Selection
from buildsteps.steps.cedar.settings import ValidateOptions
from buildsteps.steps.cedar.stores import Store, find_stores
from buildsteps.world import World
from buildsteps.world.clock import utc_date

_OWN_SWITCH = frozenset({EVALUATION_ERROR, findings.NO_TESTS})
"""Findings that ``--strict`` and ``--require-tests`` stop on, so ``--deny-warnings`` does not."""


class Gathered(Struct):
    """What the stores of one run gave so far."""

    cases: list[Case] = field(default_factory=list)
    findings: list[Finding] = field(default_factory=list)
    facts: list[dict[str, Any]] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    accepted: list[InlineAcceptance] = field(default_factory=list)


def collect(options: ValidateOptions, world: World) -> Report | Text:
    """Judge every store that the paths stand for, or list what would be judged."""
    layout = Layout(
        schema=options.schema,
        policies=options.policies,
        links=options.links,
        entities=options.entities,
        tests=options.tests,
    )
    stores = find_stores(options.paths, layout, options.stores, world)
    if options.list:
        return _listing(stores, options, world)
    gathered = Gathered()
    complete = all(
        _judge_store(store, len(stores) > 1, options, world, gathered) for store in stores
    )
    settled = settle(
        gathered.findings,
        options.accept,
        gathered.accepted,
        utc_date(world.clock.now()),
        whole_run=complete and not options.filter,
    )
    return Report(
        cases=[*gathered.cases, *_stops(settled.findings, options), *settled.cases],
        findings=settled.findings,
        facts={"engine": engine.facts(), "stores": gathered.facts},
        notes=tuple(gathered.notes),
        emptiness=_emptiness(gathered, options),
    )


def _judge_store(
    store: Store, among_others: bool, options: ValidateOptions, world: World, gathered: Gathered
) -> bool:
    """Judge one store into ``gathered``; false when ``--fail-fast`` ends the run."""
    inputs = judge.read_store(store, world)
    facts = judge.store_facts(inputs)
    gathered.facts.append(facts)
    gathered.notes.append(judge.store_note(facts))
    selection = Selection.of(options.filter)
    validated = judge.validate_store(inputs, world)
    prefix = f"{store.name}: " if among_others else ""
    selected = [case for case in validated.cases if (case.group, case.name) in selection]
    if _take(selected, prefix, gathered, options):
        return False
    unselected = [case for case in validated.cases if case not in selected]
    if any(case.outcome in (Outcome.FAILED, Outcome.ERROR) for case in unselected):
        gathered.notes.append(f"{store.name}: --filter leaves out policies that do not validate")
    trials = [trial for trial in inputs.trials if (trial.group, trial.name) in selection]
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
    if inputs.files and store.schema is None:
        found.append(findings.no_schema(store.name, len(inputs.files)))
    if inputs.files and not inputs.trials:
        found.append(findings.no_tests(store.name))
    gathered.findings += found
    gathered.accepted += acceptances_in(inputs.files)
    return not stopped


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


def _emptiness(gathered: Gathered, options: ValidateOptions) -> str:
    if not gathered.facts:
        where = ", ".join(f"`{path}`" for path in options.paths or (".",))
        return f"there is no Cedar policy or schema below {where}"
    if options.filter:
        return f"no case matches --filter {' '.join(options.filter)}"
    return "no policy and no test was found"


def _listing(stores: Sequence[Store], options: ValidateOptions, world: World) -> Text:
    """The cases that a run would judge, without judging them."""
    selection = Selection.of(options.filter)
    lines: list[str] = []
    data = []
    for store in stores:
        inputs = judge.read_store(store, world)
        names = [(judge.VALIDATE, f"{judge.VALIDATE} {file.name}") for file in inputs.files]
        names += [(trial.group, trial.name) for trial in inputs.trials]
        selected = [name for name in names if name in selection]
        facts = judge.store_facts(inputs)
        lines += [judge.store_note(facts), *(f"  {group} > {name}" for group, name in selected)]
        data.append({**facts, "cases": [{"group": g, "name": n} for g, n in selected]})
    return Text("\n".join(lines) if lines else _emptiness(Gathered(), options), {"stores": data})
