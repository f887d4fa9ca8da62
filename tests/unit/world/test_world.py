import io
import sys
from pathlib import Path

import pytest

from buildsteps.world import system_world
from buildsteps.world.clock import SystemClock, iso_time, utc_date
from tests.world_double import NOON, fake_world


class Broken(io.StringIO):
    """A stream whose reader went away."""

    def write(self, text: str) -> int:
        raise BrokenPipeError


@pytest.mark.parametrize(
    ("text", "path"),
    [
        ("a", "/w/a"),
        ("../a", "/a"),
        ("/x/./y", "/x/y"),
        (".", "/w"),
        ("a//b/", "/w/a/b"),
        ("~", "/w/~"),
    ],
)
def test_a_path_is_what_the_user_wrote_from_the_working_folder(text: str, path: str) -> None:
    assert fake_world(Path("/w")).path(text) == Path(path)


def test_a_path_is_shown_as_the_user_would_write_it() -> None:
    world = fake_world(Path("/w"))
    assert (world.shown("/w/a"), world.shown(Path("/b"))) == ("a", "/b")


@pytest.mark.parametrize("stream", [None, Broken()])
def test_progress_that_nobody_reads_is_no_matter(
    monkeypatch: pytest.MonkeyPatch, stream: io.StringIO | None
) -> None:
    monkeypatch.setattr(sys, "stderr", stream)
    world = system_world()
    world.progress("a line")
    assert world.terminal is False


def test_progress_goes_to_standard_error(capsys: pytest.CaptureFixture[str]) -> None:
    system_world().progress("a line")
    assert capsys.readouterr() == ("", "a line\n")


def test_a_closed_standard_input_holds_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdin", None)
    assert system_world().read_stdin() == b""


def test_moments_are_told_in_utc() -> None:
    assert iso_time(NOON) == "2026-03-01T12:00:00Z"
    assert utc_date(NOON).isoformat() == "2026-03-01"
    assert SystemClock().monotonic() <= SystemClock().monotonic()
