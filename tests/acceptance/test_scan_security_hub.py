"""``scan --security-hub``, against a loopback Security Hub CSPM that keeps the service's rules."""

import json
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.command_line import Ran, buildsteps
from tests.loopback_aws.server import LoopbackAws, loopback_aws
from tests.loopback_aws.services.securityhub import ACCOUNT, SecurityHub

SHELL = "import subprocess\n\n\ndef run(command):\n    subprocess.call(command, shell=True)\n"
EVAL = "def value(text):\n    return eval(text)\n"


class Scene:
    """A project with a remote, and the service that its findings go to."""

    def __init__(self, folder: Path, hub: SecurityHub, aws: LoopbackAws) -> None:
        self.folder, self.hub, self.aws = folder, hub, aws
        self.git("init", "--quiet")
        self.git("remote", "add", "origin", "https://me:s3cr3t@github.com/shop/orders.git?t=s3cr3t")
        self.write("run.py", SHELL)
        self.write("value.py", EVAL)

    def git(self, *arguments: str) -> None:
        subprocess.run(["git", *arguments], cwd=self.folder, check=True)

    def write(self, name: str, text: str) -> None:
        (self.folder / name).write_text(text)

    def scan(self, *arguments: str, hub: str = "--security-hub") -> Ran:
        return buildsteps(
            "scan",
            "--engine=bandit",
            hub,
            *arguments,
            cwd=self.folder,
            environ=self.aws.environment(),
        )

    def open_rules(self) -> list[str]:
        return sorted(one["Vulnerabilities"][0]["Id"] for one in self.hub.active())


@pytest.fixture
def scene(tmp_path: Path) -> Iterator[Scene]:
    hub = SecurityHub()
    with loopback_aws(hub) as aws:
        yield Scene(tmp_path, hub, aws)


def problem(ran: Ran) -> dict[str, Any]:
    (case,) = [one for one in ran.report["cases"] if one["group"] == "security-hub"]
    assert (case["outcome"], case["cause"]) == ("error", "world")
    found: dict[str, Any] = case
    return found


def test_findings_are_there_after_a_scan_and_the_verdict_stays_what_it_was(scene: Scene) -> None:
    ran = scene.scan()
    assert ran.code == 1
    said = (
        f"Security Hub CSPM of {ACCOUNT} in eu-central-1: imported 3 findings (3 new), archived 0"
    )
    assert said in ran.out
    assert scene.open_rules() == ["B307", "B404", "B602"]
    (found,) = [one for one in scene.hub.active() if "B602" in one["Title"]]
    assert found["GeneratorId"] == "buildsteps/scan/B602"
    assert found["ProductArn"].endswith(f":eu-central-1:{ACCOUNT}:product/{ACCOUNT}/default")
    assert found["Severity"]["Label"] == "HIGH"
    (resource,) = found["Resources"]
    assert resource["Id"] == "https://github.com/shop/orders"
    assert resource["Details"]["CodeRepository"] == {
        "ProviderType": "GITHUB",
        "ProjectName": "shop/orders",
    }
    (place,) = found["Vulnerabilities"][0]["CodeVulnerabilities"]
    assert (place["FilePath"]["FileName"], place["FilePath"]["StartLine"]) == ("run.py", 5)


def test_nothing_secret_of_a_remote_reaches_the_service_or_a_report(scene: Scene) -> None:
    address = "https://me:s3cr3t@github.com/shop/orders.git?t=more"
    ran = scene.scan("--format", "json", "--debug", "--repository", address)
    assert ran.code == 1
    assert "s3cr3t" not in json.dumps(scene.hub.findings) + ran.out + ran.err
    ran = scene.scan("--format", "json", "--debug")
    assert "s3cr3t" not in json.dumps(scene.hub.findings) + ran.out + ran.err


def test_what_was_fixed_or_accepted_is_archived_and_comes_back_with_its_defect(
    scene: Scene,
) -> None:
    scene.scan()
    scene.write("value.py", "def value(text):\n    return text\n")
    scene.write("run.py", SHELL.replace("True)", "True)  # buildsteps: accept[B602] ours"))
    ran = scene.scan()
    assert (ran.code, scene.open_rules()) == (0, ["B404"])
    assert "imported 1 finding (0 new), archived 2" in ran.out
    assert len(scene.hub.findings) == 3
    scene.write("value.py", EVAL)
    scene.scan()
    assert scene.open_rules() == ["B307", "B404"]
    assert len(scene.hub.findings) == 3


def test_lines_that_move_update_their_findings(scene: Scene) -> None:
    scene.scan()
    before = {one["Id"]: one["Description"] for one in scene.hub.active()}
    scene.write("value.py", "import json\n" * 50 + EVAL)
    assert "imported 3 findings (0 new), archived 0" in scene.scan().out
    after = {one["Id"]: one["Description"] for one in scene.hub.active()}
    assert before.keys() == after.keys()
    assert any("value.py:52:" in text for text in after.values())


def test_a_run_that_did_not_see_everything_archives_nothing(scene: Scene) -> None:
    scene.scan()
    scene.write("value.py", "def value(text):\n    return text\n")
    scene.scan("run.py")
    assert "B307" in scene.open_rules()
    scene.write("broken.py", "def (:\n")
    scene.scan()
    assert "B307" in scene.open_rules()


def test_failures_in_a_200_are_told_and_the_reports_are_written(scene: Scene) -> None:
    scene.write("run.py", SHELL.replace("True)", "True)  # nosec"))
    scene.write("value.py", "")
    scene.hub.refuse = {"B404": ("InvalidInput", 9)}
    ran = scene.scan("--format", "json", "--junit", "out.xml")
    assert ran.code == 3
    case = problem(ran)
    assert case["message"] == "Security Hub CSPM did not take 1 of 1 findings: InvalidInput (1)"
    assert "B404" in case["detail"]
    assert "InvalidInput on demand" in case["detail"]
    assert "InvalidInput" in (scene.folder / "out.xml").read_text()
    assert ran.report["facts"]["security_hub"]["refused"][0]["code"] == "InvalidInput"


def test_a_stop_stays_a_stop_when_the_import_fails_too(scene: Scene) -> None:
    scene.hub.refuse = {"B404": ("InvalidInput", 9)}
    assert scene.scan().code == 1
    assert scene.open_rules() == ["B307", "B602"]


def test_a_dry_run_asks_and_changes_nothing(scene: Scene) -> None:
    scene.scan()
    scene.write("value.py", "")
    before = json.dumps(scene.hub.findings)
    ran = scene.scan("--format=json", hub="--security-hub=dry-run")
    assert json.dumps(scene.hub.findings) == before
    facts = ran.report["facts"]["security_hub"]
    assert (facts["dry_run"], facts["open"], facts["fixed"]) == (True, 2, 1)
    assert [one["RecordState"] for one in facts["findings"]] == ["ACTIVE", "ACTIVE", "ARCHIVED"]
    said = scene.scan(hub="--security-hub=dry-run").out
    assert "dry run: would import 2 findings (0 new), archive 1" in said


def test_without_a_repository_nothing_is_scanned(scene: Scene) -> None:
    scene.git("remote", "remove", "origin")
    ran = scene.scan()
    assert ran.code == 2
    assert "give --repository ADDRESS" in ran.err
    assert scene.aws.calls == []
    assert "B602" in scene.scan("--explain=B602").out


def test_without_the_option_nobody_is_asked(scene: Scene) -> None:
    assert scene.scan(hub="--security-hub=none").code == 1
    assert scene.aws.calls == []


def test_a_word_that_is_none_is_a_wrong_call(scene: Scene) -> None:
    ran = scene.scan(hub="--security-hub=yes")
    assert ran.code == 2
    assert "'import', 'dry-run'" in ran.err
