import os
from pathlib import Path

import pytest

from buildsteps.errors import UnreadableError, WorldError
from buildsteps.results import Report
from buildsteps.steps.cedar.settings import ValidateOptions
from buildsteps.steps.cedar.validate import collect
from buildsteps.world.files import Files
from tests.world_double import fake_world


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b"\xff\xfea\x00", "x: is UTF-16, not UTF-8; save it as UTF-8"),
        (b"\xff\xfe\x00\x00a\x00\x00\x00", "x: is UTF-32, not UTF-8; save it as UTF-8"),
        (b"a\nb\xe9\n", "x:2: is not UTF-8 (byte 0xe9); save it as UTF-8"),
    ],
)
def test_another_encoding_is_named(tmp_path: Path, content: bytes, sentence: str) -> None:
    (tmp_path / "x").write_bytes(content)
    with pytest.raises(UnreadableError) as caught:
        Files(tmp_path).read_text(tmp_path / "x")
    assert str(caught.value) == sentence


def test_a_byte_order_mark_is_dropped(tmp_path: Path) -> None:
    (tmp_path / "x").write_bytes(b"\xef\xbb\xbfa")
    assert Files(tmp_path).read_text(tmp_path / "x") == "a"


def test_what_is_no_file_is_not_read(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    with (tmp_path / "large").open("wb") as stream:
        stream.truncate(10_000)
    files = Files(tmp_path)
    for name, sentence in (
        ("none", "none: cannot be read: no such file or directory"),
        (".", ".: is a folder"),
        ("pipe", "pipe: is no regular file"),
        ("large", "large: is too large: 10,000 bytes, more than the 100 allowed"),
    ):
        with pytest.raises(UnreadableError) as caught:
            files.read_bytes(tmp_path / name, 100)
        assert sentence in str(caught.value)


def test_a_policy_that_may_not_be_read_is_an_error_and_said_to_be_missing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "p.cedar").write_text("permit(principal, action, resource);")
    folder = tmp_path / "tests" / "s" / "ALLOW"
    folder.mkdir(parents=True)
    (folder / "a.cedarauth.json").write_text(
        '{"principal": "U::\\"a\\"", "action": "Action::\\"x\\"", "resource": "U::\\"a\\""}'
    )
    really = os.open

    def refuse(path: str | Path, flags: int) -> int:
        if str(path).endswith("p.cedar"):
            raise PermissionError(13, "Permission denied")
        return really(path, flags)

    monkeypatch.setattr(os, "open", refuse)
    report = collect(ValidateOptions(), fake_world(tmp_path))
    assert isinstance(report, Report)
    policy, test = report.cases
    assert policy.message == "cannot be read: permission denied"
    assert "p.cedar cannot be read, which may explain this" in test.detail


def test_writing_replaces_the_whole_file(tmp_path: Path) -> None:
    files = Files(tmp_path)
    files.write(tmp_path / "a" / "b", ["one", "two\udc80"])
    assert (tmp_path / "a" / "b").read_text() == "onetwo\\udc80"
    with pytest.raises(WorldError, match="cannot be written"):
        files.write(tmp_path / "a" / "b" / "c", ["x"])
