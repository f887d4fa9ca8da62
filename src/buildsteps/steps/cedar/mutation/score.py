"""The mutation score: what share of the mutants the tests notice, and whether it is enough."""

from collections.abc import Collection, Sequence

from msgspec import Struct

from buildsteps.reporting.text import counted
from buildsteps.results import Case, Outcome
from buildsteps.steps.cedar.mutation.mutants import Mutant

GROUP = "mutation"


class Score(Struct, frozen=True, kw_only=True):
    """How many of so many mutants are noticed; equivalent, invalid and accepted ones are none."""

    noticed: int
    of: int

    @property
    def percent(self) -> float:
        """The share in percent; of nothing that can go wrong everything is noticed."""
        return 100 * self.noticed / self.of if self.of else 100.0

    @property
    def text(self) -> str:
        """The share with one digit, which rounds down: only all is 100 %."""
        return f"{int(self.percent * 10) / 10:.1f} %"


def score(noticed: Collection[int], survived: Sequence[Mutant], accepted: Collection[int]) -> Score:
    """Count; ``accepted`` are survivors that somebody accepted with a reason."""
    number = len(noticed)
    return Score(noticed=number, of=number + len(survived) - len(accepted))


def score_case(name: str, found: Score, least: float) -> Case:
    """The case that ``--min-mutation-score`` asks for."""
    held = found.percent >= least
    said = f"the tests notice {found.noticed:,} of {counted(found.of, 'mutant')}, {found.text}"
    return Case(
        name=f"mutation score of {name}",
        group=GROUP,
        outcome=Outcome.PASSED if held else Outcome.FAILED,
        kind="" if held else GROUP,
        message=said if held else f"{said}, less than {least:g} %",
    )
