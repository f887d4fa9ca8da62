from pathlib import Path

import pytest

from buildsteps.world.git import files, ignored, repository_root
from buildsteps.world.process import Completed
from tests.world_double import ScriptedProcesses, fake_world


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
    paths = [f"{folder}/{name}" for name in ("a b", "new\nline", "-n", "\udcff")]
    answer = b"\0".join([bytes(folder / "new\nline"), bytes(folder / "\udcff"), b""])
    processes = ScriptedProcesses({"git": Completed(0, answer, b"")})
    progress: list[str] = []
    world = fake_world(folder, processes=processes, progress=progress)
    assert ignored(world, folder, paths) == {f"{folder}/new\nline", f"{folder}/\udcff"}
    (call,) = processes.calls
    assert call == ("git", "check-ignore", "--stdin", "-z")
    assert processes.inputs == [b"\0".join(bytes(Path(path)) for path in paths)]
    assert progress == []


@pytest.mark.parametrize(
    ("answers", "why"),
    [
        ({}, "git cannot be run: no such file or directory"),
        ({"git": Completed(128, b"", b"fatal: bad \x1b[31mconfig\nline 2\n")}, "fatal: bad config"),
        ({"git": Completed(-9, b"", b"")}, "git ended with status -9"),
    ],
)
def test_a_git_that_is_missing_or_fails_is_noted_once(
    answers: dict[str, Completed], why: str, tmp_path: Path
) -> None:
    progress: list[str] = []
    world = fake_world(
        repository(tmp_path), processes=ScriptedProcesses(answers), progress=progress
    )
    for _ in range(2):
        assert ignored(world, tmp_path, [f"{tmp_path}/a"]) == frozenset()
    said = "note: git cannot say which files it ignores, so none counts as ignored"
    assert progress == [f"{said}: {why}"]


def test_that_nothing_is_ignored_is_an_answer_too(tmp_path: Path) -> None:
    progress: list[str] = []
    processes = ScriptedProcesses({"git": Completed(1, b"", b"")})
    world = fake_world(repository(tmp_path), processes=processes, progress=progress)
    assert (ignored(world, tmp_path, [f"{tmp_path}/a"]), progress) == (frozenset(), [])


def test_nothing_is_asked_outside_a_repository_or_about_nothing(tmp_path: Path) -> None:
    processes = ScriptedProcesses({"git": Completed(0, b"x\0", b"")})
    world = fake_world(repository(tmp_path), processes=processes)
    assert ignored(world, tmp_path, []) == frozenset()
    assert processes.calls == []


def test_what_git_says_beside_its_list_is_noted(tmp_path: Path) -> None:
    (repository(tmp_path) / "a.py").write_text("")
    said = b"warning: could not open directory 'x/': Permission denied\n"
    processes = ScriptedProcesses({"git": Completed(0, b"a.py\0gone.py\0", said)})
    progress: list[str] = []
    listed = files(fake_world(tmp_path, processes=processes, progress=progress), tmp_path)
    assert listed is not None
    assert listed.files == ("a.py",)
    assert progress == ["note: git: warning: could not open directory 'x/': Permission denied"]
