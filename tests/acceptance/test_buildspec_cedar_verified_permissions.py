"""buildspecs/cedar-verified-permissions.yml, run as CodeBuild runs it."""

from collections.abc import Mapping
from pathlib import Path
from xml.etree import ElementTree as ET

from tests.buildspec_runner import BuildResult, run_buildspec
from tests.command_line import ROOT
from tests.policy_store import Deployment, deployment

BUILDSPEC = ROOT / "buildspecs" / "cedar-verified-permissions.yml"


def build(photos: Deployment, machine: Mapping[str, str]) -> BuildResult:
    environ = {**machine, **photos.aws.environment(), "POLICY_STORE": photos.store.id}
    return run_buildspec(BUILDSPEC, photos.folder.parent, environ)


def failing(built: BuildResult) -> set[str]:
    """The names of the cases in the report group that failed."""
    return {
        case.get("name", "")
        for file in built.reports["cedar-verified-permissions"]
        for case in ET.parse(file.path).iter("testcase")
        if case.find("failure") is not None
    }


def test_a_store_passes_until_somebody_edits_it_in_the_console(
    tmp_path: Path, ready_environment: Mapping[str, str]
) -> None:
    with deployment(tmp_path / "policystore") as photos:
        built = build(photos, ready_environment)
        assert built.succeeded, built.log
        assert failing(built) == set()
        photos.edit("Photo-labels-private", '"private"', '"secret"')
        built = build(photos, ready_environment)
    assert not built.succeeded
    assert built.phase("build").commands[-1].exit_code == 1, built.log
    assert failing(built) == {
        "DENY JohnDoe-views-nightclub",
        "policy Photo-labels-private",
    }


def test_without_the_name_of_a_store_nothing_is_judged(
    tmp_path: Path, ready_environment: Mapping[str, str]
) -> None:
    built = run_buildspec(BUILDSPEC, tmp_path, ready_environment)
    assert not built.succeeded
    assert "names the policy store" in built.log
