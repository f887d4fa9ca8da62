"""What the tests of a store exercised: deciding policies, actions, entity types."""

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any

from msgspec import Struct

from buildsteps.reporting.text import printable
from buildsteps.results import Case, Location, Outcome, Table
from buildsteps.steps.cedar.policies.policy import PolicyIndex
from buildsteps.steps.cedar.trials.decisions import Judged
from buildsteps.steps.cedar.trials.request import shown, type_of

if TYPE_CHECKING:
    from buildsteps.steps.cedar.schemas.model import SchemaModel

NAMED = 5
"""How many of what is not covered a table names."""


class Covered(Struct, frozen=True):
    """One kind of thing: all there are, and those that a test exercised; both in order."""

    what: str
    all: tuple[str, ...]
    exercised: tuple[str, ...]

    @property
    def missed(self) -> tuple[str, ...]:
        """Those that no test exercised."""
        return tuple(one for one in self.all if one not in set(self.exercised))

    @property
    def percent(self) -> float:
        """The exercised share in percent; all of nothing is 100."""
        return 100.0 * len(self.exercised) / len(self.all) if self.all else 100.0


def coverage(
    judged: Sequence[Judged],
    index: PolicyIndex,
    model: "SchemaModel | None",
    left_out: Sequence[str] = (),
) -> tuple[Covered, ...]:
    """Measure policies and links that determined a decision, and actions and types asked about.

    Only tests that the engine answered count. A template counts through its links. Policies that
    are ``left_out`` because they do not validate decided nothing.
    """
    answered = [one for one in judged if one.answer and one.answer.decision]
    decided = {reason for one in judged if one.answer for reason in one.answer.reasons}
    requests = [one.trial.request for one in answered if one.trial.request]
    kinds = [_of("policies", _policies(index), decided, index, left_out)]
    if model is not None:
        asked = [
            (action.uid, action.principals, action.resources) for action in model.actions.values()
        ]
        actions = [uid for uid, principals, _ in asked if principals]
        types = [kind for _, first, second in asked for kind in (*first, *second)]
        used = (type_of(uid) for one in requests for uid in (one.principal, one.resource))
        kinds.append(_covered("actions", actions, (shown(one.action) for one in requests)))
        kinds.append(_covered("entity types", types, used))
    return tuple(kinds)


def _policies(index: PolicyIndex) -> list[str]:
    static = (
        f"policy{number}"
        for number, policy in enumerate(index.policies)
        if not policy.statement.is_template
    )
    return [*static, *index.links]


def _of(
    what: str, ids: Sequence[str], decided: set[str], index: PolicyIndex, left_out: Sequence[str]
) -> Covered:
    exercised = tuple(index.name(one) for one in ids if one in decided)
    return Covered(what, (*(index.name(one) for one in ids), *left_out), exercised)


def _covered(what: str, known: Iterable[str], used: Iterable[str]) -> Covered:
    everything = tuple(dict.fromkeys(known))
    seen = set(used)
    return Covered(what, everything, tuple(one for one in everything if one in seen))


def coverage_table(store: str, measured: Sequence[Covered]) -> Table:
    """The coverage as a table for people."""
    return Table(
        title=f"Coverage of {store}",
        columns=("what", "exercised", "share", "not exercised"),
        rows=tuple(
            (
                one.what,
                f"{len(one.exercised):,} of {len(one.all):,}",
                f"{one.percent:.0f} %",
                _some(one.missed),
            )
            for one in measured
        ),
    )


def _some(names: Sequence[str]) -> str:
    more = f" and {len(names) - NAMED:,} more" if len(names) > NAMED else ""
    return ", ".join(names[:NAMED]) + more


def coverage_facts(measured: Sequence[Covered]) -> dict[str, Any]:
    """The coverage for machines."""
    return {
        one.what.replace(" ", "_"): {
            "all": len(one.all),
            "exercised": len(one.exercised),
            "percent": round(one.percent, 2),
            "not_exercised": list(one.missed),
        }
        for one in measured
    }


def _missed_line(name: str) -> str:
    return f"not exercised: {printable(name)}"


def coverage_case(folder: str, measured: Sequence[Covered], least: float) -> Case:
    """Judge the share of policies that decided a test against ``least``, in percent."""
    policies = measured[0]
    enough = policies.percent >= least
    said = f"{policies.percent:.1f} % of the policies decided a test, at least {least:g} % must"
    return Case(
        name="policies",
        group="coverage",
        outcome=Outcome.PASSED if enough else Outcome.FAILED,
        kind="" if enough else "coverage",
        message="" if enough else said,
        detail="" if enough else "\n".join(_missed_line(one) for one in policies.missed),
        locations=(Location(path=folder),),
    )
