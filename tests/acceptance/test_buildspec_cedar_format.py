"""buildspecs/cedar-format.yml, run as CodeBuild runs it, on the example policy store."""

import shutil
from collections.abc import Mapping
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest

from tests.buildspec_runner import BuildResult, Status, run_buildspec
from tests.command_line import PHOTOS, ROOT

BUILDSPEC = ROOT / "buildspecs" / "cedar-format.yml"
UNTIDY = "permit(principal,action,resource);\n"


@pytest.fixture
def sources(tmp_path: Path) -> Path:
    """A repository with the example as its policy store."""
    shutil.copytree(PHOTOS, tmp_path / "policystore")
    return tmp_path


def failures(build: BuildResult) -> dict[str, str]:
    """The difference that the report shows for each file that is not formatted."""
    (file,) = build.reports["cedar-format"]
    return {
        str(case.get("name")): str(failure.text)
        for case in ET.parse(file.path).iter("testcase")
        for failure in case.iter("failure")
    }


def test_formatted_policies_pass_and_the_report_is_collected(
    sources: Path, build_environment: Mapping[str, str]
) -> None:
    build = run_buildspec(BUILDSPEC, sources, build_environment)
    assert build.succeeded, build.log
    assert [file.name for file in build.reports["cedar-format"]] == ["reports/cedar-format.xml"]
    assert failures(build) == {}


def test_a_policy_that_is_not_formatted_stops_the_build_and_stays_as_it_is(
    sources: Path, build_environment: Mapping[str, str]
) -> None:
    untidy = sources / "policystore" / "Untidy.cedar"
    untidy.write_text(UNTIDY)
    build = run_buildspec(BUILDSPEC, sources, build_environment)
    assert not build.succeeded
    assert build.phase("build").commands[-1].exit_code == 1, build.log
    (difference,) = failures(build).values()
    assert "-permit(principal,action,resource);" in difference
    assert untidy.read_text() == UNTIDY


def test_the_policies_may_lie_elsewhere_also_in_a_folder_with_a_space(
    sources: Path, build_environment: Mapping[str, str]
) -> None:
    (sources / "policystore").rename(sources / "photo policies")
    environ = {**build_environment, "CEDAR_POLICIES": "photo policies"}
    assert run_buildspec(BUILDSPEC, sources, environ).succeeded


def test_a_folder_without_policies_fails_the_build_because_nothing_was_judged(
    sources: Path, build_environment: Mapping[str, str]
) -> None:
    shutil.rmtree(sources / "policystore")
    (sources / "policystore").mkdir()
    build = run_buildspec(BUILDSPEC, sources, build_environment)
    assert build.phase("build").status is Status.FAILED
    assert build.phase("build").commands[-1].exit_code == 2, build.log
