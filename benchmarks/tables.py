"""What a benchmark found: a table and bounds for people, the same as data for machines."""

from collections.abc import Sequence
from typing import Any, NamedTuple

from benchmarks.timing import Comparison, Run, Spread, spread_of

FIGURES = ("wall", "cpu", "megabytes")


class Bound(NamedTuple):
    """A figure and what it may be at most; a bound that is not met is said, never an error."""

    what: str
    measured: float
    most: float
    unit: str

    @property
    def met(self) -> bool:
        """Whether the figure keeps the bound."""
        return self.measured <= self.most

    def line(self) -> str:
        """The bound as one line."""
        verdict = "met" if self.met else "NOT met"
        digits = 0 if self.unit == "MB" else 3 if self.unit == "s" else 2
        measured = f"{self.measured:.{digits}f}"
        return f"bound: {self.what} {measured} vs {self.most:g} {self.unit} -> {verdict}"


class Found(NamedTuple):
    """All that one benchmark found."""

    runs: dict[str, list[Run]]
    ratios: dict[str, Spread]
    bounds: tuple[Bound, ...] = ()
    notes: tuple[str, ...] = ()


def compared(
    label: str, comparison: Comparison, against: str, figures: Sequence[str] = ("wall", "cpu")
) -> Found:
    """The runs and ratios of a comparison, still without a bound."""
    ratios = {f"{label}, {figure}": comparison.ratios(figure) for figure in figures}
    return Found({label: comparison.ours, against: comparison.theirs}, ratios)


def text(found: Found) -> str:
    """The table, the noise, the bounds: lines for people."""
    wide = max(len(name) for name in (*found.runs, *found.ratios))
    lines = [f"{'':{wide}}  {'wall s':<26}{'cpu s':<26}peak MB"]
    for name, runs in found.runs.items():
        wall, cpu, peak = (spread_of(runs, figure) for figure in FIGURES)
        lines.append(f"{name:{wide}}  {wall.text(3):<26}{cpu.text(3):<26}{peak.high:.0f}")
    lines += [f"{name:{wide}}  {ratio.text(2)} times" for name, ratio in found.ratios.items()]
    lines += found.notes
    noise = max(spread_of(runs, "cpu").noise for runs in found.runs.values())
    wall_noise = max(spread_of(runs, "wall").noise for runs in found.runs.values())
    lines.append(
        f"noise: smallest to largest is {wall_noise:.0%} of the median wall, {noise:.0%} cpu"
    )
    lines += [bound.line() for bound in found.bounds]
    return "\n".join(f"  {line}" for line in lines)


def data(found: Found) -> dict[str, Any]:
    """The same for machines, with every single run."""
    return {
        "runs": {name: [run._asdict() for run in runs] for name, runs in found.runs.items()},
        "ratios": {name: ratio._asdict() for name, ratio in found.ratios.items()},
        "bounds": [{**bound._asdict(), "met": bound.met} for bound in found.bounds],
        "notes": list(found.notes),
    }
