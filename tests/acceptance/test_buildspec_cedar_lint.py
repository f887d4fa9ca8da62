"""buildspecs/cedar-lint.yml, run as CodeBuild runs it, on the example policy store."""

import shutil
from collections.abc import Mapping
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest

from tests.buildspec_runner import BuildResult, Status, run_buildspec
from tests.command_line import PHOTOS, ROOT

BUILDSPEC = ROOT / "buildspecs" / "cedar-lint.yml"
OPEN = 'permit(principal, action == PhotoApp::Action::"deletePhoto", resource);\n'


@pytest.fixture
def sources(tmp_path: Path) -> Path:
    """A repository with the example as its policy store."""
    shutil.copytree(PHOTOS, tmp_path / "policystore")
    return tmp_path


def failures(build: BuildResult) -> dict[str, str]:
    """What the report shows for each file in which something stops."""
    (file,) = build.reports["cedar-lint"]
    return {
        str(case.get("name")): str(failure.text)
        for case in ET.parse(file.path).iter("testcase")
        for failure in case.iter("failure")
    }


def test_policies_that_look_right_pass_and_the_report_is_collected(
    sources: Path, build_environment: Mapping[str, str]
) -> None:
    build = run_buildspec(BUILDSPEC, sources, build_environment)
    assert build.succeeded, build.log
    assert [file.name for file in build.reports["cedar-lint"]] == ["reports/cedar-lint.xml"]
    assert failures(build) == {}


def test_a_permit_for_everybody_stops_the_build_and_the_report_says_where(
    sources: Path, build_environment: Mapping[str, str]
) -> None:
    (sources / "policystore" / "Open.cedar").write_text(OPEN)
    build = run_buildspec(BUILDSPEC, sources, build_environment)
    assert build.phase("build").commands[-1].exit_code == 1, build.log
    said = failures(build)["lint Open.cedar"]
    assert "policystore/Open.cedar:1:1: permit `Open` lets every principal" in said
    assert "[unconstrained-permit]" in said


def test_the_severity_that_stops_is_set_by_the_environment(
    sources: Path, build_environment: Mapping[str, str]
) -> None:
    (sources / "policystore" / "Open.cedar").write_text(OPEN)
    environ = {**build_environment, "BUILDSTEPS_CEDAR_LINT_FAIL_ON": "high"}
    build = run_buildspec(BUILDSPEC, sources, environ)
    assert build.succeeded, build.log


def test_a_folder_without_policies_fails_the_build_because_nothing_was_judged(
    sources: Path, build_environment: Mapping[str, str]
) -> None:
    shutil.rmtree(sources / "policystore")
    (sources / "policystore").mkdir()
    build = run_buildspec(BUILDSPEC, sources, build_environment)
    assert build.phase("build").status is Status.FAILED
    assert build.phase("build").commands[-1].exit_code == 2, build.log
