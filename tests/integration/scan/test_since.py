"""``--since`` against the real git."""

import subprocess
from collections.abc import Mapping
from pathlib import Path

import pytest
from msgspec.structs import replace

from buildsteps.errors import UsageError, WorldError
from buildsteps.steps.scan.verdict.since import Lines, changed_since
from buildsteps.world import World
from buildsteps.world.process import SystemProcesses
from tests.world_double import fake_world

LINES = "".join(f"line {number}\n" for number in range(1, 31))


def git(folder: Path, *arguments: str) -> None:
    who = ("-c", "user.name=t", "-c", "user.email=t@example.com", "-c", "init.defaultBranch=main")
    subprocess.run(["git", *who, *arguments], cwd=folder, check=True, capture_output=True)


def commit(folder: Path, message: str = "m") -> None:
    git(folder, "add", "--all")
    git(folder, "commit", "--quiet", "--allow-empty", "-m", message)


def world(folder: Path) -> World:
    return replace(fake_world(folder), processes=SystemProcesses())


def lines(folder: Path, ref: str = "main") -> Mapping[str, Lines | None]:
    return changed_since(ref, world(folder)).lines


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    """A branch ``work`` that left ``main``, which went on since."""
    folder = tmp_path / "repository"
    folder.mkdir()
    git(folder, "init", "--quiet", ".")
    for name in ("a.py", "b.py", "c.py"):
        (folder / name).write_text(LINES)
    commit(folder)
    git(folder, "checkout", "--quiet", "-b", "work")
    git(folder, "checkout", "--quiet", "main")
    (folder / "b.py").write_text("changed on main\n" + LINES)
    commit(folder)
    git(folder, "checkout", "--quiet", "work")
    return folder


def edit(path: Path, old: str, new: str) -> None:
    path.write_text(path.read_text().replace(old, new, 1))


def test_what_was_committed_staged_and_only_saved_counts_and_main_does_not(
    repository: Path,
) -> None:
    edit(repository / "a.py", "line 3\n", "line three\nand more\n")
    commit(repository)
    edit(repository / "b.py", "line 7\n", "line seven\n")
    git(repository, "add", "b.py")
    edit(repository / "b.py", "line 20\n", "")
    edit(repository / "c.py", "line 30\n", "line 30\nline 31")
    assert lines(repository) == {"a.py": [(3, 4)], "b.py": [(7, 7)], "c.py": [(31, 31)]}


def test_files_that_git_does_not_know_yet_are_new_and_ignored_ones_are_not(
    repository: Path,
) -> None:
    (repository / ".gitignore").write_text("ignored.py\n")
    commit(repository)
    for name in ("new.py", "ignored.py", "ü b.py"):
        (repository / name).write_text("x\n")
    assert lines(repository) == {".gitignore": [(1, 1)], "new.py": None, "ü b.py": None}


def test_a_renamed_file_has_only_the_lines_that_were_changed(repository: Path) -> None:
    git(repository, "mv", "a.py", "moved.py")
    git(repository, "mv", "c.py", "only moved.py")
    edit(repository / "moved.py", "line 3\n", "line three\n")
    assert lines(repository) == {"moved.py": [(3, 3)]}


def test_names_of_any_kind_come_out_as_they_are(repository: Path) -> None:
    names = ['quote".py', "tab\there.py", "back\\slash.py", "line\nend.py", "ü b .py", "bell\a.py"]
    for name in names:
        (repository / name).write_text(LINES)
    commit(repository)
    git(repository, "branch", "--force", "names")
    for name in names:
        edit(repository / name, "line 9\n", "line nine\n")
    assert lines(repository, "names") == {name: [(9, 9)] for name in names}


def test_from_a_folder_below_paths_are_as_we_show_them(repository: Path) -> None:
    (repository / "sub").mkdir()
    (repository / "sub/d.py").write_text("x\n")
    edit(repository / "a.py", "line 3\n", "line three\n")
    commit(repository)
    assert lines(repository / "sub") == {"d.py": [(1, 1)], str(repository / "a.py"): [(3, 3)]}


def test_configuration_of_the_user_changes_nothing(repository: Path) -> None:
    for key, value in (
        ("diff.noprefix", "true"),
        ("diff.mnemonicPrefix", "true"),
        ("diff.interHunkContext", "9"),
        ("diff.context", "9"),
        ("diff.external", "false"),
        ("diff.relative", "true"),
        ("diff.renames", "false"),
        ("color.diff", "always"),
        ("diff.upper.textconv", "false"),
    ):
        git(repository, "config", key, value)
    (repository / ".git/info/attributes").write_text("*.py diff=upper\n")
    edit(repository / "a.py", "line 3\n", "line three\n")
    edit(repository / "a.py", "line 6\n", "line six\n")
    assert lines(repository) == {"a.py": [(3, 3), (6, 6)]}


def test_an_edit_that_looks_like_a_patch_is_only_text(repository: Path) -> None:
    edit(repository / "a.py", "line 3\n", "++ b/b.py\n@@ -1 +1,30 @@\n+++ b/b.py\n")
    assert lines(repository) == {"a.py": [(3, 5)]}


@pytest.mark.parametrize("ref", ["nothing", "main..work", "HEAD:a.py", "", "v1 v2", "@{upstream}"])
def test_an_unknown_commit_is_a_wrong_call(repository: Path, ref: str) -> None:
    with pytest.raises(UsageError) as caught:
        lines(repository, ref)
    assert str(caught.value) == (
        f"--since: git knows no commit {ref} here; `git fetch` may bring it"
    )


@pytest.mark.parametrize("ref", ["--output=x", "-h", "a\0b", "a\nb"])
def test_what_is_no_name_of_a_commit_never_reaches_git(repository: Path, ref: str) -> None:
    with pytest.raises(UsageError, match="is no name of a commit"):
        lines(repository, ref)
    assert sorted(path.name for path in repository.iterdir()) == [".git", "a.py", "b.py", "c.py"]


def test_a_shallow_clone_says_how_to_get_the_rest(repository: Path, tmp_path: Path) -> None:
    commit(repository)
    git(tmp_path, "clone", "--quiet", "--depth=1", f"file://{repository}", "shallow")
    with pytest.raises(UsageError) as caught:
        lines(tmp_path / "shallow", "origin/main")
    assert str(caught.value) == (
        "--since: git knows no commit origin/main here;"
        " this clone is shallow: `git fetch --unshallow` brings what is missing"
    )
    git(tmp_path / "shallow", "fetch", "--quiet", "--depth=1", "origin", "main")
    with pytest.raises(UsageError, match="have no commit in common; this clone is shallow"):
        lines(tmp_path / "shallow", "FETCH_HEAD")


def test_histories_without_a_common_commit_are_a_wrong_call(repository: Path) -> None:
    git(repository, "checkout", "--quiet", "--orphan", "other")
    commit(repository, "no child of main")
    with pytest.raises(UsageError, match="main and HEAD have no commit in common"):
        lines(repository)


def test_a_folder_without_repository_is_a_wrong_call(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="is in no git repository"):
        lines(tmp_path)


def test_a_repository_without_commits_is_a_wrong_call(tmp_path: Path) -> None:
    git(tmp_path, "init", "--quiet", ".")
    with pytest.raises(UsageError, match="git knows no commit main here"):
        lines(tmp_path)


def test_without_git_the_world_failed(repository: Path) -> None:
    with pytest.raises(WorldError, match="git cannot be run"):
        changed_since("main", fake_world(repository))


def test_a_repository_that_git_cannot_read_is_the_worlds_fault(repository: Path) -> None:
    (repository / ".git/config").write_text("[broken\n")
    with pytest.raises(WorldError, match="git cannot say what changed: fatal: bad config line 1"):
        lines(repository)
