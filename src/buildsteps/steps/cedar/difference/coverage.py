"""What was tried, said plainly: requests, entities and contexts, and the rate of a sample."""

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from buildsteps.reporting.text import counted
from buildsteps.results import Table
from buildsteps.steps.cedar.difference.changes import Change
from buildsteps.steps.cedar.trials.request import shown

if TYPE_CHECKING:
    from buildsteps.steps.cedar.difference.numbering import Space
    from buildsteps.steps.cedar.difference.outcome import Result
    from buildsteps.steps.cedar.difference.universe import Universe

LIMITS = "what is said holds for the requests that were asked, and proves nothing beyond them"

_NAMED = 5


def covered(name: str, space: "Space", result: "Result") -> Iterator[str]:
    """The sentences about a pair of stores."""
    sample = ""
    if space.asked < space.total:
        rate = space.asked / space.total
        sample = f", a sample ({rate:.2%}, seed {space.seed}) of {space.total:,} possible ones"
    yield (
        f"{name}: {counted(space.asked, 'request')} asked of both versions{sample}; "
        f"{_entities(result.universes)}"
    )
    made_up = list(dict.fromkeys(uid for one in result.universes for uid in one.made_up))
    if made_up:
        named = ", ".join(shown({"type": k, "id": n}) for k, n in made_up[:_NAMED])
        more = f" and {len(made_up) - _NAMED:,} more" if len(made_up) > _NAMED else ""
        yield f"made up, because no file has one of their type: {named}{more}"
    if result.refused:
        yield f"{counted(result.refused, 'request')} refused by both versions"
    for one in result.untried:
        yield f"not tried: {one}"


def _entities(universes: "Sequence[Universe]") -> str:
    numbers = sorted(len(one.uids) for one in universes)
    if not numbers:
        return "no entities"
    low, high = numbers[0], numbers[-1]
    said = f"{low:,} to {high:,}" if low < high else f"{low:,}"
    word = "entity" if high == 1 else "entities"
    if len(numbers) == 1:
        return f"{said} {word}"
    return f"{len(numbers):,} sets of {said} {word}, as the tests see them"


def coverage_table(name: str, space: "Space", changes: Sequence[Change]) -> Table:
    """A row an action: how much was possible, and how many of the kept changes are about it."""
    rows = []
    for action in dict.fromkeys(block.action for block in space.blocks):
        own = [block for block in space.blocks if block.action == action]
        rows.append(
            (
                action[1],
                f"{max(len(one.principals) for one in own):,}",
                f"{max(len(one.resources) for one in own):,}",
                f"{max(len(one.contexts) for one in own):,}",
                f"{sum(one.size for one in own):,}",
                f"{_number(changes, action, widens=True):,}",
                f"{_number(changes, action, widens=False):,}",
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
    )
    return Table(title=f"Tried in {name}", columns=columns, rows=tuple(rows))


def _number(changes: Sequence[Change], action: tuple[str, str], *, widens: bool) -> int:
    return sum(
        one.number
        for one in changes
        if one.kind.action == action and one.kind.decides and one.kind.widens == widens
    )
