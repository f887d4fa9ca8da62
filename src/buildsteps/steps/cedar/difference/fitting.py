"""Entities that a version's schema does not take, told; those that no engine takes, left out."""

from collections.abc import Mapping, Sequence

from buildsteps.results import Finding, Severity, unjudged
from buildsteps.steps.cedar import engine
from buildsteps.steps.cedar.difference.compared import MISFIT, Compared
from buildsteps.steps.cedar.difference.side import Built
from buildsteps.steps.cedar.difference.sides import Pair
from buildsteps.steps.cedar.difference.universe import Universe
from buildsteps.steps.cedar.proposals.placeholders import Uid
from buildsteps.steps.cedar.trials.request import shown
from buildsteps.steps.cedar.versions.version import Version


def fitting(
    universes: Sequence[Universe], sides: Sequence[Built], pair: Pair, compared: Compared
) -> list[Universe]:
    """Those that the engine takes; the others are error cases.

    Entities that do not fit a version's schema are told: that version takes them as they are.
    """
    schemas = [side.side.schema_handle() for side in sides]
    kept: list[Universe] = []
    misfits: list[dict[Uid, str]] = [{}, {}]
    for universe in universes:
        try:
            for schema, wrong in zip(schemas, misfits, strict=True):
                for number, why in engine.any_entities(universe.text, schema)[1].items():
                    wrong.setdefault(universe.uids[number], why)
        except ValueError as error:
            message = f"the engine takes no such entities: {error}"
            case = unjudged("entities", pair.name, message, kind="entities")
            if case not in compared.cases:
                compared.cases.append(case)
        else:
            kept.append(universe)
    for version, wrong in zip(pair.versions, misfits, strict=True):
        if wrong:
            compared.findings.append(_misfit(version, wrong))
    return kept


def _misfit(version: Version, wrong: Mapping[Uid, str]) -> Finding:
    (kind, name), why = next(iter(wrong.items()))
    uid = shown({"type": kind, "id": name})
    who = f"{uid} does" if len(wrong) == 1 else f"{uid} and {len(wrong) - 1:,} more do"
    taken = "is taken as it is" if len(wrong) == 1 else "are taken as they are"
    return Finding(
        rule=MISFIT,
        severity=Severity.LOW,
        message=f"{who} not fit the schema of {version.name}, and {taken}: {why}",
        fingerprint=f"{MISFIT}:{version.name}:{uid}",
    )
