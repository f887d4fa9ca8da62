"""What comparing gave, as findings, cases, a table and facts."""

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

from msgspec import Struct

from buildsteps.reporting.text import counted
from buildsteps.results import Case, Finding, Outcome, Severity
from buildsteps.steps.cedar.difference.because import Because
from buildsteps.steps.cedar.difference.changes import Change, Changes, Kind
from buildsteps.steps.cedar.difference.compared import (
    ALLOWED,
    DENIED,
    POSSIBLE,
    REASON,
    Compared,
    Title,
)
from buildsteps.steps.cedar.difference.coverage import coverage_table, covered
from buildsteps.steps.cedar.difference.settings import DiffOptions
from buildsteps.steps.cedar.difference.telling import Told, told
from buildsteps.steps.cedar.trials.request import shown

if TYPE_CHECKING:
    from buildsteps.steps.cedar.difference.asking import Task
    from buildsteps.steps.cedar.difference.numbering import Space
    from buildsteps.steps.cedar.difference.side import Built
    from buildsteps.steps.cedar.difference.sides import Pair
    from buildsteps.steps.cedar.difference.universe import Universe

_SEVERITIES = {
    ALLOWED: Severity.HIGH,
    DENIED: Severity.MEDIUM,
    REASON: Severity.LOW,
    POSSIBLE: Severity.INFO,
}
_STOPPING = {
    "decision": (ALLOWED, DENIED),
    "reason": (ALLOWED, DENIED, REASON),
    "widening": (ALLOWED,),
    "none": (),
}
_IN_FULL = 50_000
"""About so many requests stand in the JSON report."""


class Result(Struct, frozen=True):
    """A pair of stores after all was asked; ``refused`` requests neither version takes."""

    pair: "Pair"
    task: "Task"
    sides: "tuple[Built, Built]"
    universes: "tuple[Universe, ...]"
    changes: Changes
    refused: int
    untried: tuple[str, ...]


def with_result(compared: Compared, result: Result) -> None:
    """Add what one pair of stores gave."""
    space = result.task.space()
    name = result.pair.name
    changes = result.changes.by_weight()
    because = Because(*result.sides, result.task.universes)
    for change in changes:
        said = told(change, space, len(result.universes), because)
        finding = _finding(change.kind, said, name)
        compared.findings.append(finding)
        compared.titles[finding.fingerprint] = Title(name, said.name)
    compared.notes += covered(name, space, result)
    compared.tables.append(coverage_table(name, space, changes))
    compared.facts.append(_facts(result, changes, space))


def rule_of(kind: Kind) -> str:
    """The rule of a change."""
    if kind.decides:
        return ALLOWED if kind.widens else DENIED
    return POSSIBLE if kind.only_possible else REASON


def _finding(kind: Kind, said: Told, name: str) -> Finding:
    rule = rule_of(kind)
    action = kind.action[1] if kind.action else ""
    policies = f"{','.join(kind.gone)}:{','.join(kind.new)}"
    return Finding(
        rule=rule,
        severity=_SEVERITIES[rule],
        message=said.sentence,
        detail=said.detail,
        locations=said.places,
        fingerprint=f"{rule}:{name}:{action}:{policies}:{kind.before}:{kind.after}:{kind.several}",
    )


def cases(compared: Compared, findings: Sequence[Finding], options: DiffOptions) -> Iterator[Case]:
    """A failed case for each change that stops; a passed one for a store where none does."""
    stopping = [
        one for one in findings if not one.accepted and one.rule in _STOPPING[options.fail_on]
    ]
    stopped = set()
    for one in stopping:
        said = compared.titles[one.fingerprint]
        stopped.add(said.store)
        yield Case(
            name=said.name,
            group=said.store,
            outcome=Outcome.FAILED,
            kind=one.rule,
            message=one.message,
            detail=one.detail,
            locations=one.locations,
        )
    for facts in compared.facts:
        name, judged = facts["name"], facts["requests"]["asked"] - facts["requests"]["refused"]
        if not judged:
            message = "there is no request that a version takes"
            yield Case(name="compared", group=name, outcome=Outcome.SKIPPED, message=message)
        elif name not in stopped:
            yield Case(name=_passed(facts), group=name, outcome=Outcome.PASSED)


def _passed(facts: dict[str, Any]) -> str:
    asked = counted(facts["requests"]["asked"] - facts["requests"]["refused"], "request")
    if facts["changes"]:
        return f"{asked} compared: no change that stops"
    return f"{asked} compared: all decided as before, by the same policies"


def emptiness(compared: Compared) -> str:
    """Why there was nothing to compare."""
    if any(one["requests"]["possible"] for one in compared.facts):
        return "neither version takes any of the requests"
    return "no request is possible in either version: are there actions, or tests?"


def _facts(result: Result, changes: Sequence[Change], space: "Space") -> dict[str, Any]:
    return {
        "name": result.pair.name,
        "requests": {
            "possible": space.total,
            "asked": space.asked,
            "refused": result.refused,
            "rate": space.asked / space.total if space.total else None,
            "seed": space.seed,
        },
        "entities": [len(one.uids) for one in result.universes],
        "made_up": list(
            dict.fromkeys(
                shown({"type": kind, "id": name})
                for one in result.universes
                for kind, name in one.made_up
            )
        ),
        "not_tried": list(result.untried),
        "changes": [_fact(one, space, _IN_FULL // len(changes)) for one in changes],
    }


def _fact(change: Change, space: "Space", most: int) -> dict[str, Any]:
    kind = change.kind
    kept = [space.question(number) for number in change.numbers[:most]]
    return {
        "rule": rule_of(kind),
        "before": kind.before or None,
        "after": kind.after or None,
        "no_longer": list(kind.gone),
        "now": list(kind.new),
        "number": change.number,
        "requests": [{**one.arguments(), "entities": one.universe} for one in kept],
    }
