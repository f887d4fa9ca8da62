"""The work of ``cedar-lint``: find the stores, apply the rules to each, say what looks wrong."""

from collections.abc import Iterator, Sequence
from functools import partial
from pathlib import Path
from typing import Any

from msgspec import Struct, field
from msgspec.structs import replace

from buildsteps.acceptances import InlineAcceptance, Settled, settle
from buildsteps.errors import UsageError
from buildsteps.results import Case, Finding, Location, Outcome, Report
from buildsteps.steps.cedar import engine
from buildsteps.steps.cedar.linting import cases, choosing, fixing
from buildsteps.steps.cedar.linting.comments import schema_acceptances
from buildsteps.steps.cedar.linting.rule import Edit, Problem, Rule
from buildsteps.steps.cedar.linting.settings import LintOptions
from buildsteps.steps.cedar.linting.subject import Subject, subject_of
from buildsteps.steps.cedar.policies.checks import validate_store
from buildsteps.steps.cedar.policies.policy import acceptances_in
from buildsteps.steps.cedar.rule_names import LINT_RULES, speaking_of
from buildsteps.steps.cedar.stores.inputs import read_store, store_facts, store_note
from buildsteps.steps.cedar.stores.layout import Layout
from buildsteps.steps.cedar.stores.search import find_stores
from buildsteps.steps.cedar.stores.store import Store
from buildsteps.world import World
from buildsteps.world.clock import utc_date


class Looked(Struct, frozen=True, kw_only=True):
    """What the rules found in one store.

    ``edits`` are by the fingerprint of what they mend; ``left_out`` are rules with the reason why
    they did not apply.
    """

    store: Store
    subject: Subject
    findings: tuple[Finding, ...]
    edits: dict[str, Edit] = field(default_factory=dict)
    left_out: dict[str, str] = field(default_factory=dict)


def collect(options: LintOptions, world: World) -> Report:
    """Apply the rules to every store that the paths stand for."""
    if options.dry_run and not options.fix:
        raise UsageError("--dry-run goes with --fix: looking changes nothing")
    rules = choosing.chosen(options)
    found = find_stores(options.paths, Layout(), options.stores, world, without_tests=True)
    look = partial(_look_at, found.stores, rules, options, world)
    looked = look()
    settled = _settle(looked, rules, options, world)
    mended = fixing.Mended()
    if options.fix:
        mended = fixing.mend(
            _wanted(looked, settled), _texts(looked), world, dry_run=options.dry_run
        )
        if mended.changed:
            looked = look()
            settled = _settle(looked, rules, options, world)
    return _report(looked, settled, mended, rules, options)


def _look_at(
    stores: Sequence[Store], rules: Sequence[Rule], options: LintOptions, world: World
) -> list[Looked]:
    return [_look(store, rules, options, world) for store in stores]


def _look(store: Store, rules: Sequence[Rule], options: LintOptions, world: World) -> Looked:
    """Read and validate one store, and apply the rules to the policies that hold."""
    # tests are cedar-validate's business: a broken one must not keep policies from being seen
    inputs = read_store(replace(store, tests=(), suites=(), case_files=()), world)
    validated = validate_store(inputs, world)
    subject = subject_of(inputs, validated, world, options.annotations)
    findings: dict[str, Finding] = {}
    edits: dict[str, Edit] = {}
    left_out = {}
    for rule in rules:
        if lacking := rule.lacks(subject):
            left_out[rule.id] = lacking
            continue
        for problem in rule.check(subject):
            finding = _finding(rule, problem, findings)
            findings[finding.fingerprint] = finding
            if problem.edit:
                edits[finding.fingerprint] = problem.edit
    ordered = sorted(findings.values(), key=_by_place)
    return Looked(
        store=store,
        subject=subject,
        findings=tuple(ordered),
        edits=edits,
        left_out=left_out,
    )


def _finding(rule: Rule, problem: Problem, known: dict[str, Finding]) -> Finding:
    place = problem.locations[0].path if problem.locations else ""
    base = ":".join(part for part in (rule.id, place, problem.key) if part)
    fingerprint, number = base, 1
    while fingerprint in known:
        number += 1
        fingerprint = f"{base}#{number}"
    return Finding(
        rule=rule.id,
        severity=problem.severity or rule.severity,
        message=problem.message,
        locations=problem.locations,
        detail=problem.detail,
        help=rule.why,
        fix=problem.fix,
        title=rule.title,
        fingerprint=fingerprint,
    )


def _by_place(finding: Finding) -> tuple[str, int, int]:
    place = finding.locations[0] if finding.locations else Location(path="")
    return place.path, place.line or 0, place.column or 0


def _settle(
    looked: Sequence[Looked], rules: Sequence[Rule], options: LintOptions, world: World
) -> Settled:
    applied = [rule.id for rule in rules if any(rule.id not in one.left_out for one in looked)]
    inline: list[InlineAcceptance] = []
    for one in looked:
        inline += acceptances_in(one.subject.inputs.files)
        inline += schema_acceptances(one.store, world)
    return settle(
        [finding for one in looked for finding in one.findings],
        speaking_of(options.accept, applied),
        speaking_of(inline, applied),
        utc_date(world.clock.now()),
        whole_run=all(one.subject.whole for one in looked),
        rules=LINT_RULES,
    )


def _wanted(looked: Sequence[Looked], settled: Settled) -> Iterator[tuple[Path, Edit]]:
    """What is to be mended: all that can be, and that nobody accepted."""
    accepted = {one.fingerprint for one in settled.findings if one.accepted}
    for one in looked:
        paths = {one.subject.world.shown(path): path for path in one.store.policies}
        for fingerprint, edit in one.edits.items():
            path = paths.get(edit.file.source.path)
            if fingerprint not in accepted and path is not None:
                yield path, edit


def _texts(looked: Sequence[Looked]) -> list[fixing.StoreTexts]:
    """The policies that hold, by their file, of each store: a file may be part of several."""
    return [
        fixing.StoreTexts(
            [(one.file.source.path, one.text) for one in each.subject.validated.good],
        )
        for each in looked
    ]


def _report(
    looked: Sequence[Looked],
    settled: Settled,
    mended: fixing.Mended,
    rules: Sequence[Rule],
    options: LintOptions,
) -> Report:
    judged = []
    for one in looked:
        prefix = f"{one.store.name}: " if len(looked) > 1 else ""
        judged += [
            replace(case, group=prefix + case.group) for case in _cases(one, settled, options)
        ]
    return Report(
        cases=[*judged, *mended.cases, *settled.cases],
        findings=settled.findings,
        facts={
            "engine": engine.facts(),
            "rules": [rule.id for rule in rules],
            "fail_on": options.fail_on,
            "stores": [_facts(one) for one in looked],
            "fixed": list(mended.changed),
        },
        notes=(*(note for one in looked for note in _notes(one)), *mended.notes),
        emptiness=_emptiness(options, looked),
    )


def _cases(one: Looked, settled: Settled, options: LintOptions) -> Iterator[Case]:
    for case in one.subject.validated.cases:
        if case.outcome is Outcome.ERROR:
            yield case
    own = {finding.fingerprint for finding in one.findings}
    mine = [finding for finding in settled.findings if finding.fingerprint in own]
    yield from cases.of_store(one.subject, mine, options.fail_on)


def _facts(one: Looked) -> dict[str, Any]:
    known = store_facts(one.subject.inputs)
    del known["tests"]
    return {**known, "rules_left_out": list(one.left_out)}


def _notes(one: Looked) -> Iterator[str]:
    facts = store_facts(one.subject.inputs)
    yield store_note({**facts, "tests": 0}).replace(", no tests", "")
    for why in dict.fromkeys(one.left_out.values()):
        rules = [rule for rule, reason in one.left_out.items() if reason == why]
        yield f"{one.store.name}: {why}, so these rules are left out: {', '.join(rules)}"


def _emptiness(options: LintOptions, looked: Sequence[Looked]) -> str:
    where = ", ".join(f"`{path}`" for path in options.paths or (".",))
    return f"there is no Cedar policy below {where}" if not looked else "no policy was found"
