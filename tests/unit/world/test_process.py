"""Real programs, since this is the one place that runs them: Python itself stands for all."""

import sys
from pathlib import Path

import pytest

from buildsteps.errors import WorldError
from buildsteps.world.process import SystemProcesses

PYTHON = [sys.executable, "-c"]


def test_a_program_gets_its_input_arguments_and_environment_and_is_captured(
    tmp_path: Path,
) -> None:
    script = (
        "import os, sys; print(sys.argv[1:], os.environ.get('A'), os.getcwd());"
        "sys.stderr.write(sys.stdin.read()); sys.exit(7)"
    )
    done = SystemProcesses().run(
        [*PYTHON, script, "$HOME; x"], cwd=tmp_path, stdin=b"in", environ={"A": "1"}
    )
    assert done.status == 7
    assert done.stdout.decode() == f"['$HOME; x'] 1 {tmp_path.resolve()}\n"
    assert done.stderr == b"in"


def test_a_program_that_is_not_there_is_the_worlds_failure() -> None:
    with pytest.raises(WorldError) as caught:
        SystemProcesses().run(["no-such-program-anywhere"])
    assert str(caught.value) == "no-such-program-anywhere cannot be run: no such file or directory"


def test_a_program_that_does_not_end_is_stopped() -> None:
    with pytest.raises(WorldError) as caught:
        SystemProcesses().run([*PYTHON, "while True: pass"], timeout=0.2)
    assert str(caught.value) == f"{sys.executable} did not end within 0.2 seconds"
