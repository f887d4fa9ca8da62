"""The result store beside a run: looked at before it begins, added to when it is judged.

A load test takes long and costs money, so a store that cannot be used must neither be found out
afterwards nor take the verdict away.
"""

from msgspec import Struct
from msgspec.structs import replace

from buildsteps.errors import WorldError
from buildsteps.results import Cause, unjudged
from buildsteps.steps.loadtest.verdict.judgement import Judgement, Rules
from buildsteps.steps.loadtest.verdict.store import ResultStore, open_store
from buildsteps.steps.loadtest.verdict.stored import StoredRun
from buildsteps.world import World

GROUP = "store"


class History(Struct, frozen=True, kw_only=True):
    """The ``earlier`` good runs of a configuration, and where its next one is kept, if anywhere."""

    fingerprint: str
    name: str = ""
    store: ResultStore | None = None
    earlier: tuple[StoredRun, ...] = ()


def history_of(name: str, fingerprint: str, rules: Rules, world: World) -> History:
    """Open the store called ``name``, if one is given, and read what a comparison will need.

    Raises:
        UsageError: it is no address of S3, or holds what is not ours.
        WorldError: it cannot be read, or is a file that cannot be written.
    """
    if not name:
        return History(fingerprint=fingerprint)
    store = open_store(name, world)
    store.check()
    last = rules.baseline.last if rules.baseline else 0
    earlier = tuple(store.runs(fingerprint, last)) if last else ()
    return History(fingerprint=fingerprint, name=name, store=store, earlier=earlier)


def keep(judged: Judgement, history: History) -> Judgement:
    """Add the run to the store; where that fails the verdict stands, and the failure beside it."""
    if history.store is None or judged.stored is None:
        return judged
    try:
        history.store.append(judged.stored)
    except WorldError as error:
        message = f"the run could not be kept for later comparisons: {error}"
        case = unjudged(history.name, GROUP, message, kind="store", cause=Cause.WORLD)
        return replace(judged, cases=(*judged.cases, case))
    return judged
