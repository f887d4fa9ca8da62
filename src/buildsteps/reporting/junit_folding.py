"""Folding for readers that cut: CodeBuild shows at most 500 cases, FAILED ones first.

What stops the build is listed first and never folded. When all cases together are too many, the
passed and skipped ones of a group become one case that says how many; when that is still too
many, those of all groups become one. Only when what stops fills the limit alone is even that one
left out, for a note: else a folded case could push an error out of CodeBuild's view.
"""

from collections.abc import Iterable, Sequence

from msgspec import Struct

from buildsteps.reporting.text import counted
from buildsteps.results import Case, Outcome

ALL_GROUPS = "all groups"
_LAST = {Outcome.FAILED: 0, Outcome.ERROR: 1}


class Folded(Struct, frozen=True):
    """The cases to list; ``note`` says which are not among them."""

    cases: Sequence[Case]
    note: str = ""


def fold(cases: Sequence[Case], limit: int | None) -> Folded:
    """Return ``cases``, folded where they are more than ``limit``; None means no limit."""
    if limit is None:
        return Folded(cases)
    ordered = sorted(cases, key=lambda case: _LAST.get(case.outcome, 2))
    if len(ordered) <= limit:
        return Folded(ordered)
    stops = [case for case in ordered if case.outcome in _LAST]
    others = ordered[len(stops) :]
    by_group = _folded_by_group(others)
    if len(stops) + len(by_group) <= limit:
        return Folded([*stops, *by_group])
    if others and len(stops) < limit:
        return Folded([*stops, _folded(others, ALL_GROUPS)])
    return Folded(stops, f"not listed: {_how_many(others)}" if others else "")


def _folded_by_group(cases: Iterable[Case]) -> list[Case]:
    groups: dict[str, list[Case]] = {}
    for case in cases:
        groups.setdefault(case.group, []).append(case)
    return [_folded(members, group) for group, members in groups.items()]


def _folded(cases: Sequence[Case], group: str) -> Case:
    """Return one case for ``cases``: passed if any of them is; a single case stays itself."""
    if len(cases) == 1:
        return cases[0]
    passed = any(case.outcome is Outcome.PASSED for case in cases)
    return Case(
        name=_how_many(cases),
        group=group,
        outcome=Outcome.PASSED if passed else Outcome.SKIPPED,
        seconds=sum(case.seconds for case in cases),
    )


def _how_many(cases: Sequence[Case]) -> str:
    passed = sum(case.outcome is Outcome.PASSED for case in cases)
    skipped = len(cases) - passed
    if passed and skipped:
        return f"{passed:,} passed and {skipped:,} skipped cases"
    return counted(passed, "passed case") if passed else counted(skipped, "skipped case")
