"""Which policies of two versions are the same one, where only their number in a file changed.

The second policy of a file without an ``@id`` is called ``file#2``. When the first one goes, all
others move up; that is no other reason for any decision.
"""

from collections.abc import Iterator, Mapping
from difflib import SequenceMatcher

from msgspec.structs import replace

from buildsteps.steps.cedar.difference.side import Built
from buildsteps.steps.cedar.policies.policy import Policy
from buildsteps.steps.cedar.text.syntax import tokens

_Numbered = Mapping[str, list[tuple[str, Policy]]]


def renamed(before: Built, after: Built) -> Built:
    """``before`` with the names that ``after`` has for the same policies.

    What is not among those of ``after`` and has the name of another keeps it, with a word more.
    """
    names = dict(before.side.names)
    news = _numbered(after)
    for file, olds in _numbered(before).items():
        pairs = dict(_pairs(olds, news.get(file, [])))
        taken = {one.id for _, one in news.get(file, [])}
        for engine_id, policy in olds:
            free = policy.id not in taken
            names[engine_id] = pairs.get(
                engine_id, policy.id if free else f"{policy.id} (the old one)"
            )
    if names == before.side.names:
        return before
    return replace(before, side=replace(before.side, names=names))


def _numbered(built: Built) -> _Numbered:
    """The policies that have their names from their place in a file, by file, with engine ids."""
    found: dict[str, list[tuple[str, Policy]]] = {}
    for number, policy in enumerate(built.index.policies):
        if policy.file.statements and not policy.statement.id_annotation:
            found.setdefault(policy.file.name, []).append((f"policy{number}", policy))
    return found


def _pairs(
    olds: list[tuple[str, Policy]], news: list[tuple[str, Policy]]
) -> Iterator[tuple[str, str]]:
    """Engine ids of old policies with the names of new ones: equal ones, then edited in place."""
    before, after = ([_text(policy) for _, policy in side] for side in (olds, news))
    matcher = SequenceMatcher(None, before, after, autojunk=False)
    for kind, start, stop, first, last in matcher.get_opcodes():
        if kind == "equal" or (kind == "replace" and stop - start == last - first):
            for old, new in zip(olds[start:stop], news[first:last], strict=True):
                yield old[0], new[1].id


def _text(policy: Policy) -> str:
    return " ".join(token.text for token in tokens(policy.text))
