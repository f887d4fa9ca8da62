"""The survivors as findings, and all mutants as a table."""

from collections.abc import Collection, Mapping, Sequence
from typing import Any

from buildsteps.reporting.text import clipped
from buildsteps.results import Finding, Severity, Table
from buildsteps.steps.cedar.findings import SURVIVING
from buildsteps.steps.cedar.mutation.mutants import Mutant
from buildsteps.steps.cedar.mutation.places import placed
from buildsteps.steps.cedar.mutation.proposed_tests import ProposedTest, entry_lines
from buildsteps.steps.cedar.mutation.score import Score
from buildsteps.steps.cedar.mutation.sorting import Sorted
from buildsteps.steps.cedar.policies.cedar_text import policy_text

MOST_FINDINGS = 100
"""So many survivors of a store are findings; all of them are in the JSON report's facts."""

_MOST_POLICIES = 20
_LONGEST_LINE = 200


def findings_of(found: Sorted, name: str, tests: Sequence[ProposedTest]) -> list[Finding]:
    """A finding for each survivor, in the order of the policies."""
    by: dict[int, ProposedTest] = {}
    for test in tests:
        for number in test.notices:
            by.setdefault(number, test)
    told: set[int] = set()
    return [
        _finding(mutant, found, name, _test_lines(by.get(mutant.number), told))
        for mutant in found.survived
    ]


def _finding(mutant: Mutant, found: Sorted, store: str, test: Sequence[str]) -> Finding:
    reached = bool(found.court.reached.intersection(mutant.replaces))
    unreached = "" if reached else "; no test reaches this policy at all"
    words = f"{_clipped(mutant.words)}{unreached}"
    nth = f":{mutant.nth}" if mutant.nth > 1 else ""
    return Finding(
        rule=SURVIVING,
        severity=Severity.LOW,
        message=f"no test would notice this change of `{mutant.name}`: {words}",
        detail="\n".join([*change_lines(mutant), *test]),
        locations=(placed(mutant),),
        fingerprint=f"{SURVIVING}:{store}:{mutant.name}:{mutant.operator}:{mutant.words}{nth}",
    )


def _clipped(text: str) -> str:
    return clipped(text, _LONGEST_LINE)


def change_lines(mutant: Mutant) -> list[str]:
    """The lines of the policy that change, as a small diff; nothing of one that is taken away."""
    if mutant.change.document is None:
        return []
    old, new = (
        [line.removesuffix(";") for line in text.splitlines()]
        for text in (policy_text(mutant.original), mutant.text)
    )
    return [
        *(f"- {_clipped(line)}" for line in old if line not in new),
        *(f"+ {_clipped(line)}" for line in new if line not in old),
    ]


def _test_lines(test: ProposedTest | None, told: set[int]) -> list[str]:
    """The test, in full for the first finding that it speaks of."""
    if test is None:
        return []
    if id(test) in told:
        return [f"the proposed test `{test.entry['name']}` would notice this, too"]
    told.add(id(test))
    return ["this test would notice it, among the `tests:` of a suite:"] + [
        f"  {line}" for line in entry_lines(test.entry, "")
    ]


def survivor_facts(mutant: Mutant) -> dict[str, Any]:
    """A survivor for machines."""
    place = placed(mutant)
    return {
        "policy": mutant.name,
        "change": mutant.operator,
        "what": mutant.words,
        "path": place.path,
        "line": place.line,
        "column": place.column,
    }


def tables_of(
    found: Sorted, accepted: Collection[int], name: str, score: Score
) -> tuple[Table, ...]:
    """How many mutants of each kind became what, and the policies whose mutants survive."""
    columns: dict[str, Sequence[int]] = {
        "noticed": [*found.noticed],
        "survived": [one.number for one in found.survived if one.number not in accepted],
        "accepted": [*accepted],
        "equivalent": [one.number for one in found.equivalent],
        "invalid": [one.number for one in found.invalid],
    }
    if not accepted:
        del columns["accepted"]
    kinds = {one.number: one.operator for one in found.mutants}
    title = f"Mutants of {name}: the tests notice {score.noticed:,} of {score.of:,}, {score.text}"
    tables = [_counts(title, "change", kinds, columns)]
    if columns["survived"]:
        named = {one.number: one.name for one in found.mutants}
        tables.append(_policies(found, named, columns))
    return tuple(tables)


def _counts(
    title: str, what: str, names: Mapping[int, str], columns: Mapping[str, Sequence[int]]
) -> Table:
    rows: dict[str, list[int]] = {}
    for place, numbers in enumerate(columns.values()):
        for number in numbers:
            rows.setdefault(names[number], [0] * len(columns))[place] += 1
    shown = [(name, *(f"{one:,}" for one in counts)) for name, counts in sorted(rows.items())]
    totals = ("all", *(f"{len(numbers):,}" for numbers in columns.values()))
    return Table(title=title, columns=(what, *columns), rows=(*shown, totals))


def _policies(
    found: Sorted, names: Mapping[int, str], columns: Mapping[str, Sequence[int]]
) -> Table:
    survived: dict[str, int] = {}
    for number in columns["survived"]:
        survived[names[number]] = survived.get(names[number], 0) + 1
    noticed: dict[str, int] = {}
    for number in columns["noticed"]:
        noticed[names[number]] = noticed.get(names[number], 0) + 1
    reached = {one.name for one in found.mutants if found.court.reached.intersection(one.replaces)}
    order = sorted(survived, key=lambda name: -survived[name])
    rows = [
        (
            name,
            f"{survived[name]:,}",
            f"{noticed.get(name, 0):,}",
            "yes" if name in reached else "no",
        )
        for name in order[:_MOST_POLICIES]
    ]
    more = len(order) - len(rows)
    if more:
        left = sum(survived[name] for name in order[_MOST_POLICIES:])
        rows.append((f"{more:,} more", f"{left:,}", "", ""))
    return Table(
        title="Policies with survivors",
        columns=("policy", "survived", "noticed", "reached by a test"),
        rows=tuple(rows),
    )
