from pathlib import Path

import pytest

from buildsteps.errors import UnreadableError
from buildsteps.steps.cedar.stores.scan import Scan, scan
from buildsteps.world.process import Completed
from tests.world_double import ScriptedProcesses, fake_world


def test_conventional_names_and_other_json_files_are_kept_in_order(tmp_path: Path) -> None:
    for name in ("b/z.cedar", "b/a.json", "a.cedar", "c.txt", "cedarschema.json", "b/x.json.bak"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).touch()
    assert scan(tmp_path, fake_world(tmp_path)) == Scan(
        tmp_path,
        files=tuple(tmp_path / name for name in ("a.cedar", "b/z.cedar", "cedarschema.json")),
        documents=(tmp_path / "b/a.json",),
    )


def test_an_empty_folder_is_an_empty_scan(tmp_path: Path) -> None:
    assert scan(tmp_path, fake_world(tmp_path)) == Scan(tmp_path, ())


def test_git_is_asked_once_and_only_in_a_repository(tmp_path: Path) -> None:
    for name in ("a.cedar", "b.cedar", "c.json"):
        (tmp_path / name).touch()
    ignored = f"{tmp_path}/b.cedar\0{tmp_path}/c.json\0".encode()
    processes = ScriptedProcesses(answers={"git": Completed(0, ignored, b"")})
    world = fake_world(tmp_path, processes=processes)
    assert len(scan(tmp_path, world).files) == 2
    assert processes.calls == []
    (tmp_path / ".git").mkdir()
    assert scan(tmp_path, world) == Scan(tmp_path, (tmp_path / "a.cedar",))
    assert processes.calls == [("git", "check-ignore", "--stdin", "-z")]


def test_without_git_nothing_is_ignored(tmp_path: Path) -> None:
    (tmp_path / ".git").mkdir()
    (tmp_path / "a.cedar").touch()
    assert scan(tmp_path, fake_world(tmp_path)).files == (tmp_path / "a.cedar",)


def test_names_that_are_no_utf8_are_found(tmp_path: Path) -> None:
    path = tmp_path / "a\udcff.cedar"
    path.touch()
    assert scan(tmp_path, fake_world(tmp_path)).files == (path,)


def test_a_folder_that_is_gone_is_told(tmp_path: Path) -> None:
    with pytest.raises(UnreadableError) as caught:
        scan(tmp_path / "gone", fake_world(tmp_path))
    assert str(caught.value) == "gone: this folder cannot be listed: no such file or directory"
