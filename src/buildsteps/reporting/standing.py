"""How the findings of scanners stand: new, still open, accepted, and what was fixed.

A finding of a scanner names the engines that saw it, which tells it from what other steps say.
What was fixed is no finding any more: the report's facts have its number, ``baseline.fixed``.
"""

from collections.abc import Iterable, Mapping, Sequence

from msgspec import Struct

from buildsteps.reporting.text import counted
from buildsteps.results import Finding, Report, Severity


class Standing(Struct, frozen=True, kw_only=True):
    """Numbers of findings; ``open`` are all that nobody accepted, ``new`` those of them not known.

    ``fixed`` is None where no baseline is in force. ``worst`` says how severe the new ones are.
    """

    new: int
    open: int
    accepted: int
    fixed: int | None
    worst: str

    @property
    def known(self) -> int:
        """Those that the baseline has, and nobody accepted."""
        return self.open - self.new


def standing_of(report: Report) -> Standing | None:
    """Count the findings of scanners; None where no scanner spoke and no baseline is in force."""
    fixed = _fixed(report.facts)
    by_severity = dict.fromkeys(Severity, 0)
    accepted = known = 0
    for finding in report.findings:
        if not finding.engines:
            continue
        if finding.accepted:
            accepted += 1
        elif is_old(finding):
            known += 1
        else:
            by_severity[finding.severity] += 1
    new = sum(by_severity.values())
    if not (new or known or accepted) and fixed is None:
        return None
    worst = ", ".join(f"{number:,} {word}" for word, number in by_severity.items() if number)
    return Standing(new=new, open=new + known, accepted=accepted, fixed=fixed, worst=worst)


def is_old(finding: Finding) -> bool:
    """Whether the baseline has it, and nobody accepted it: reports count it and list it last."""
    return finding.known and not finding.accepted


def beside_title(findings: Iterable[Finding]) -> str:
    """What the findings are called that stop nothing; where scanners spoke, others stand above."""
    return "Findings that do not stop" if any(one.engines for one in findings) else "Findings"


def has_baseline(report: Report) -> bool:
    """Whether a baseline is in force: only then is a finding new or old."""
    return _fixed(report.facts) is not None or any(one.known for one in report.findings)


def standing_table(standing: Standing) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """The columns of the small table that reports begin with, and its one row."""
    new = f"{standing.new:,}" + (f" ({standing.worst})" if standing.new else "")
    cells = {"new": new, "open": f"{standing.open:,}", "accepted": f"{standing.accepted:,}"}
    if standing.fixed is not None:
        cells["fixed"] = f"{standing.fixed:,}"
    return tuple(cells), tuple(cells.values())


def known_sentence(findings: Sequence[Finding]) -> str:
    """Say how many old ones are not listed; nothing where there is none."""
    number = sum(map(is_old, findings))
    if not number:
        return ""
    return f"{counted(number, 'finding')} {'is' if number == 1 else 'are'} in the baseline"


def _fixed(facts: Mapping[str, object]) -> int | None:
    """How many were fixed; None where the baseline has nothing, which is as if there were none."""
    baseline = facts.get("baseline")
    if not isinstance(baseline, Mapping):
        return None
    numbers = [baseline.get(name, 0) for name in ("fixed", "known", "unseen")]
    if not all(isinstance(number, int) for number in numbers) or not any(numbers):
        return None
    fixed: int = baseline.get("fixed", 0)
    return fixed
