"""buildspecs/cedar-diff.yml, run as CodeBuild runs it, on branches of a cloned repository."""

import json
import shutil
import subprocess
from collections.abc import Mapping
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest

from tests.buildspec_runner import BuildResult, run_buildspec
from tests.command_line import PHOTOS, ROOT, break_label, refactor

BUILDSPEC = ROOT / "buildspecs" / "cedar-diff.yml"


def git(folder: Path, *arguments: str) -> str:
    identity = ["-c", "user.name=a", "-c", "user.email=a@example.invalid"]
    defaults = [*identity, "-c", "init.defaultBranch=main"]
    done = subprocess.run(
        ["git", *defaults, *arguments], cwd=folder, check=True, capture_output=True, text=True
    )
    return done.stdout.strip()


@pytest.fixture
def origin(tmp_path: Path) -> Path:
    """The team's repository: the example as its store, and a later change on main."""
    folder = tmp_path / "origin"
    shutil.copytree(PHOTOS, folder / "policystore")
    git(folder, "init", "-q")
    git(folder, "add", "-A")
    git(folder, "commit", "-qm", "photos")
    return folder


def branch(origin: Path, *clone: str) -> Path:
    """A clone as CodeBuild makes it, at a commit of a branch that left main some time ago."""
    git(origin, "checkout", "-qb", "work")
    git(origin, "commit", "-q", "--allow-empty", "-m", "work")
    git(origin, "checkout", "-q", "main")
    (origin / "policystore" / "JaneVacation.cedar").unlink()
    git(origin, "commit", "-qam", "a change on main, which is none of the branch")
    folder = origin.parent / "source"
    git(origin.parent, "clone", "-q", *clone, "--branch", "work", origin.as_uri(), str(folder))
    git(folder, "checkout", "-q", "--detach")
    return folder


def failing(build: BuildResult) -> list[str]:
    """Return the names of the cases in the report group that failed."""
    return [
        case.get("name", "")
        for file in build.reports["cedar-diff"]
        for case in ET.parse(file.path).iter("testcase")
        if case.find("failure") is not None
    ]


def test_a_refactoring_passes_and_its_comment_is_kept(
    origin: Path, build_environment: Mapping[str, str]
) -> None:
    sources = branch(origin)
    refactor(sources / "policystore")
    build = run_buildspec(BUILDSPEC, sources, build_environment)
    assert build.succeeded, build.log
    assert failing(build) == []
    kept = {file.name: file.path for file in build.artifacts}
    assert set(kept) == {"reports/cedar-diff.md", "reports/cedar-diff.json"}
    assert kept["reports/cedar-diff.md"].read_text().startswith("### ✅ cedar-diff: passed")
    facts = json.loads(kept["reports/cedar-diff.json"].read_text())["facts"]
    assert facts["base"]["commit"] == git(sources, "rev-parse", "origin/work~1")


def test_the_broken_label_stops_the_build_and_stands_in_report_and_comment(
    origin: Path, build_environment: Mapping[str, str]
) -> None:
    sources = branch(origin)
    break_label(sources / "policystore")
    build = run_buildspec(BUILDSPEC, sources, build_environment)
    assert not build.succeeded
    assert build.phase("build").commands[-1].exit_code == 1, build.log
    assert failing(build) == [
        "newly allowed deletePhoto (Photo-labels-private, Application-moderators)",
        "newly allowed viewPhoto (Photo-labels-private, JaneVacation)",
    ]
    (comment,) = (file for file in build.artifacts if file.name.endswith(".md"))
    assert "\\`JohnDoe\\` may now viewPhoto" in comment.path.read_text()
    environ = {**build_environment, "CEDAR_FAIL_ON": "none"}
    assert run_buildspec(BUILDSPEC, sources, environ).succeeded


def test_a_clone_of_one_commit_says_that_it_needs_more(
    origin: Path, build_environment: Mapping[str, str]
) -> None:
    build = run_buildspec(BUILDSPEC, branch(origin, "--depth", "1"), build_environment)
    assert not build.succeeded
    assert "There is no common commit with origin/main: is this a full clone?" in build.log


def test_sources_without_history_say_so(
    tmp_path: Path, build_environment: Mapping[str, str]
) -> None:
    shutil.copytree(PHOTOS, tmp_path / "policystore")
    build = run_buildspec(BUILDSPEC, tmp_path, build_environment)
    assert not build.succeeded
    assert "The source has no git history: choose a full clone" in build.log


def test_a_store_that_the_branch_adds_has_nothing_to_be_compared_with(
    origin: Path, build_environment: Mapping[str, str]
) -> None:
    sources = branch(origin)
    (sources / "policystore").rename(sources / "renamed")
    environ = {**build_environment, "CEDAR_STORE": "renamed"}
    build = run_buildspec(BUILDSPEC, sources, environ)
    assert build.phase("build").commands[-1].exit_code == 0
    assert "renamed is new in this branch" in build.log
