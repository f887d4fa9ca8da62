"""buildspecs/cedar-validate.yml, run as CodeBuild runs it, on the example policy store."""

import shutil
from collections.abc import Mapping
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest

from tests.buildspec_runner import BuildResult, Status, run_buildspec

ROOT = Path(__file__).parents[2]
BUILDSPEC = ROOT / "buildspecs" / "cedar-validate.yml"
EXAMPLE = ROOT / "examples" / "photo-sharing"
REFACTORING = ROOT / "tests" / "data" / "photo-sharing-refactoring"


@pytest.fixture
def sources(tmp_path: Path) -> Path:
    """A repository with the example as its policy store."""
    shutil.copytree(EXAMPLE, tmp_path / "policystore")
    return tmp_path


def failing_cases(build: BuildResult) -> dict[tuple[str, str], str]:
    """Return suite and name of each case in the report that did not pass, and how it ended."""
    return {
        key: f"{problem.tag}: {problem.get('message')}"
        for key, case in cases(build).items()
        for problem in case
        if problem.tag in {"failure", "error"}
    }


def cases(build: BuildResult) -> dict[tuple[str, str], ET.Element]:
    """Return the cases of the report group by suite and name."""
    return {
        (suite.get("name", ""), case.get("name", "")): case
        for file in build.reports["cedar-validate"]
        for suite in ET.parse(file.path).iter("testsuite")
        for case in suite.iter("testcase")
    }


def test_the_example_passes_and_its_report_is_collected(
    sources: Path, build_environment: Mapping[str, str]
) -> None:
    build = run_buildspec(BUILDSPEC, sources, build_environment)
    assert build.succeeded, build.log
    assert [file.name for file in build.reports["cedar-validate"]] == ["reports/cedar-validate.xml"]
    assert failing_cases(build) == {}
    assert {
        ("validate", "validate Photo-labels-private.cedar"),
        ("Album JaneVacation", "ALLOW JohnDoe-views-sunset"),
        ("Album JaneVacation", "DENY JohnDoe-views-nightclub"),
    } <= set(cases(build))


def test_the_misspelt_attribute_fails_the_build_with_an_invalid_policy_and_one_wrong_decision(
    sources: Path, build_environment: Mapping[str, str]
) -> None:
    policy = sources / "policystore" / "Photo-labels-private.cedar"
    policy.write_text(policy.read_text().replace("resource.labels", "resource.label"))
    build = run_buildspec(BUILDSPEC, sources, build_environment)
    assert not build.succeeded
    assert build.phase("build").commands[-1].exit_code == 1, build.log
    problems = failing_cases(build)
    assert set(problems) == {
        ("validate", "validate Photo-labels-private.cedar"),
        ("Album JaneVacation", "DENY JohnDoe-views-nightclub"),
    }
    assert problems["validate", "validate Photo-labels-private.cedar"].startswith("error: ")
    assert (
        problems["Album JaneVacation", "DENY JohnDoe-views-nightclub"]
        == "failure: unexpected ALLOW"
    )


def test_replacing_two_policies_by_a_template_and_two_links_changes_no_decision(
    sources: Path, build_environment: Mapping[str, str]
) -> None:
    store = sources / "policystore"
    (store / "DoePhotos.cedar").unlink()
    (store / "JaneVacation.cedar").unlink()
    shutil.copytree(REFACTORING, store, dirs_exist_ok=True)
    build = run_buildspec(BUILDSPEC, sources, build_environment)
    assert build.succeeded, build.log
    assert failing_cases(build) == {}
    assert ("Album JaneVacation", "ALLOW JohnDoe-views-sunset") in cases(build)


def test_the_store_may_lie_elsewhere_also_in_a_folder_with_a_space(
    sources: Path, build_environment: Mapping[str, str]
) -> None:
    (sources / "policystore").rename(sources / "photo policies")
    environ = {**build_environment, "CEDAR_STORE": "photo policies"}
    build = run_buildspec(BUILDSPEC, sources, environ)
    assert build.succeeded, build.log


def test_a_tool_that_cannot_be_installed_fails_the_build_before_anything_is_judged(
    sources: Path, build_environment: Mapping[str, str]
) -> None:
    environ = {**build_environment, "BUILDSTEPS_PIP_SPEC": "./no-such.whl"}
    build = run_buildspec(BUILDSPEC, sources, environ)
    assert (build.phase("install").status, build.phase("build").status) == (
        Status.FAILED,
        Status.SKIPPED,
    )
    assert build.reports == {"cedar-validate": ()}
