"""Bringing findings to Security Hub CSPM, by HTTP to a loopback that keeps the service's rules."""

import json
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest
from msgspec.structs import replace

from buildsteps.results import Case, Finding, Location, Outcome, Report, Severity, unjudged
from buildsteps.steps.scan.security_hub.asff import Scope
from buildsteps.steps.scan.security_hub.bringing import brought
from buildsteps.steps.scan.security_hub.repository import Repository
from buildsteps.steps.scan.settings import ScanOptions
from buildsteps.steps.scan.sighting import Scanned
from buildsteps.world.aws_sdk import SystemAws
from tests.loopback_aws.server import LoopbackAws, loopback_aws
from tests.loopback_aws.services.securityhub import ACCOUNT, SecurityHub
from tests.world_double import fake_world

SHOP = Scope(Repository("https://github.com/shop/orders", "shop/orders", "GITHUB"))
BANDIT = Scanned(engine="bandit", subject="2 files")
RUFF = Scanned(engine="ruff", subject="2 files")


def finding(number: int, **changes: Any) -> Finding:
    plain = Finding(
        rule=f"B{number}",
        title="a title",
        severity=Severity.HIGH,
        message=f"message {number}",
        engines=("bandit",),
        fingerprint=f"print {number}",
        locations=(Location(path="src/a.py", line=number),),
    )
    return replace(plain, **changes)


ONE, TWO, THREE = finding(1), finding(2), finding(3)


class Scene:
    """A scan whose findings are brought to the service, as often as a test likes."""

    def __init__(self, folder: Path, hub: SecurityHub, aws: LoopbackAws) -> None:
        self.hub, self.aws = hub, aws
        self.world = fake_world(folder, aws=SystemAws("buildsteps"))

    def bring(
        self,
        *findings: Finding,
        scans: Sequence[Scanned] = (BANDIT,),
        scope: Scope = SHOP,
        whole: bool = True,
        how: Any = "import",
    ) -> Report:
        return brought(
            Report(findings=findings),
            scans,
            scope,
            whole=whole,
            options=ScanOptions(security_hub=how),
            world=self.world,
        )

    @property
    def open(self) -> list[str]:
        return sorted(one["GeneratorId"].rpartition("/")[2] for one in self.hub.active())


@pytest.fixture
def scene(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Scene]:
    hub = SecurityHub()
    with loopback_aws(hub) as aws:
        for name, value in aws.environment().items():
            monkeypatch.setenv(name, value)
        yield Scene(tmp_path, hub, aws)


def problem(report: Report) -> Case:
    (case,) = report.cases
    assert (case.group, case.outcome, case.cause) == ("security-hub", "error", "world")
    return case


def test_findings_are_imported_and_a_second_run_updates_them(scene: Scene) -> None:
    report = scene.bring(ONE, TWO)
    assert report.notes == (
        f"Security Hub CSPM of {ACCOUNT} in eu-central-1: imported 2 findings (2 new), archived 0",
    )
    first = {one["Id"]: one for one in scene.hub.active()}
    for one in scene.hub.findings.values():
        one["Workflow"] = {"Status": "NOTIFIED"}
    report = scene.bring(ONE, replace(TWO, message="other words"))
    assert report.facts["security_hub"]["new"] == 0
    second = {one["Id"]: one for one in scene.hub.active()}
    assert first.keys() == second.keys()
    for identity, one in second.items():
        assert one["CreatedAt"] == first[identity]["CreatedAt"]
        assert one["UpdatedAt"] > first[identity]["UpdatedAt"]
        assert one["Workflow"] == {"Status": "NOTIFIED"}
    assert sorted(one["Description"] for one in second.values()) == [
        "src/a.py:1: message 1",
        "src/a.py:2: other words",
    ]


def test_a_clock_that_was_ahead_does_not_keep_updates_from_being_taken(scene: Scene) -> None:
    scene.bring(ONE)
    for one in scene.hub.findings.values():
        one["UpdatedAt"] = "2099-01-01T00:00:00.000Z"
    scene.bring(ONE)
    assert {one["UpdatedAt"] for one in scene.hub.active()} == {"2099-01-01T00:00:00.001Z"}


def test_what_was_fixed_is_archived_and_comes_back_with_its_defect(scene: Scene) -> None:
    scene.bring(ONE, TWO)
    for one in scene.hub.findings.values():
        one["Note"] = {"Text": "t", "UpdatedBy": "u", "UpdatedAt": "2026-01-01T00:00:00Z"}
    report = scene.bring(TWO)
    assert (scene.open, report.facts["security_hub"]["archived"]) == (["B2"], 1)
    (gone,) = [one for one in scene.hub.findings.values() if one["RecordState"] == "ARCHIVED"]
    assert (gone["Title"], gone["Note"]["Text"]) == ("B1: a title", "t")
    report = scene.bring(ONE, TWO)
    assert (scene.open, len(scene.hub.findings)) == (["B1", "B2"], 2)
    assert report.facts["security_hub"]["new"] == 1


def test_accepted_ones_and_our_own_remarks_are_not_open_old_ones_are(scene: Scene) -> None:
    remark = finding(9, engines=())
    scene.bring(ONE, TWO, replace(THREE, known=True), remark)
    assert scene.open == ["B1", "B2", "B3"]
    scene.bring(replace(ONE, accepted="ours"), TWO, replace(THREE, known=True))
    assert scene.open == ["B2", "B3"]


def test_equal_findings_are_told_apart_by_their_number(scene: Scene) -> None:
    scene.bring(ONE, ONE, ONE)
    assert scene.open == ["B1", "B1", "B1"]
    scene.bring(ONE, ONE)
    assert scene.open == ["B1", "B1"]


UNREAD = unjudged("a.py", "ruff", "is no Python", kind="syntax")
LOOKED = Case(name="all", group="ruff", outcome=Outcome.PASSED)


@pytest.mark.parametrize(
    ("scans", "whole", "left"),
    [
        ((BANDIT, RUFF), True, []),
        ((BANDIT, RUFF), False, ["B1", "B2"]),
        ((BANDIT,), True, ["B2"]),
        ((BANDIT, replace(RUFF, partial=True)), True, ["B2"]),
        ((BANDIT, RUFF, replace(RUFF, cases=(UNREAD,))), True, ["B2"]),
        ((BANDIT, replace(RUFF, cases=(LOOKED,))), True, []),
        ((), True, ["B1", "B2"]),
    ],
)
def test_only_engines_that_saw_all_call_something_fixed(
    scene: Scene, scans: Sequence[Scanned], whole: bool, left: list[str]
) -> None:
    scene.bring(ONE, replace(TWO, engines=("bandit", "ruff")))
    scene.bring(scans=scans, whole=whole)
    assert scene.open == left


def test_scans_of_another_repository_or_name_leave_each_other_alone(scene: Scene) -> None:
    other = Scope(Repository("https://github.com/shop/copy", "shop/copy"))
    scopes = (SHOP, other, Scope(SHOP.repository, "nightly"))
    for scope in scopes:
        scene.bring(ONE, scope=scope)
    assert len(scene.hub.active()) == 3
    scene.bring(scope=other)
    assert len(scene.hub.active()) == 2


def test_findings_of_other_products_are_never_touched(scene: Scene) -> None:
    scene.bring(ONE)
    (foreign,) = scene.hub.active()
    foreign["ProductFields"] = {"somebody/else": SHOP.value}
    scene.bring()
    assert foreign["RecordState"] == "ACTIVE"


def test_findings_go_and_come_in_pages(scene: Scene) -> None:
    scene.bring(*(finding(number) for number in range(1, 251)))
    assert scene.hub.batches == [100, 100, 50]
    assert len(scene.aws.asked("GetFindings")) == 1
    scene.bring()
    assert len(scene.aws.asked("GetFindings")) == 4
    assert scene.hub.active() == []


def test_calls_are_not_made_faster_than_the_service_takes_them(scene: Scene) -> None:
    scene.bring(*(finding(number) for number in range(1, 501)))
    assert scene.world.clock.monotonic() == pytest.approx(4 / 10)
    scene.bring()
    assert scene.world.clock.monotonic() == pytest.approx(4 / 10 + 4 / 3 + 4 / 10)


def test_failures_in_a_200_are_told_and_the_others_are_there(scene: Scene) -> None:
    scene.hub.refuse = {"B2": ("InvalidInput", 9), "B3": ("SomethingNew", 9)}
    report = scene.bring(ONE, TWO, THREE)
    case = problem(report)
    said = "did not take 2 of 3 findings: InvalidInput (1), SomethingNew (1)"
    assert case.message == f"Security Hub CSPM {said}"
    assert case.detail.splitlines() == [
        "B2: a title: InvalidInput: InvalidInput on demand",
        "B3: a title: SomethingNew: SomethingNew on demand",
    ]
    facts = report.facts["security_hub"]
    assert (scene.open, facts["imported"], len(facts["refused"])) == (["B1"], 1, 2)


def test_of_many_failures_twenty_are_told(scene: Scene) -> None:
    scene.hub.refuse = {"": ("InvalidInput", 99)}
    case = problem(scene.bring(*(finding(number) for number in range(1, 31))))
    assert case.detail.splitlines()[-1] == "and 10 more"
    assert len(case.detail.splitlines()) == 21


def test_what_may_pass_is_tried_again(scene: Scene) -> None:
    scene.hub.refuse = {"B1": ("InternalError", 2)}
    assert scene.bring(ONE, TWO).cases == ()
    assert (scene.hub.batches, scene.open) == ([2, 1, 1], ["B1", "B2"])
    scene.hub.refuse = {"B1": ("InternalError", 9)}
    said = "did not take 1 of 2 findings: InternalError (1)"
    assert problem(scene.bring(ONE, TWO)).message == f"Security Hub CSPM {said}"


@pytest.mark.parametrize("in_a_200", [False, True])
def test_a_service_that_is_not_enabled_is_told_in_one_sentence(
    scene: Scene, in_a_200: bool
) -> None:
    scene.hub.enabled = in_a_200
    scene.hub.refuse = {"": ("InvalidAccess", 9)}
    assert problem(scene.bring(ONE)).message == (
        "Security Hub CSPM is not enabled in this account and Region, so it takes no findings: "
        "enable it, name another Region with --region, or leave --security-hub out"
    )


@pytest.mark.parametrize("operation", ["DescribeHub", "GetFindings", "BatchImportFindings"])
def test_a_missing_right_names_the_action(scene: Scene, operation: str) -> None:
    scene.aws.deny(operation)
    message = problem(scene.bring(ONE)).message
    assert message.startswith(f"securityhub:{operation} is not allowed with these AWS credentials")
    assert scene.hub.findings == {}


def test_an_import_that_breaks_off_says_how_far_it_came(scene: Scene) -> None:
    scene.bring(ONE)
    scene.aws.slow("BatchImportFindings", 0, times=1)
    scene.aws.deny("BatchImportFindings")
    report = scene.bring(*(finding(number) for number in range(1, 151)))
    assert problem(report).message.endswith(" (100 of 150 findings were taken)")
    assert report.facts["security_hub"]["imported"] == 100


def test_a_dry_run_asks_and_changes_nothing(scene: Scene) -> None:
    scene.bring(ONE, TWO)
    before = json.dumps(scene.hub.findings)
    report = scene.bring(TWO, THREE, how="dry-run")
    assert json.dumps(scene.hub.findings) == before
    (note,) = report.notes
    assert note.endswith(", dry run: would import 2 findings (1 new), archive 1")
    facts = report.facts["security_hub"]
    assert [(one["Title"][:2], one["RecordState"]) for one in facts["findings"]] == [
        ("B2", "ACTIVE"),
        ("B3", "ACTIVE"),
        ("B1", "ARCHIVED"),
    ]


def test_nothing_to_say_asks_for_no_import(scene: Scene) -> None:
    assert scene.bring().cases == ()
    assert scene.aws.asked("BatchImportFindings") == []


def test_other_partitions_have_arns_of_their_own(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    hub = SecurityHub("aws-cn")
    with loopback_aws(hub) as aws:
        for name, value in aws.environment("cn-north-1").items():
            monkeypatch.setenv(name, value)
        assert Scene(tmp_path, hub, aws).bring(ONE).cases == ()
    (found,) = hub.active()
    assert found["ProductArn"].startswith("arn:aws-cn:securityhub:cn-north-1:")
    assert found["Resources"][0]["Partition"] == "aws-cn"
