"""The hook as a team uses it: a real pre-commit in a repository of its own."""

import json
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.command_line import ROOT, break_label, clean_environment, photo_store

README = (ROOT / "README.md").read_text()


def git(folder: Path, *arguments: str) -> str:
    identity = ["-c", "user.name=a", "-c", "user.email=a@example.invalid"]
    done = subprocess.run(
        ["git", *identity, *arguments], cwd=folder, capture_output=True, text=True, check=True
    )
    return done.stdout.strip()


@pytest.fixture(scope="module")
def tool(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A git repository of this checkout as it is, committed or not."""
    folder = tmp_path_factory.mktemp("tool")
    for name in ("src", "pyproject.toml", "README.md", "LICENSE", ".pre-commit-hooks.yaml"):
        source = ROOT / name
        (shutil.copytree if source.is_dir() else shutil.copy)(source, folder / name)
    git(folder, "init", "-q")
    git(folder, "add", "-A")
    git(folder, "commit", "-qm", "tool")
    return folder


def pre_commit(repository: Path, home: Path) -> subprocess.CompletedProcess[str]:
    git(repository, "add", "-A")
    return subprocess.run(
        [sys.executable, "-m", "pre_commit", "run", "--all-files", "--verbose"],
        cwd=repository,
        env=clean_environment({"PRE_COMMIT_HOME": str(home)}),
        capture_output=True,
        text=True,
        check=False,
    )


def test_the_hook_of_the_readme_installs_the_package_itself(tool: Path, tmp_path: Path) -> None:
    (snippet,) = re.findall(r"^```yaml\n(repos:.*?)^```", README, re.MULTILINE | re.DOTALL)
    assert "[buildsteps]" in snippet
    repository = tmp_path / "team"
    repository.mkdir()
    git(repository, "init", "-q")
    local = snippet.replace("[buildsteps]", json.dumps([str(tool)]))
    (repository / ".pre-commit-config.yaml").write_text(local)
    break_label(photo_store(repository))
    stopped = pre_commit(repository, tmp_path / "home")
    assert stopped.returncode == 1
    assert "Did you mean `labels`?" in stopped.stdout


def test_the_hook_passes_stops_and_accepts_an_empty_repository(tool: Path, tmp_path: Path) -> None:
    repository = tmp_path / "team"
    repository.mkdir()
    git(repository, "init", "-q")
    (repository / ".pre-commit-config.yaml").write_text(
        f"repos:\n  - repo: {tool}\n    rev: {git(tool, 'rev-parse', 'HEAD')}\n"
        "    hooks: [{id: cedar-validate}]\n"
    )
    (repository / "empty.cedar").touch()
    nothing = pre_commit(repository, tmp_path / "home")
    assert nothing.returncode == 0, nothing.stdout + nothing.stderr
    (repository / "empty.cedar").unlink()
    store = photo_store(repository)
    passed = pre_commit(repository, tmp_path / "home")
    assert passed.returncode == 0, passed.stdout
    assert "PASSED: 47 passed" in passed.stdout
    break_label(store)
    stopped = pre_commit(repository, tmp_path / "home")
    assert stopped.returncode == 1
    assert "- exit code: 1" in stopped.stdout
    assert "Did you mean `labels`?" in stopped.stdout


def test_the_lint_hook_stops_on_a_policy_that_looks_wrong(tool: Path, tmp_path: Path) -> None:
    repository = tmp_path / "team"
    repository.mkdir()
    git(repository, "init", "-q")
    (repository / ".pre-commit-config.yaml").write_text(
        f"repos:\n  - repo: {tool}\n    rev: {git(tool, 'rev-parse', 'HEAD')}\n"
        "    hooks: [{id: cedar-lint}]\n"
    )
    store = photo_store(repository)
    passed = pre_commit(repository, tmp_path / "home")
    assert passed.returncode == 0, passed.stdout + passed.stderr
    (store / "Open.cedar").write_text("permit(principal, action, resource);\n")
    stopped = pre_commit(repository, tmp_path / "home")
    assert stopped.returncode == 1
    assert "unconstrained-permit" in stopped.stdout


def test_the_scan_hook_stops_on_a_new_finding_of_the_commit(tool: Path, tmp_path: Path) -> None:
    repository = tmp_path / "team"
    shutil.copytree(ROOT / "examples" / "scan" / "shop", repository / "shop")
    git(repository, "init", "-q")
    (repository / ".pre-commit-config.yaml").write_text(
        f"repos:\n  - repo: {tool}\n    rev: {git(tool, 'rev-parse', 'HEAD')}\n"
        "    hooks: [{id: scan}]\n"
    )
    stopped = pre_commit(repository, tmp_path / "home")
    assert stopped.returncode == 1, stopped.stdout + stopped.stderr
    assert "shop/customers.py" in stopped.stdout
    for name in ("customers.py", "orders.py"):
        (repository / "shop" / name).write_text("")
    passed = pre_commit(repository, tmp_path / "home")
    assert passed.returncode == 0, passed.stdout
