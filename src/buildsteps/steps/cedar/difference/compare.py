"""The work of ``cedar-diff``: open both versions, ask both everything, report what changed."""

from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from msgspec import Struct, field

from buildsteps.acceptances import settle
from buildsteps.errors import UsageError
from buildsteps.reporting.text import counted
from buildsteps.results import Case, Finding, Outcome, Report, Severity, Table, unjudged
from buildsteps.steps.cedar import engine
from buildsteps.steps.cedar.difference.asking import Change, Kind, Task, ask
from buildsteps.steps.cedar.difference.settings import DiffOptions
from buildsteps.steps.cedar.difference.side import EMPTY, Built, built
from buildsteps.steps.cedar.difference.space import Block, Space, blocks_of
from buildsteps.steps.cedar.difference.telling import told
from buildsteps.steps.cedar.difference.universe import Universe, peopled, universes_of
from buildsteps.steps.cedar.trials.request import shown
from buildsteps.steps.cedar.versions.opening import opened
from buildsteps.steps.cedar.versions.version import StoreVersion, Version
from buildsteps.world import World, git
from buildsteps.world.clock import utc_date
from buildsteps.world.heartbeat import watched

ALLOWED, DENIED, REASON = "newly-allowed", "newly-denied", "other-reason"
RULES = (ALLOWED, DENIED, REASON)


class Pair(Struct, frozen=True, kw_only=True):
    """One store in both versions, as far as they have it."""

    name: str
    before: StoreVersion | None
    after: StoreVersion | None


class Compared(Struct, kw_only=True):
    """What comparing gave so far."""

    cases: list[Case] = field(default_factory=list)
    findings: list[Finding] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    tables: list[Table] = field(default_factory=list)
    facts: list[dict[str, Any]] = field(default_factory=list)


def collect(options: DiffOptions, world: World) -> Report:
    """Ask both versions everything that can be asked, and report what changed.

    Raises:
        UsageError: a version is not there, or holds no store.
        WorldError: git or AWS failed, or a worker died.
    """
    if not options.base:
        raise UsageError("name what to compare with: buildsteps cedar-diff BASE [HEAD]")
    if options.max_requests < 1:
        raise UsageError("--max-requests is a whole number from 1 on")
    compared = Compared()
    with ExitStack() as stack:
        before = stack.enter_context(
            opened(options.base, options.stores, world, region=options.region)
        )
        head = options.head or _work_tree(options.base, world)
        after = stack.enter_context(opened(head, options.stores, world, region=options.region))
        for pair in _pairs(before, after):
            _compare(pair, (before, after), options, world, compared)
    settled = settle(
        compared.findings, options.accept, (), utc_date(world.clock.now()), rules=RULES
    )
    stopping = [one for one in settled.findings if _stops(one, options)]
    return Report(
        cases=[*compared.cases, *_cases(compared, stopping), *settled.cases],
        findings=settled.findings,
        facts={
            "engine": engine.facts(),
            "base": options.base,
            "head": head,
            "stores": compared.facts,
        },
        notes=tuple(compared.notes),
        tables=tuple(compared.tables),
        emptiness="no request is possible in either version",
    )


def _work_tree(base: str, world: World) -> str:
    """The folder that a commit's path means here; without a path the one we are in."""
    _, colon, path = base.partition(":")
    root = git.repository_root(world.cwd)
    if (
        not colon
        or not path
        or root is None
        or base.startswith("avp:")
        or world.path(base).exists()
    ):
        return "."
    return world.shown(root / path)


def _pairs(before: Version, after: Version) -> Iterator[Pair]:
    """The stores of both, by their folders; the only one of each whatever they are called."""
    if len(before.stores) == len(after.stores) == 1:
        (old,), (new,) = before.stores, after.stores
        yield Pair(name=new.inputs.store.name, before=old, after=new)
        return
    olds = {store.key: store for store in before.stores}
    news = {store.key: store for store in after.stores}
    for key in dict.fromkeys([*olds, *news]):
        yield Pair(name=key, before=olds.get(key), after=news.get(key))


def _compare(
    pair: Pair,
    versions: tuple[Version, Version],
    options: DiffOptions,
    world: World,
    compared: Compared,
) -> None:
    sides = [built(one) if one else EMPTY for one in (pair.before, pair.after)]
    for side, version in zip(sides, versions, strict=True):
        for place, message in side.unparsed:
            compared.cases.append(
                unjudged(version.name, pair.name, message, kind="syntax", locations=(place,))
            )
    stores = [
        (version, one)
        for version, one in zip(versions, (pair.before, pair.after), strict=True)
        if one is not None
    ]
    models = [one.inputs.model for _, one in stores]
    known = [model for model in models if model is not None]
    policies = [policy.text for side in sides for policy in side.index.policies]
    universes = universes_of(stores, options.entities, world)
    if known:
        universes = [peopled(one, known, "\n".join(policies)) for one in universes]
    trials = [trial for _, one in stores for trial in one.inputs.trials]
    blocks, not_tried = blocks_of(universes, known, trials, policies)
    task = Task(
        before=sides[0].side,
        after=sides[1].side,
        universes=tuple(one.text for one in universes),
        blocks=tuple(blocks),
        most=options.max_requests,
        seed=options.seed,
    )
    changes = _ask(task, options.jobs, world)
    _tell(pair, task, sides, universes, changes, not_tried, compared)


def _ask(task: Task, jobs: int, world: World) -> dict[Kind, Change]:
    space = Space(task.blocks, task.most, task.seed)
    portions = -(-space.asked // 4096)
    found: dict[Kind, Change] = {}
    with TemporaryDirectory(prefix="buildsteps-diff-") as folder:
        asked = ask(task, Path(folder), jobs)
        for portion in watched(asked, portions, "portions of 4,096 requests", world):
            for change in portion.changes:
                if change.kind in found:
                    found[change.kind].add(change)
                else:
                    found[change.kind] = change
    return found


def _tell(
    pair: Pair,
    task: Task,
    sides: Sequence[Built],
    universes: Sequence[Universe],
    changes: dict[Kind, Change],
    not_tried: Sequence[str],
    compared: Compared,
) -> None:
    space = Space(task.blocks, task.most, task.seed)
    by_weight = sorted(
        changes.values(), key=lambda one: (not one.kind.widens, not one.kind.decides, -one.number)
    )
    for change in by_weight:
        compared.findings.append(_finding(change, pair, sides, universes))
    sample = "" if space.asked == space.total else f", a sample of {space.total:,} possible ones"
    compared.notes.append(
        f"{pair.name}: {counted(space.asked, 'request')} asked of both versions{sample}; "
        f"{_entities_said(universes)}"
    )
    compared.notes += [f"not tried: {one}" for one in not_tried]
    compared.tables.append(_table(pair, task.blocks, changes))
    compared.facts.append(
        {
            "name": pair.name,
            "requests": {"possible": space.total, "asked": space.asked, "seed": task.seed},
            "entities": [len(one.uids) for one in universes],
            "made_up": [shown({"type": k, "id": n}) for one in universes for k, n in one.made_up],
            "changes": [_fact(change) for change in by_weight],
        }
    )


def _entities_said(universes: Sequence[Universe]) -> str:
    number = sum(len(one.uids) for one in universes)
    made = sum(len(one.made_up) for one in universes)
    said = counted(number, "entity").replace("entitys", "entities")
    sets = f" in {counted(len(universes), 'set')}" if len(universes) > 1 else ""
    return f"{said}{sets}" + (f", {made:,} of them made up" if made else "")


def _finding(
    change: Change, pair: Pair, sides: Sequence[Built], universes: Sequence[Universe]
) -> Finding:
    before, after = sides
    said = told(change, before, after, universes)
    kind = change.kind
    rule = REASON if not kind.decides else ALLOWED if kind.widens else DENIED
    severity = {ALLOWED: Severity.HIGH, DENIED: Severity.MEDIUM, REASON: Severity.LOW}[rule]
    return Finding(
        rule=rule,
        severity=severity,
        message=said.sentence,
        detail=said.detail,
        locations=said.places,
        fingerprint=f"{rule}:{pair.name}:{kind.action[1]}:{','.join(kind.before.reasons)}"
        f":{','.join(kind.after.reasons)}:{kind.before.decision}",
    )


def _fact(change: Change) -> dict[str, Any]:
    kind = change.kind
    return {
        "action": shown({"type": kind.action[0], "id": kind.action[1]}),
        "before": {"decision": kind.before.decision or None, "reasons": list(kind.before.reasons)},
        "after": {"decision": kind.after.decision or None, "reasons": list(kind.after.reasons)},
        "requests": change.number,
        "examples": [one.arguments() for one in change.examples],
    }


def _table(pair: Pair, blocks: Sequence[Block], changes: dict[Kind, Change]) -> Table:
    rows = []
    for action in dict.fromkeys(block.action for block in blocks):
        own = [block for block in blocks if block.action == action]
        changed = [one for one in changes.values() if one.kind.action == action]
        wider = sum(one.number for one in changed if one.kind.widens)
        decided = sum(one.number for one in changed if one.kind.decides)
        rows.append(
            (
                action[1],
                f"{max(len(one.principals) for one in own):,}",
                f"{max(len(one.resources) for one in own):,}",
                f"{max(len(one.contexts) for one in own):,}",
                f"{sum(one.size for one in own):,}",
                f"{wider:,}",
                f"{decided - wider:,}",
                f"{sum(one.number for one in changed) - decided:,}",
            )
        )
    columns = (
        "action",
        "principals",
        "resources",
        "contexts",
        "possible requests",
        "newly allowed",
        "newly denied",
        "other reason",
    )
    return Table(
        title=f"Tried in {pair.name}; nothing beyond is proved", columns=columns, rows=tuple(rows)
    )


def _stops(finding: Finding, options: DiffOptions) -> bool:
    stopping = {
        "decision": (ALLOWED, DENIED),
        "reason": RULES,
        "widening": (ALLOWED,),
        "none": (),
    }[options.fail_on]
    return not finding.accepted and finding.rule in stopping


def _cases(compared: Compared, stopping: Sequence[Finding]) -> Iterator[Case]:
    """A failed case for each change that stops; a passed one for a store where none does."""
    from buildsteps.gate import stopping_cases

    yield from stopping_cases(stopping, "changes", "change")
    for facts in compared.facts:
        if not stopping and facts["requests"]["asked"]:
            name = f"{facts['name']}: nothing changed that stops"
            yield Case(name=name, group="changes", outcome=Outcome.PASSED)
