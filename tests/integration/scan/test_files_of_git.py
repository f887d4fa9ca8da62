"""What git says is to be scanned, in real repositories."""

import os
import subprocess
from collections.abc import Mapping
from pathlib import Path

import pytest

from buildsteps.steps.scan.settings import ScanOptions
from buildsteps.steps.scan.subjects import subjects_of
from tests.integration.scan.engines import world_at, write


def git(folder: Path, *arguments: str) -> None:
    """Run git in ``folder``, apart from the configuration of whoever runs the tests."""
    said = {"GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_SYSTEM": os.devnull}
    who = {"GIT_AUTHOR_NAME": "a", "GIT_AUTHOR_EMAIL": "a@b.test"}
    committer = {"GIT_COMMITTER_NAME": "a", "GIT_COMMITTER_EMAIL": "a@b.test"}
    subprocess.run(
        ["git", "-c", "protocol.file.allow=always", *arguments],
        cwd=folder,
        env={**os.environ, **said, **who, **committer},
        check=True,
        capture_output=True,
    )


def repository(folder: Path, files: Mapping[str, str | bytes]) -> Path:
    """A repository with one commit of all ``files`` that are not ignored."""
    write(folder, files)
    git(folder, "init", "-q")
    git(folder, "add", ".")
    git(folder, "commit", "-q", "-m", "Begin")
    return folder


def names(folder: Path, *paths: str, said: list[str] | None = None) -> list[str]:
    world = world_at(folder, said=said)
    return list(subjects_of(ScanOptions(paths=paths), world).files)


def test_tracked_and_new_files_are_scanned_and_ignored_ones_are_not(tmp_path: Path) -> None:
    folder = repository(tmp_path, {".gitignore": "*.gen.py\nbuild/\n", "a.py": "", "gone.py": ""})
    write(folder, {"new.py": "", "x.gen.py": "", "build/b.py": ""})
    (folder / "gone.py").unlink()
    assert names(folder) == [".gitignore", "a.py", "new.py"]


def test_a_tracked_file_is_scanned_though_a_pattern_ignores_it(tmp_path: Path) -> None:
    folder = repository(tmp_path, {"a.py": ""})
    write(folder, {".gitignore": "a.py\n"})
    assert names(folder) == [".gitignore", "a.py"]


def test_an_ignored_file_or_folder_that_is_named_is_scanned(tmp_path: Path) -> None:
    files = {".gitignore": "gen/\nx.py\n", "gen/a.py": "", "x.py": "", "gen/deep/b.py": ""}
    folder = repository(tmp_path, files)
    assert names(folder, "x.py") == ["x.py"]
    assert names(folder, "gen") == ["gen/a.py", "gen/deep/b.py"]
    assert names(folder, "gen/deep/") == ["gen/deep/b.py"]


def test_a_folder_in_a_repository_is_listed_from_there(tmp_path: Path) -> None:
    folder = repository(tmp_path, {"a.py": "", "src/b.py": "", "src/deep/c.py": ""})
    assert names(folder / "src") == ["b.py", "deep/c.py"]
    assert names(folder, "src") == ["src/b.py", "src/deep/c.py"]
    assert names(folder / "src", "..") == [f"{folder}/a.py", "b.py", "deep/c.py"]


def test_names_come_through_git_as_they_are(tmp_path: Path) -> None:
    odd = ["a b.py", "ä.py", "-d.py", "new\nline.py", 'quo"te.py', "back\\slash.py"]
    folder = repository(tmp_path, dict.fromkeys(odd, ""))
    assert names(folder) == sorted(odd)


@pytest.mark.skipif(os.uname().sysname == "Darwin", reason="platform: names are UTF-8 there")
def test_names_that_are_no_utf8_come_through_git(tmp_path: Path) -> None:
    odd = os.fsdecode(b"\xff.py")
    assert names(repository(tmp_path, {odd: ""})) == [odd]


def test_links_are_told_and_not_followed(tmp_path: Path) -> None:
    folder = repository(tmp_path, {"a.py": ""})
    (folder / "b.py").symlink_to("a.py")
    (folder / "out").symlink_to("/etc")
    said: list[str] = []
    assert names(folder, said=said) == ["a.py"]
    assert said == ["note: 2 symbolic links below . not followed"]


def test_repositories_inside_are_told_and_scanned_when_named(tmp_path: Path) -> None:
    library = repository(tmp_path / "library", {"lib.py": ""})
    folder = repository(tmp_path / "app", {"a.py": ""})
    git(folder, "submodule", "add", "-q", str(library), "libs/x")
    repository(folder / "nested", {"n.py": ""})
    said: list[str] = []
    assert names(folder, said=said) == [".gitmodules", "a.py"]
    assert said == [
        "note: libs/x is a repository of its own: name it to scan it",
        "note: nested is a repository of its own: name it to scan it",
    ]
    assert names(folder, "libs/x", "nested") == ["libs/x/lib.py", "nested/n.py"]


def test_a_worktree_is_a_repository_too(tmp_path: Path) -> None:
    folder = repository(tmp_path / "main", {".gitignore": "x.py\n", "a.py": ""})
    git(folder, "worktree", "add", "-q", str(tmp_path / "other"))
    write(tmp_path / "other", {"x.py": "", "new.py": ""})
    assert names(tmp_path / "other") == [".gitignore", "a.py", "new.py"]


def test_a_repository_that_git_cannot_read_is_walked_and_that_is_told(tmp_path: Path) -> None:
    write(tmp_path, {".git": "gitdir: /nowhere", "a.py": "", "node_modules/b.py": ""})
    said: list[str] = []
    assert names(tmp_path, said=said) == ["a.py"]
    assert said[0].startswith("note: git cannot list its files, so all are taken: fatal: ")
