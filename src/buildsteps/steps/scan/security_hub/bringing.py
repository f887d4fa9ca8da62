"""``--security-hub``: what is open becomes active there, what was fixed is archived."""

from collections.abc import Mapping, Sequence
from typing import Any

from msgspec import Struct
from msgspec.structs import replace

from buildsteps.errors import WorldError
from buildsteps.reporting.text import counted
from buildsteps.results import Cause, Finding, Report, unjudged
from buildsteps.steps.scan.security_hub.asff import Asff, Scope, asff, with_ids
from buildsteps.steps.scan.security_hub.earlier import (
    archived,
    complete_engines,
    earlier_findings,
    fixed,
    is_active,
    later_than,
)
from buildsteps.steps.scan.security_hub.hub import Hub, hub_of
from buildsteps.steps.scan.security_hub.importing import Handed, hand_over, refusals, sentence
from buildsteps.steps.scan.security_hub.pace import Pace
from buildsteps.steps.scan.security_hub.repository import repository_of
from buildsteps.steps.scan.settings import ScanOptions
from buildsteps.steps.scan.sighting import Scanned
from buildsteps.world import World


class Plan(Struct, frozen=True, kw_only=True):
    """What is to be handed over: findings that are open, and those that were fixed."""

    hub: Hub
    scope: Scope
    opened: Sequence[Asff]
    closed: Sequence[Asff]
    new: int

    @property
    def all(self) -> list[Asff]:
        """Everything, in the order in which it is sent."""
        return [*self.opened, *self.closed]


def scope_of(options: ScanOptions, world: World) -> Scope | None:
    """What the findings are of; None where none are to be imported, or one is only explained.

    Raises:
        UsageError: nobody names the repository.
    """
    if options.security_hub == "none" or options.explain:
        return None
    return Scope(repository_of(options, world), options.name)


def brought(
    report: Report,
    scans: Sequence[Scanned],
    scope: Scope | None,
    *,
    whole: bool,
    options: ScanOptions,
    world: World,
) -> Report:
    """The report, its findings imported; an import that failed is one more case, of the world.

    With ``whole`` the run looked at all of the project, so what it did not see was fixed.
    """
    if scope is None:
        return report
    engines = complete_engines(scans) if whole else frozenset()
    try:
        plan = planned(report.findings, scope, engines, options, world)
    except WorldError as error:
        return _with_failure(report, error.message, error.detail)
    if options.security_hub == "dry-run":
        facts = {**_facts(plan), "dry_run": True, "findings": plan.all}
        return _with(report, facts, f"{_where(plan.hub)}, dry run: would {_said(plan, done=False)}")
    done = hand_over(plan.all, world.aws, options.region, world.clock)
    return _with_outcome(report, plan, done)


def planned(
    findings: Sequence[Finding],
    scope: Scope,
    engines: frozenset[str],
    options: ScanOptions,
    world: World,
) -> Plan:
    """Compare what is open with what is there; ``engines`` are those that could tell it fixed.

    Open is what an engine saw and nobody accepted, old findings of the baseline included.

    Raises:
        WorldError: Security Hub CSPM is not enabled, or AWS refused or did not answer.
    """
    hub = hub_of(world.aws, options.region)
    there = earlier_findings(world.aws, hub, scope, Pace(world.clock), options.region)
    now = world.clock.now()
    mine = with_ids([one for one in findings if one.engines and not one.accepted], scope)
    opened = []
    for identity, finding in mine.items():
        before = there.get(identity)
        updated = str(later_than(before, now))
        moments = {"CreatedAt": (before or {}).get("CreatedAt") or updated, "UpdatedAt": updated}
        opened.append(asff(identity, finding, scope, hub, moments))
    closed = [archived(one, later_than(one, now)) for one in fixed(there.values(), mine, engines)]
    active = {identity for identity, one in there.items() if is_active(one)}
    return Plan(hub=hub, scope=scope, opened=opened, closed=closed, new=len(mine.keys() - active))


def _with_outcome(report: Report, plan: Plan, done: Handed) -> Report:
    opened = {one["Id"] for one in plan.opened}
    facts = {
        **_facts(plan),
        "imported": len(done.taken & opened),
        "archived": len(done.taken - opened),
        "refused": [
            {"id": one.id, "code": one.code, "message": one.message} for one in done.refused
        ],
    }
    if done.is_complete:
        return _with(report, facts, f"{_where(plan.hub)}: {_said(plan, done=True)}")
    titles = {one["Id"]: one["Title"] for one in plan.all}
    told = _with_failure(report, sentence(done, len(plan.all)), refusals(done, titles))
    return replace(told, facts={**told.facts, "security_hub": facts})


def _with_failure(report: Report, message: str, detail: str) -> Report:
    case = unjudged(
        "import", "security-hub", message, kind="import", detail=detail, cause=Cause.WORLD
    )
    return replace(report, cases=[*report.cases, case])


def _with(report: Report, facts: Mapping[str, Any], note: str) -> Report:
    return replace(
        report,
        facts={**report.facts, "security_hub": facts},
        notes=(*report.notes, note),
    )


def _facts(plan: Plan) -> dict[str, Any]:
    return {
        "account": plan.hub.account,
        "region": plan.hub.region,
        "product": plan.hub.product,
        "scan": plan.scope.value,
        "dry_run": False,
        "open": len(plan.opened),
        "new": plan.new,
        "fixed": len(plan.closed),
    }


def _where(hub: Hub) -> str:
    return f"Security Hub CSPM of {hub.account} in {hub.region}"


def _said(plan: Plan, *, done: bool) -> str:
    imported, archived_too = ("imported", "archived") if done else ("import", "archive")
    opened = f"{counted(len(plan.opened), 'finding')} ({plan.new:,} new)"
    return f"{imported} {opened}, {archived_too} {len(plan.closed):,}"
