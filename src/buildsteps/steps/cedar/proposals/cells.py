"""What a matrix allows, in few lines."""

from collections.abc import Iterable, Sequence

from buildsteps.steps.cedar.trials.suite_format import ANY, Cell

Combination = tuple[str, str, str]
"""A principal, an action and a resource, as words of the matrix."""


def cells(
    allowed: Iterable[Combination],
    principals: Sequence[str],
    actions: Sequence[str],
    resources: Sequence[str],
) -> list[Cell]:
    """Cells that allow exactly these: what goes alike for several stands once."""
    by_pair: dict[tuple[str, str], list[str]] = {}
    for principal, action, resource in allowed:
        by_pair.setdefault((principal, resource), []).append(action)
    by_actions: dict[tuple[str, tuple[str, ...]], list[str]] = {}
    for (principal, resource), some in by_pair.items():
        by_actions.setdefault((principal, tuple(some)), []).append(resource)
    alike: dict[tuple[tuple[str, ...], tuple[str, ...]], list[str]] = {}
    for (principal, same), on in by_actions.items():
        alike.setdefault((same, tuple(on)), []).append(principal)
    return [
        Cell(
            principal=_chosen(who, principals),
            action=_chosen(what, actions),
            resource=_chosen(where, resources),
        )
        for (what, where), who in alike.items()
    ]


def _chosen(words: Sequence[str], axis: Sequence[str]) -> str | tuple[str, ...]:
    if len(words) == len(axis):
        return ANY
    return words[0] if len(words) == 1 else tuple(words)
