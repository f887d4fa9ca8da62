"""Short words for entity uids: their ids, where those are short and tell them apart."""

from collections import Counter
from collections.abc import Iterable

from buildsteps.steps.cedar.proposals.placeholders import Uid
from buildsteps.steps.cedar.trials.suite_format import ANY

_LONGEST = 40


def words_for(uids: Iterable[Uid]) -> dict[Uid, str]:
    """A word for each uid that can have one; the others are written out where they stand."""
    each = list(dict.fromkeys(uids))
    by_id = Counter(name for _, name in each)
    wanted = {
        (kind, name): name if by_id[name] == 1 else f"{kind.rpartition('::')[2]} {name}"
        for kind, name in each
    }
    taken = Counter(wanted.values())
    return {uid: word for uid, word in wanted.items() if taken[word] == 1 and _is_word(word)}


def _is_word(text: str) -> bool:
    return (
        0 < len(text) <= _LONGEST
        and text.isprintable()
        and text == text.strip()
        and text != ANY
        and '::"' not in text
    )
