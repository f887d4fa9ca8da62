import threading
from pathlib import Path

import pytest

from tests.real_parts.cache import cached


def test_a_part_is_built_once_and_kept(tmp_path: Path) -> None:
    built: list[Path] = []

    def build(folder: Path) -> None:
        built.append(folder)
        (folder / "tool").write_text("it")

    for _ in range(2):
        folder = cached("part", "1.0", build, cache=tmp_path)
        assert (folder / "tool").read_text() == "it"
    assert len(built) == 1
    assert cached("part", "1.1", build, cache=tmp_path) != folder


def test_a_build_that_fails_leaves_nothing_to_be_taken_for_the_part(tmp_path: Path) -> None:
    def fail(folder: Path) -> None:
        (folder / "half").touch()
        raise RuntimeError("no network")

    with pytest.raises(RuntimeError):
        cached("part", "1.0", fail, cache=tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == ["part-1.0.lock"]
    assert not list(cached("part", "1.0", lambda folder: None, cache=tmp_path).iterdir())


def test_of_several_at_once_one_builds_and_the_others_wait(tmp_path: Path) -> None:
    built: list[Path] = []
    started = threading.Barrier(4)
    got: list[str] = []

    def build(folder: Path) -> None:
        built.append(folder)
        (folder / "tool").write_text("it")

    def want() -> None:
        started.wait()
        got.append((cached("part", "1.0", build, cache=tmp_path) / "tool").read_text())

    threads = [threading.Thread(target=want) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert got == ["it"] * 4
    assert len(built) == 1
