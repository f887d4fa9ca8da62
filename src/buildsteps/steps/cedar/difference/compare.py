"""The work of ``cedar-diff``: open both versions, ask both everything, report what changed."""

from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from pathlib import Path
from tempfile import TemporaryDirectory

from buildsteps.acceptances import settle
from buildsteps.errors import UsageError
from buildsteps.results import Report
from buildsteps.steps.cedar import engine
from buildsteps.steps.cedar.difference.asking import CHUNK, Task, ask
from buildsteps.steps.cedar.difference.changes import Changes
from buildsteps.steps.cedar.difference.compared import RULES, Compared
from buildsteps.steps.cedar.difference.coverage import LIMITS
from buildsteps.steps.cedar.difference.fitting import fitting
from buildsteps.steps.cedar.difference.outcome import Result, cases, emptiness, with_result
from buildsteps.steps.cedar.difference.settings import DiffOptions
from buildsteps.steps.cedar.difference.sides import Pair, sides_of
from buildsteps.steps.cedar.difference.space import blocks_of
from buildsteps.steps.cedar.difference.universe import peopled, universes_of
from buildsteps.steps.cedar.versions.opening import is_there, opened
from buildsteps.steps.cedar.versions.version import Version
from buildsteps.world import World, git
from buildsteps.world.clock import utc_date
from buildsteps.world.heartbeat import watched


def collect(options: DiffOptions, world: World) -> Report:
    """Ask both versions everything that can be asked, and report what changed.

    Raises:
        UsageError: a version is not there, holds no store, or is compared with itself.
        WorldError: git or AWS failed, or a worker died.
    """
    if not options.base:
        raise UsageError("name what to compare with: buildsteps cedar-diff BASE [HEAD]")
    if options.max_requests < 1:
        raise UsageError("--max-requests is a whole number from 1 on")
    head = options.head or _work_tree(options.base, world)
    compared = Compared()
    with ExitStack() as stack:
        before, after = (
            stack.enter_context(opened(name, options.stores, world, region=options.region))
            for name in (options.base, head)
        )
        pairs = list(_pairs(before, after))
        _refuse_the_same(before, after, pairs)
        for pair in pairs:
            _compare(pair, options, world, compared)
    today = utc_date(world.clock.now())
    settled = settle(compared.findings, options.accept, (), today, rules=RULES)
    return Report(
        cases=[*compared.cases, *cases(compared, settled.findings, options), *settled.cases],
        findings=settled.findings,
        facts={
            "engine": engine.facts(),
            "base": {"name": before.name, "commit": before.commit or None},
            "head": {"name": after.name, "commit": after.commit or None},
            "stores": compared.facts,
        },
        notes=(*compared.notes, LIMITS),
        tables=tuple(compared.tables),
        emptiness=emptiness(compared),
    )


def _work_tree(base: str, world: World) -> str:
    """The folder that a commit's path means here; without a path the one we are in."""
    ref, _, path = base.partition(":")
    root = git.repository_root(world.cwd)
    if not path or root is None or ref == "avp" or is_there(base, world):
        return "."
    relative = path.startswith(("./", "../")) or path in (".", "..")
    return world.shown((world.cwd if relative else root) / path)


def _refuse_the_same(before: Version, after: Version, pairs: Sequence[Pair]) -> None:
    """Stores beside themselves never differ: a green light that nothing was looked at for.

    Commits are in folders of their own: on the main branch a pipeline may compare one with itself.
    """
    if all(pair.is_one_folder for pair in pairs):
        names = ", ".join(f"`{pair.name}`" for pair in pairs)
        raise UsageError(
            f"`{before.name}` and `{after.name}` both mean {names} of the work tree, so nothing can"
            " differ: name a commit such as `HEAD~1` as BASE, or another folder"
        )


def _pairs(before: Version, after: Version) -> Iterator[Pair]:
    """The stores of both, by their folders; the only one of each whatever they are called."""
    if len(before.stores) == len(after.stores) == 1:
        (old,), (new,) = before.stores, after.stores
        yield Pair(new.inputs.store.name, (before, after), (old, new))
        return
    olds = {store.key: store for store in before.stores}
    news = {store.key: store for store in after.stores}
    for key in dict.fromkeys([*olds, *news]):
        yield Pair(key, (before, after), (olds.get(key), news.get(key)))


def _compare(pair: Pair, options: DiffOptions, world: World, compared: Compared) -> None:
    sides = sides_of(pair, compared)
    stores = pair.present()
    models = [model for _, one in stores if (model := one.inputs.model) is not None]
    policies = [policy.text for side in sides for policy in side.index.policies]
    universes = universes_of(stores, options.entities, world, compared)
    if models:
        universes = [peopled(one, models, "\n".join(policies)) for one in universes]
    universes = fitting(universes, sides, pair, compared)
    trials = [trial for _, one in stores for trial in one.inputs.trials]
    blocks, untried = blocks_of(universes, models, trials, policies)
    task = Task(
        before=sides[0].side,
        after=sides[1].side,
        universes=tuple(one.text for one in universes),
        blocks=tuple(blocks),
        most=options.max_requests,
        seed=options.seed,
    )
    changes, refused = _ask(task, options.jobs, world)
    result = Result(pair, task, sides, tuple(universes), changes, refused, tuple(untried))
    with_result(compared, result)


def _ask(task: Task, jobs: int, world: World) -> tuple[Changes, int]:
    """All changes, and how many requests neither version takes."""
    portions = -(-task.space().asked // CHUNK)
    changes, refused = Changes(), 0
    with TemporaryDirectory(prefix="buildsteps-diff-") as folder:
        asked = ask(task, Path(folder), jobs)
        for portion in watched(asked, portions, f"portions of {CHUNK:,} requests", world):
            refused += portion.refused
            for change in portion.changes:
                changes.add(change.kind, change.number, change.numbers)
    return changes, refused
