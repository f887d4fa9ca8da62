import errno
import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from buildsteps.errors import UnreadableError, WorldError
from buildsteps.world.files import Files, shown_path


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


@pytest.mark.parametrize(
    ("path", "cwd", "shown"),
    [
        ("/a/b/c", "/a/b", "c"),
        ("/a/b", "/a/b", "."),
        ("/a/bc", "/a/b", "/a/bc"),
        ("/x", "/", "x"),
        ("/a", "/a/b", "/a"),
        ("already/relative", "/a", "already/relative"),
    ],
)
def test_a_path_is_shown_relative_where_it_lies_below(path: str, cwd: str, shown: str) -> None:
    assert shown_path(path, cwd) == shown


def test_a_failure_half_way_leaves_the_old_file_and_nothing_beside(tmp_path: Path) -> None:
    (tmp_path / "r").write_text("old")

    def pieces() -> Iterator[str]:
        yield "half"
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        Files(tmp_path).write(tmp_path / "r", pieces())
    assert (tmp_path / "r").read_text() == "old"
    assert names(tmp_path) == ["r"]


def test_a_full_disk_is_told_and_leaves_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(self: Path, target: Path) -> Path:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(Path, "replace", full)
    with pytest.raises(WorldError) as caught:
        Files(tmp_path).write(tmp_path / "r", ["x"])
    assert str(caught.value) == "r: cannot be written: no space left on device"
    assert names(tmp_path) == []


def test_what_is_written_has_the_rights_of_any_new_file(tmp_path: Path) -> None:
    (tmp_path / "plain").touch()
    Files(tmp_path).write(tmp_path / "r", ["x"])
    assert (tmp_path / "r").stat().st_mode == (tmp_path / "plain").stat().st_mode


def test_lines_end_as_they_were_given(tmp_path: Path) -> None:
    Files(tmp_path).write(tmp_path / "r", ["a\n", "b\r\n"])
    assert (tmp_path / "r").read_bytes() == b"a\nb\r\n"


def test_a_stale_file_goes_and_a_missing_one_is_no_matter(tmp_path: Path) -> None:
    files = Files(tmp_path)
    (tmp_path / "r").touch()
    files.remove_stale(tmp_path / "r")
    files.remove_stale(tmp_path / "r")
    assert names(tmp_path) == []


def test_a_folder_in_the_way_is_not_removed(tmp_path: Path) -> None:
    (tmp_path / "r").mkdir()
    with pytest.raises(WorldError, match=r"^r: cannot be written: "):
        Files(tmp_path).remove_stale(tmp_path / "r")
    assert names(tmp_path) == ["r"]


def test_a_device_is_neither_removed_nor_replaced(tmp_path: Path) -> None:
    null = tmp_path / "null"
    null.symlink_to("/dev/null")  # only the link is at risk
    files = Files(tmp_path)
    files.remove_stale(null)
    files.write(null, ["x"])
    assert null.is_symlink()
    assert null.is_char_device()


def test_a_pipe_is_written_as_it_is(tmp_path: Path) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    reading = os.open(pipe, os.O_RDONLY | os.O_NONBLOCK)
    files = Files(tmp_path)
    files.remove_stale(pipe)
    files.write(pipe, ["a", "b"])
    assert os.read(reading, 10) == b"ab"
    os.close(reading)
    assert names(tmp_path) == ["pipe"]


def test_a_file_of_exactly_the_limit_is_read(tmp_path: Path) -> None:
    (tmp_path / "r").write_bytes(b"12345")
    files = Files(tmp_path)
    assert files.read_bytes(tmp_path / "r", 5) == b"12345"
    with pytest.raises(UnreadableError, match="is too large: 5 bytes, more than the 4 allowed"):
        files.read_bytes(tmp_path / "r", 4)


def test_a_link_is_followed_and_a_ring_of_links_is_told(tmp_path: Path) -> None:
    (tmp_path / "r").write_text("x")
    (tmp_path / "link").symlink_to("r")
    (tmp_path / "ring").symlink_to("ring")
    assert Files(tmp_path).read_text(tmp_path / "link") == "x"
    with pytest.raises(UnreadableError, match="ring: cannot be read: too many levels of symbolic"):
        Files(tmp_path).read_text(tmp_path / "ring")


@pytest.mark.parametrize(
    ("content", "text"), [(b"", ""), (b"a\r\nb", "a\r\nb"), ("é😀".encode(), "é😀")]
)
def test_utf_8_is_read_as_it_is(tmp_path: Path, content: bytes, text: str) -> None:
    (tmp_path / "r").write_bytes(content)
    assert Files(tmp_path).read_text(tmp_path / "r") == text


def test_a_name_that_is_none_is_told_as_unreadable(tmp_path: Path) -> None:
    with pytest.raises(UnreadableError, match="cannot be read: embedded null byte"):
        Files(tmp_path).read_bytes("with\0nul")
