"""One program out of an archive; an archive that means harm gives nothing at all."""

import gzip
import io
import stat
import tarfile
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from buildsteps.steps.signing.installing.archive import WrongArchiveError, unpack

PROGRAM = b"\x7fELF a program"


def member(name: str, content: bytes = b"x", kind: bytes = tarfile.REGTYPE) -> tarfile.TarInfo:
    made = tarfile.TarInfo(name)
    made.type = kind
    made.size = len(content) if kind == tarfile.REGTYPE else 0
    made.linkname = "/etc/passwd"
    return made


def tar(path: Path, *members: tuple[tarfile.TarInfo, bytes]) -> Path:
    with tarfile.open(path, "w:gz") as archive:
        for made, content in members:
            archive.addfile(made, io.BytesIO(content))
    return path


NOTATION = (member("notation", PROGRAM), PROGRAM)


def zipped(path: Path, *members: tuple[str | zipfile.ZipInfo, bytes]) -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members:
            archive.writestr(name, content)
    return path


def unpacked(archive: Path, limit: int = 1_000_000) -> bytes:
    into = archive.with_name("out")
    unpack(archive, "notation", into, limit)
    return into.read_bytes()


def test_the_program_is_taken_out_of_a_tar_beside_a_licence(tmp_path: Path) -> None:
    folder = (member("./", kind=tarfile.DIRTYPE), b"")
    archive = tar(tmp_path / "a", folder, (member("LICENSE"), b"x"), NOTATION)
    assert unpacked(archive) == PROGRAM
    assert sorted(path.name for path in tmp_path.iterdir()) == ["a", "out"]


def test_the_program_is_taken_out_of_a_zip(tmp_path: Path) -> None:
    assert unpacked(zipped(tmp_path / "a", ("LICENSE", b"x"), ("notation", PROGRAM))) == PROGRAM


@pytest.mark.parametrize("program", [PROGRAM, b"#!/bin/sh\n"])
def test_a_bare_program_is_taken_as_it_is(tmp_path: Path, program: bytes) -> None:
    (tmp_path / "a").write_bytes(program)
    assert unpacked(tmp_path / "a") == program


def evil_zip(name: str, mode: int = 0) -> Callable[[Path], Path]:
    def make(path: Path) -> Path:
        made = zipfile.ZipInfo(name)
        made.external_attr = mode << 16
        return zipped(path, ("notation", PROGRAM), (made, b"/etc/passwd"))

    return make


def evil_tar(name: str, kind: bytes = tarfile.REGTYPE) -> Callable[[Path], Path]:
    return lambda path: tar(path, NOTATION, (member(name, kind=kind), b"x"))


@pytest.mark.parametrize(
    ("make", "said"),
    [
        (evil_tar("../up"), "would leave its folder"),
        (evil_tar("a/../../up"), "would leave its folder"),
        (evil_tar("/etc/cron.d/x"), "would leave its folder"),
        (evil_tar("a\\..\\b"), "a name that is none"),
        (evil_tar("C:x"), "a name that is none"),
        (evil_tar("link", tarfile.SYMTYPE), "neither a file nor a folder"),
        (evil_tar("link", tarfile.LNKTYPE), "neither a file nor a folder"),
        (evil_tar("tty", tarfile.CHRTYPE), "neither a file nor a folder"),
        (evil_tar("disk", tarfile.BLKTYPE), "neither a file nor a folder"),
        (evil_tar("pipe", tarfile.FIFOTYPE), "neither a file nor a folder"),
        (evil_tar("notation"), "holds `notation` more than once"),
        (evil_tar("./notation"), "holds `notation` more than once"),
        (evil_zip("../up"), "would leave its folder"),
        (evil_zip("/abs"), "would leave its folder"),
        (evil_zip("..\\up"), "a name that is none"),
        (evil_zip("link", stat.S_IFLNK | 0o777), "neither a file nor a folder"),
        (evil_zip("tty", stat.S_IFCHR), "neither a file nor a folder"),
        (evil_zip("./notation"), "holds `notation` more than once"),
        (lambda path: tar(path, (member("other"), b"x")), "does not hold `notation`"),
        (lambda path: zipped(path, ("other", b"x")), "does not hold `notation`"),
        (lambda path: tar(path, (member("bin/notation"), b"x")), "does not hold `notation`"),
        (lambda path: tar(path, (member("notation", kind=tarfile.SYMTYPE), b"")), "neither"),
    ],
)
def test_a_hostile_archive_is_refused_whole(
    tmp_path: Path, make: Callable[[Path], Path], said: str
) -> None:
    archive = make(tmp_path / "a")
    with pytest.raises(WrongArchiveError) as caught:
        unpack(archive, "notation", tmp_path / "shop-out")
    assert said in str(caught.value)
    assert not (tmp_path.parent / "up").exists()


@pytest.mark.parametrize("where", ["notation", "LICENSE"])
@pytest.mark.parametrize("make", [tar, zipped])
def test_a_bomb_ends_early(tmp_path: Path, make: Callable[..., Path], where: str) -> None:
    bomb = bytes(50_000_000)
    archive = tmp_path / "a"
    if make is tar:
        tar(archive, (member(where, bomb), bomb), (member("x"), b"x"))
    else:
        zipped(archive, (where, bomb))
    assert archive.stat().st_size < 100_000
    with pytest.raises(WrongArchiveError) as caught:
        unpacked(archive)
    assert "more than any program" in str(caught.value) or "does not hold" in str(caught.value)
    assert not (tmp_path / "out").exists()


def test_very_many_files_are_refused(tmp_path: Path) -> None:
    archive = tar(tmp_path / "a", *((member(f"f{number}"), b"x") for number in range(1001)))
    with pytest.raises(WrongArchiveError, match="more than 1,000 files"):
        unpack(archive, "notation", tmp_path / "out", 10_000_000)


@pytest.mark.parametrize("content", [b"", b"<html>", b"\x1f\x8b", b"PK", b"PK\x03\x04broken"])
def test_what_is_no_archive_is_told(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "a").write_bytes(content)
    with pytest.raises(WrongArchiveError):
        unpacked(tmp_path / "a")


def test_an_archive_that_ends_early_leaves_nothing(tmp_path: Path) -> None:
    whole = tar(tmp_path / "a", (member("notation", bytes(100_000)), bytes(range(250)) * 400))
    whole.write_bytes(whole.read_bytes()[:-40])
    with pytest.raises(WrongArchiveError, match=r"the tar\.gz is broken"):
        unpacked(whole)


def test_an_encrypted_zip_is_told(tmp_path: Path) -> None:
    archive = zipped(tmp_path / "a", ("notation", PROGRAM))
    content = bytearray(archive.read_bytes())
    for signature, offset in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        content[content.index(signature) + offset] |= 1
    archive.write_bytes(content)
    with pytest.raises(WrongArchiveError, match="the zip is broken"):
        unpacked(archive)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(st.binary(), st.sampled_from([b"", b"\x1f\x8b\x08\x00", b"PK\x03\x04"]), st.booleans())
def test_any_bytes_are_unpacked_or_refused(
    tmp_path: Path, content: bytes, head: bytes, compressed: bool
) -> None:
    path = tmp_path / "a"
    path.write_bytes(gzip.compress(head + content) if compressed else head + content)
    try:
        unpacked(path)
    except WrongArchiveError as error:
        assert str(error)
