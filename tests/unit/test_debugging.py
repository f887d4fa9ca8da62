from pathlib import Path

import pytest

from buildsteps.debugging import logged
from buildsteps.errors import BuildstepsError
from buildsteps.options import CommonOptions
from buildsteps.results import Case, Outcome, Report
from buildsteps.run import execute
from buildsteps.step import Step
from buildsteps.world import World
from buildsteps.world.process import Completed
from tests.world_double import ScriptedProcesses, fake_world


def collect(_options: CommonOptions, world: World) -> Report:
    world.files.read_text(world.path("a.txt"))
    world.processes.run(["git", "check ignore"], stdin=b"secret")
    return Report(cases=[Case(name="a", group="g", outcome=Outcome.PASSED)])


STEP = Step("config check", CommonOptions, collect)


def log(folder: Path, **flags: object) -> list[str]:
    (folder / "a.txt").write_text("1234")
    (folder / "buildsteps.yaml").write_text("config_check: {quiet: true}\n")
    told: list[str] = []
    processes = ScriptedProcesses({"git": Completed(0, b"", b"")})
    world = fake_world(folder, progress=told, processes=processes)
    assert execute(STEP, {"junit": "r.xml", **flags}, world) == 0
    return told


def test_debug_logs_options_with_source_files_and_programs(tmp_path: Path) -> None:
    told = log(tmp_path, debug=True)
    assert 'debug: option junit = "r.xml" (flag --junit)' in told
    assert "debug: option quiet = true (file buildsteps.yaml:1)" in told
    assert "debug: option verbose = false (default)" in told
    order = ["read buildsteps.yaml, 28 bytes", "read a.txt, 4 bytes", "wrote r.xml"]
    assert [line for line in told if "read" in line or "wrote" in line] == [
        f"debug: {line}" for line in order
    ]
    assert "debug: ran git 'check ignore': status 0, 0.000 s" in told
    assert "secret" not in "".join(told)


def test_without_debug_nothing_is_logged(tmp_path: Path) -> None:
    assert log(tmp_path) == []


def test_what_fails_is_logged_as_well(tmp_path: Path) -> None:
    told: list[str] = []
    world = logged(fake_world(tmp_path, progress=told))
    with pytest.raises(BuildstepsError):
        world.files.read_bytes(tmp_path / "no\x1b.txt")
    with pytest.raises(BuildstepsError):
        world.processes.run(["gone"])
    assert told == [
        "debug: could not read no\ufffd.txt: cannot be read: no such file or directory",
        "debug: ran gone: gone cannot be run: no such file or directory, 0.000 s",
    ]
