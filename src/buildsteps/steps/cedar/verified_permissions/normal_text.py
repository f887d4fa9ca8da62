"""The text of a policy without what decides nothing: layout, comments, needless parentheses."""

from functools import cache

from buildsteps.steps.cedar import engine
from buildsteps.steps.cedar.formatting.pieces import LONGEST
from buildsteps.steps.cedar.text.syntax import comments, split, tokens

_WIDTH, _INDENT = 80, 2


@cache
def normal_text(text: str) -> str:
    """A policy as Cedar's own formatter writes it, without comments; what does not parse stays."""
    bare = _without_comments(text)
    if len(bare) > LONGEST and sum(1 for _ in tokens(bare)) > LONGEST:
        return bare.strip()
    try:
        return engine.format_text(bare, _WIDTH, _INDENT).strip()
    except ValueError:
        return text.strip()


def same_policy(first: str, second: str) -> bool:
    """Whether two texts are the same policy: as the formatter writes them, or as Cedar's JSON."""
    if normal_text(first) == normal_text(second):
        return True
    one, other = _document(first), _document(second)
    return one is not None and one == other


@cache
def _document(text: str) -> dict[str, object] | None:
    if len(split(text)) != 1:
        return None
    try:
        return next(iter(engine.policy_documents(text).values()), None)
    except ValueError:
        return None


def _without_comments(text: str) -> str:
    kept, position = [], 0
    for one in comments(text):
        kept.append(text[position : one.start])
        position = one.end
    return "".join([*kept, text[position:]])
