"""The engine ``inspector-code``: which project, which scan, which commit, which findings."""

from pathlib import Path
from typing import Any

import pytest

from buildsteps.errors import UsageError, WorldError
from buildsteps.results import Location, Severity
from buildsteps.steps.scan.engines.inspector_code.engine import scan
from buildsteps.steps.scan.engines.inspector_code.paths import relative
from buildsteps.steps.scan.settings import ScanOptions
from buildsteps.steps.scan.sighting import Scanned
from buildsteps.steps.scan.subjects import Subjects
from buildsteps.world.aws import AwsError
from buildsteps.world.process import Completed
from buildsteps.world.waiting import OutOfTimeError
from tests.loopback_aws.in_process import InProcessAws
from tests.loopback_aws.services.inspector2 import (
    INTEGRATION,
    OTHER_SCAN,
    SHOP,
    Inspector2,
    Repository,
    code_finding,
    package_finding,
)
from tests.world_double import ScriptedProcesses, fake_world

TWIN = SHOP.replace("66594973", "00000000")


class Account:
    """An account with connected repositories, and a folder that one of them is checked out in."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.inspector = Inspector2()
        self.aws = InProcessAws.of(self.inspector.service)
        self.head = ""
        self.progress: list[str] = []

    def scan(self, project: str = SHOP, **options: Any) -> Scanned:
        git = {"git": Completed(0, f"{self.head}\n".encode(), b"")}
        world = fake_world(
            self.folder,
            aws=self.aws,
            processes=ScriptedProcesses(git),
            progress=self.progress,
        )
        (scanned,) = scan(Subjects(files=()), ScanOptions(project=project, **options), world)
        return scanned

    def one(self, **members: Any) -> Scanned:
        self.inspector.repositories[SHOP] = Repository(**members)
        return self.scan()


@pytest.fixture
def account(tmp_path: Path) -> Account:
    return Account(tmp_path)


class TestProjects:
    @pytest.mark.parametrize("called", [SHOP, "shop", f"{INTEGRATION}/{SHOP}"])
    def test_a_project_is_called_by_id_name_or_arn(self, account: Account, called: str) -> None:
        for number in range(4):  # more than a page of coverage
            other = Repository(name=f"other-{number}")
            account.inspector.repositories[SHOP.replace("6659", f"000{number}")] = other
        account.inspector.repositories[SHOP] = Repository()

        assert account.scan(called).facts["project"] == SHOP

    def test_of_several_projects_with_one_name_the_id_chooses(self, account: Account) -> None:
        account.inspector.repositories[SHOP] = Repository(findings=[code_finding()])
        account.inspector.repositories[TWIN] = Repository()

        assert len(account.scan(SHOP).sightings) == 1
        assert len(account.scan(TWIN).sightings) == 0

    def test_of_several_projects_with_one_name_the_name_does_not(self, account: Account) -> None:
        account.inspector.repositories[SHOP] = Repository()
        account.inspector.repositories[TWIN] = Repository()

        with pytest.raises(UsageError, match="several projects have this name: project-0000"):
            account.scan("shop")

    def test_an_unknown_project_is_a_wrong_call(self, account: Account) -> None:
        account.inspector.repositories[SHOP] = Repository()

        with pytest.raises(UsageError, match="Did you mean `shop`"):
            account.scan("shpo")

    def test_an_account_without_repositories_is_told_as_such(self, account: Account) -> None:
        with pytest.raises(UsageError, match="covers no repository in this account and region"):
            account.scan()

    def test_without_a_project_there_is_nothing_to_scan(self, account: Account) -> None:
        with pytest.raises(UsageError, match="needs --project"):
            account.scan("")


class TestScans:
    def test_the_scan_is_waited_for(self, account: Account) -> None:
        account.one(statuses=["IN_PROGRESS"] * 3 + ["SUCCESSFUL"])

        assert account.aws.asked("GetCodeSecurityScan") == 4
        assert account.aws.asked("ListFindings") == 1

    def test_a_scan_that_goes_on_already_is_waited_for(self, account: Account) -> None:
        account.one(conflicts=1, conflict_id=OTHER_SCAN)

        scans = {one["scanId"] for name, one, _ in account.aws.calls if "GetCode" in name}
        assert scans == {OTHER_SCAN}
        assert "goes on already" in account.progress[0]

    def test_the_own_scan_follows_others_that_have_no_name(self, account: Account) -> None:
        account.one(conflicts=3)

        assert account.aws.asked("StartCodeSecurityScan") == 4

    @pytest.mark.parametrize("status", ["FAILED", "SKIPPED"])
    def test_a_scan_without_a_result_says_why(self, account: Account, status: str) -> None:
        with pytest.raises(WorldError, match=": It is too large"):
            account.one(statuses=[status], reason="It is too large", commit="")

        assert account.aws.asked("ListFindings") == 0

    def test_a_commit_that_had_been_scanned_before_has_its_findings(self, account: Account) -> None:
        scanned = account.one(
            statuses=["SKIPPED"], reason="No new commits", findings=[code_finding()]
        )

        assert len(scanned.sightings) == 1
        assert "Amazon Inspector skipped the scan: No new commits" in scanned.notes

    def test_a_scan_that_does_not_end_is_an_error(self, account: Account) -> None:
        account.inspector.repositories[SHOP] = Repository(statuses=["IN_PROGRESS"])

        with pytest.raises(OutOfTimeError, match="did not come within 60 seconds: its id is"):
            account.scan(timeout=60)

    def test_what_aws_says_is_passed_on(self, account: Account) -> None:
        account.inspector.repositories[SHOP] = Repository()
        account.aws.failing["ListFindings"] = AwsError("Amazon Inspector throttles")

        with pytest.raises(AwsError, match="Amazon Inspector throttles"):
            account.scan()


class TestCommits:
    SCANNED = "2bade059fe9bc13a60bece9fb060f08e130b7e00"

    def test_another_commit_than_head_is_told(self, account: Account) -> None:
        (account.folder / ".git").mkdir()
        account.head = "f" * 40

        scanned = account.one()

        assert scanned.notes == (
            "Amazon Inspector scanned commit 2bade059fe9b, and HEAD is ffffffffffff: "
            "what changed since then is not judged",
        )
        assert (scanned.facts["commit"], scanned.facts["head"]) == (self.SCANNED, "f" * 40)

    def test_the_same_commit_is_no_news(self, account: Account) -> None:
        (account.folder / ".git").mkdir()
        account.head = self.SCANNED

        assert account.one().notes == ()

    def test_without_a_repository_there_is_nothing_to_compare(self, account: Account) -> None:
        assert account.one().notes == ()


class TestFindings:
    def test_a_flaw_of_code_has_its_lines_and_its_detector(self, account: Account) -> None:
        (only,) = account.one(findings=[code_finding()]).sightings

        assert only.rule == "python/sql-injection"  # the detector's version changes with upgrades
        assert only.title == "SQL injection"
        assert only.locations == (Location("shop/orders.py", 12, end_line=13),)
        assert (only.cwes, only.fix) == ((89,), "Use parameters.")
        assert only.help == "https://cwe.mitre.org/data/definitions/89.html"

    def test_a_package_is_placed_at_the_line_that_names_it(self, account: Account) -> None:
        (account.folder / "requirements.txt").write_text("flask\nDjango==2.0\n")

        (only,) = account.one(findings=[package_finding()]).sightings

        assert only.locations == (Location("requirements.txt", 2),)
        assert (only.rule, only.identity) == ("CVE-2019-19844", "django")
        assert only.fix == "Upgrade django to 2.2.9."
        assert only.severity == Severity.CRITICAL

    def test_all_pages_are_read(self, account: Account) -> None:
        many = [code_finding(line=number + 1) for number in range(230)]

        assert len(account.one(findings=many).sightings) == 230
        assert account.aws.asked("ListFindings") == 10

    def test_what_is_suppressed_is_accepted(self, account: Account) -> None:
        (only,) = account.one(findings=[code_finding(status="SUPPRESSED")]).sightings

        assert only.suppressed == "suppressed in Amazon Inspector"

    def test_what_is_closed_is_gone(self, account: Account) -> None:
        assert account.one(findings=[code_finding(status="CLOSED")]).sightings == []

    def test_paths_are_those_of_the_repository_wherever_the_command_runs(
        self, account: Account
    ) -> None:
        (account.folder / ".git").mkdir()
        (account.folder / "shop").mkdir()
        account.folder = account.folder / "shop"

        (only,) = account.one(findings=[code_finding()]).sightings

        assert only.locations[0].path == "orders.py"

    @pytest.mark.parametrize(
        ("path", "shown"),
        [
            ("shop/orders.py", "shop/orders.py"),
            ("/shop/orders.py", "shop/orders.py"),
            ("./shop/orders.py", "shop/orders.py"),
            ("shop\\orders.py", "shop/orders.py"),
            ("../../etc/passwd", None),
            ("shop/../../etc/passwd", None),
            ("/", None),
            ("", None),
            ("a\0b", None),
        ],
    )
    def test_a_path_never_leads_out_of_the_repository(self, path: str, shown: str | None) -> None:
        assert relative(path) == shown

    def test_a_finding_whose_path_leads_out_is_kept_without_a_place(self, account: Account) -> None:
        (only,) = account.one(findings=[code_finding(path="../../etc/passwd")]).sightings

        assert only.locations == ()
        assert only.identity == "../../etc/passwd"
