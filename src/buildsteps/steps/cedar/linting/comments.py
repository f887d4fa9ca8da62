"""Acceptances in the comments of a schema; those of policies are `policy.acceptances_in`."""

from bisect import bisect_right

from buildsteps.acceptances import InlineAcceptance, inline_acceptances
from buildsteps.errors import BuildstepsError
from buildsteps.source import SourceText
from buildsteps.steps.cedar.stores.store import Store
from buildsteps.steps.cedar.text.syntax import comments, tokens
from buildsteps.world import World


def schema_acceptances(store: Store, world: World) -> list[InlineAcceptance]:
    """Each speaks for its own line and the declaration after it; JSON has no comments."""
    if store.schema is None:
        return []
    try:
        text = world.files.read_text(store.schema)
    except BuildstepsError:  # its case is there
        return []
    if "buildsteps:" not in text or text.lstrip().startswith("{"):
        return []
    source = SourceText(world.shown(store.schema), text)
    starts = [one.start for one in tokens(text)]
    found: list[InlineAcceptance] = []
    for comment in comments(text):
        following = bisect_right(starts, comment.start)
        last = starts[following] if following < len(starts) else comment.start
        place = source.location(comment.start)
        found += inline_acceptances(comment.text, place, source.line_column(last)[0])
    return found
