"""buildspecs/scan.yml, run as CodeBuild runs it, on the example shop."""

import json
import shutil
import subprocess
from collections.abc import Mapping
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest

from tests.buildspec_runner import BuildResult, run_buildspec
from tests.command_line import buildsteps

ROOT = Path(__file__).parents[2]
BUILDSPEC = ROOT / "buildspecs" / "scan.yml"
FOURTH = (
    "\n\ndef backup(customer: str) -> None:\n    import os\n\n    os.system('tar c ' + customer)\n"
)


@pytest.fixture
def environment(build_environment: Mapping[str, str]) -> Mapping[str, str]:
    """What a build finds, with the engines to be installed."""
    wheel = build_environment["BUILDSTEPS_PIP_SPEC"]
    return {**build_environment, "BUILDSTEPS_PIP_SPEC": f"{wheel}[scan]"}


@pytest.fixture
def sources(tmp_path: Path) -> Path:
    """A repository with the example shop, committed."""
    shutil.copytree(ROOT / "examples" / "scan" / "shop", tmp_path / "shop")
    git(tmp_path, "init", "-q")
    git(tmp_path, "add", "-A")
    git(tmp_path, "commit", "-qm", "shop")
    return tmp_path


def git(folder: Path, *arguments: str) -> None:
    identity = ["-c", "user.name=a", "-c", "user.email=a@example.invalid"]
    subprocess.run(["git", *identity, *arguments], cwd=folder, check=True, capture_output=True)


def failing(build: BuildResult) -> set[str]:
    """Return the names of the cases in the report group that failed."""
    return {
        case.get("name", "")
        for file in build.reports["scan"]
        for case in ET.parse(file.path).iter("testcase")
        if case.find("failure") is not None
    }


def test_the_planted_defects_stop_the_build_and_stand_in_every_report(
    sources: Path, environment: Mapping[str, str]
) -> None:
    build = run_buildspec(BUILDSPEC, sources, environment)
    assert not build.succeeded
    assert build.phase("build").commands[-1].exit_code == 1, build.log
    assert failing(build) == {"shop/orders.py", "shop/customers.py"}
    sarif = json.loads((sources / "reports" / "scan.sarif").read_text())
    assert {"B501", "B602", "B301"} <= {one["ruleId"] for one in sarif["runs"][0]["results"]}
    assert "shop/orders.py" in (sources / "reports" / "scan.html").read_text()


def test_with_a_baseline_only_a_new_one_stops_it(
    sources: Path, environment: Mapping[str, str]
) -> None:
    assert buildsteps("scan", "--write-baseline", cwd=sources).code == 0
    build = run_buildspec(BUILDSPEC, sources, environment)
    assert build.succeeded, build.log
    assert failing(build) == set()
    with (sources / "shop" / "customers.py").open("a") as file:
        file.write(FOURTH)
    assert failing(run_buildspec(BUILDSPEC, sources, environment)) == {"shop/customers.py"}


def test_since_a_commit_only_what_changed_is_judged(
    sources: Path, environment: Mapping[str, str]
) -> None:
    with (sources / "shop" / "customers.py").open("a") as file:
        file.write(FOURTH)
    build = run_buildspec(BUILDSPEC, sources, {**environment, "SCAN_SINCE": "HEAD"})
    assert failing(build) == {"shop/customers.py"}
    (message,) = [
        failure.get("message", "")
        for file in build.reports["scan"]
        for failure in ET.parse(file.path).iter("failure")
    ]
    assert "pickle" not in message.lower()
