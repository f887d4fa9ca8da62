from pathlib import Path

from buildsteps.world.git import ignored, repository_root
from buildsteps.world.process import Completed
from tests.world_double import ScriptedProcesses


def repository(folder: Path) -> Path:
    (folder / ".git").mkdir()
    return folder


def test_the_root_is_the_nearest_folder_with_git(tmp_path: Path) -> None:
    inner = repository(tmp_path) / "a" / "b"
    inner.mkdir(parents=True)
    assert repository_root(inner) == tmp_path
    (tmp_path / "a" / ".git").write_text("gitdir: elsewhere")  # a worktree or submodule
    assert repository_root(inner) == tmp_path / "a"


def test_git_is_asked_once_for_all_names_whatever_is_in_them(tmp_path: Path) -> None:
    folder = repository(tmp_path)
    paths = [folder / "a b", folder / "new\nline", folder / "-n", folder / "\udcff"]
    answer = b"\0".join([bytes(folder / "new\nline"), bytes(folder / "\udcff"), b""])
    processes = ScriptedProcesses({"git": Completed(0, answer, b"")})
    assert ignored(processes, folder, paths) == {folder / "new\nline", folder / "\udcff"}
    (call,) = processes.calls
    assert call == ("git", "check-ignore", "--stdin", "-z")
    assert processes.inputs == [b"\0".join(map(bytes, paths))]


def test_nothing_is_ignored_where_git_is_missing(tmp_path: Path) -> None:
    processes = ScriptedProcesses()
    assert ignored(processes, repository(tmp_path), [tmp_path / "a"]) == frozenset()
    assert len(processes.calls) == 1


def test_nothing_is_asked_outside_a_repository_or_about_nothing(tmp_path: Path) -> None:
    processes = ScriptedProcesses({"git": Completed(0, b"x\0", b"")})
    assert ignored(processes, repository(tmp_path), []) == frozenset()
    assert processes.calls == []
