from pathlib import Path

from msgspec.structs import replace

from buildsteps.world.heartbeat import watched
from tests.world_double import StillClock, fake_world


class TickingClock(StillClock):
    """A clock that a second passes on each time somebody looks at it."""

    def __init__(self) -> None:
        self.time = 0.0

    def monotonic(self) -> float:
        self.time += 1
        return self.time


def lines(folder: Path, *, terminal: bool) -> list[str]:
    told: list[str] = []
    world = replace(fake_world(folder, progress=told), clock=TickingClock(), terminal=terminal)
    assert list(watched(range(150), 150, "things", world)) == list(range(150))
    return told


def test_a_log_gets_a_line_a_minute_and_a_terminal_more(tmp_path: Path) -> None:
    assert lines(tmp_path, terminal=False) == ["60 of 150 things", "120 of 150 things"]
    assert len(lines(tmp_path, terminal=True)) > 20


def test_short_work_says_nothing(tmp_path: Path) -> None:
    told: list[str] = []
    list(watched(range(5), 5, "things", fake_world(tmp_path, progress=told)))
    assert told == []
