import io
import os
import random
import stat
import sys
import zipfile
from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryDirectory, TemporaryFile

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from buildsteps.errors import UsageError, WorldError
from buildsteps.steps.scan.codeguru.archive import Archive, write_archive
from buildsteps.steps.scan.codeguru.tree import Left
from tests.world_double import fake_world

ON_LINUX = pytest.mark.skipif(sys.platform != "linux", reason="platform: only Linux has it")


def packed(folder: Path, *paths: str, limit: int = 10_000_000) -> tuple[Archive, bytes]:
    with TemporaryFile() as file:
        archive = write_archive(paths, fake_world(folder), file, limit)
        file.seek(0)
        return archive, file.read()


def inside(data: bytes) -> dict[str, bytes]:
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        assert archive.testzip() is None
        return {info.filename: archive.read(info) for info in archive.infolist()}


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    folder = tmp_path / "shop"
    (folder / "src").mkdir(parents=True)
    (folder / "src" / "app.py").write_text("eval(input())\n")
    (folder / "README.md").write_text("# Shop\n")
    return folder


def test_files_are_stored_by_their_names_below_the_working_folder(tree: Path) -> None:
    archive, data = packed(tree, "src/app.py", "README.md")
    assert inside(data) == {"README.md": b"# Shop\n", "src/app.py": b"eval(input())\n"}
    assert archive.names == {"README.md": "README.md", "src/app.py": "src/app.py"}
    assert (archive.size, archive.unpacked) == (len(data), 21)


def test_names_begin_at_the_folder_that_holds_all_where_files_lie_outside(tree: Path) -> None:
    elsewhere = tree / "elsewhere"
    elsewhere.mkdir()
    paths = [str(tree / "src" / "app.py"), str(tree / "README.md")]
    archive, data = packed(elsewhere, *paths)
    assert set(inside(data)) == {"README.md", "src/app.py"}
    assert archive.names["src/app.py"] == str(tree / "src" / "app.py")


def test_times_modes_and_the_order_of_the_call_change_nothing(tree: Path) -> None:
    _, before = packed(tree, "src/app.py", "README.md")
    os.utime(tree / "README.md", (1, 1))
    (tree / "src" / "app.py").chmod(0o755)
    _, after = packed(tree, "README.md", "src/app.py")
    assert after == before


def test_entries_have_fixed_times_and_modes_and_names_in_utf8(tree: Path) -> None:
    (tree / "ü.py").write_text("")
    _, data = packed(tree, "ü.py", "README.md")
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        for info in archive.infolist():
            assert info.date_time == (1980, 1, 1, 0, 0, 0)
            assert stat.S_IMODE(info.external_attr >> 16) == 0o644
            assert stat.S_ISREG(info.external_attr >> 16)
        assert archive.getinfo("ü.py").flag_bits & 0x800


def test_a_link_is_left_out_wherever_it_leads(tree: Path, tmp_path: Path) -> None:
    (tmp_path / "secret").write_text("hunter2")
    (tree / "out").symlink_to(tmp_path / "secret")
    (tree / "in").symlink_to("README.md")
    (tree / "nowhere").symlink_to("missing")
    archive, data = packed(tree, "out", "in", "nowhere", "README.md")
    assert set(inside(data)) == {"README.md"}
    assert archive.left_for(Left.LINK) == ["in", "nowhere", "out"]


def test_a_file_behind_a_linked_folder_that_leads_out_is_left_out(
    tree: Path, tmp_path: Path
) -> None:
    (tmp_path / "etc").mkdir()
    (tmp_path / "etc" / "passwd").write_text("root")
    (tree / "conf").symlink_to(tmp_path / "etc")
    archive, data = packed(tree, "conf/passwd", "README.md")
    assert set(inside(data)) == {"README.md"}
    assert archive.left_for(Left.LINK) == ["conf/passwd"]


def test_special_files_and_vanished_ones_are_left_out(tree: Path) -> None:
    os.mkfifo(tree / "pipe")
    archive, data = packed(tree, "pipe", "gone.py", "README.md/x", "README.md")
    assert set(inside(data)) == {"README.md"}
    assert archive.left_for(Left.SPECIAL) == ["pipe"]
    assert archive.left_for(Left.GONE) == ["README.md/x", "gone.py"]


def test_an_archive_that_would_be_too_large_is_refused_and_names_the_largest_files(
    tree: Path,
) -> None:
    for number in range(4):
        (tree / f"{number}.bin").write_bytes(random.Random(number).randbytes(1000 * (number + 1)))
    names = [f"{number}.bin" for number in range(4)]
    with pytest.raises(UsageError) as told:
        packed(tree, *names, limit=8000)
    assert told.value.message == (
        "the archive of the files would be larger than the 8.0 kB that CodeGuru Security takes: "
        "leave some out with --exclude, or name a part as PATH"
    )
    assert told.value.detail.splitlines()[:2] == ["The largest so far:", "4.0 kB  3.bin"]


@ON_LINUX
def test_a_disk_that_is_full_is_told(tree: Path) -> None:
    with Path("/dev/full").open("w+b", buffering=0) as full, pytest.raises(WorldError) as told:
        write_archive(["README.md"], fake_world(tree), full)
    assert "no space left on device; TMPDIR names another folder" in told.value.message


FILES = st.dictionaries(
    st.binary(min_size=1, max_size=20).map(
        lambda data: os.fsdecode(data.replace(b"\0", b"0").replace(b"/", b"_") + b".py")
    ),
    st.binary(max_size=200),
    min_size=1,
    max_size=6,
)


@ON_LINUX
@settings(max_examples=40, suppress_health_check=[HealthCheck.too_slow], deadline=None)
@given(FILES, st.randoms(use_true_random=False))
def test_the_same_files_are_the_same_bytes_and_come_out_as_they_went_in(
    files: dict[str, bytes], shuffled: random.Random
) -> None:
    def made(order: Sequence[str]) -> tuple[Archive, bytes]:
        with TemporaryDirectory() as folder:
            for name in order:
                Path(folder, name).write_bytes(files[name])
            return packed(Path(folder), *order)

    other = list(files)
    shuffled.shuffle(other)
    archive, data = made(list(files))
    assert made(other) == (archive, data)
    assert {archive.names[name]: body for name, body in inside(data).items()} == files
