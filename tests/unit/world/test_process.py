"""Real programs, since this is the one place that runs them: Python itself stands for all."""

import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from buildsteps.errors import WorldError
from buildsteps.world import pipes
from buildsteps.world.process import Completed, SystemProcesses

PYTHON = [sys.executable, "-c"]


@pytest.fixture(autouse=True, params=["one thread", "threads, as on Windows"])
def way(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Run each test with both ways to wait for pipes."""
    if request.param != "one thread":
        monkeypatch.setattr(pipes, "_by_one_thread", pipes._by_threads)


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


def test_a_program_that_keeps_printing_does_not_get_more_time() -> None:
    script = "import time\nwhile True: print('.', flush=True); time.sleep(0.001)"
    with pytest.raises(WorldError, match=r"did not end within 0\.3 seconds"):
        SystemProcesses().run([*PYTHON, script], timeout=0.3)


def test_a_program_that_waits_for_the_end_of_its_input_gets_all_of_it() -> None:
    script = "import sys; data = sys.stdin.buffer.read(); print(len(data), data[-3:])"
    done = SystemProcesses().run([*PYTHON, script], stdin=b"x" * 200_000 + b"end", timeout=30)
    assert done.stdout == b"200003 b'end'\n"


def test_what_a_program_started_ends_with_it_when_its_time_is_over(tmp_path: Path) -> None:
    script = (
        "import subprocess, sys, time; "
        "child = subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(600)']); "
        f"open({str(tmp_path / 'pid')!r}, 'w').write(str(child.pid)); time.sleep(600)"
    )
    with pytest.raises(WorldError, match="did not end within 2 seconds"):
        SystemProcesses().run([*PYTHON, script], timeout=2)
    assert has_ended(int((tmp_path / "pid").read_text()))


def has_ended(pid: int) -> bool:
    """Whether a process is gone, or a zombie that waits for whoever adopted it."""
    for _ in range(100):
        state = subprocess.run(["ps", "-o", "stat=", "-p", str(pid)], capture_output=True)
        if state.stdout.strip()[:1] in (b"", b"Z"):
            return True
        time.sleep(0.05)
    return False


def test_a_program_that_prints_without_end_is_stopped() -> None:
    with pytest.raises(WorldError) as caught:
        SystemProcesses(1000).run([*PYTHON, "while True: print('x' * 1000)"])
    assert str(caught.value) == f"{sys.executable} printed more than 1,000 bytes"


def test_output_up_to_the_limit_is_whole_on_both_streams() -> None:
    script = "import sys; sys.stdout.write('x' * 300000); sys.stderr.write('y' * 300000)"
    done = SystemProcesses(300_000).run([*PYTHON, script])
    assert (done.stdout, done.stderr) == (b"x" * 300_000, b"y" * 300_000)


def test_much_input_for_a_program_that_reads_none_of_it_is_no_failure() -> None:
    done = SystemProcesses().run([*PYTHON, "print('done')"], stdin=b"x" * 1_000_000)
    assert done == Completed(0, b"done\n", b"")


def test_an_argument_with_a_null_byte_is_told() -> None:
    with pytest.raises(WorldError, match="cannot be run: embedded null byte"):
        SystemProcesses().run([*PYTHON, "a\0b"])


def test_stop_ends_what_runs_in_another_thread_and_lets_nothing_start(tmp_path: Path) -> None:
    processes = SystemProcesses()
    script = f"import time; open({str(tmp_path / 'started')!r}, 'w'); time.sleep(600)"
    with ThreadPoolExecutor(1) as pool:
        running = pool.submit(processes.run, [*PYTHON, script], timeout=600)
        while not (tmp_path / "started").exists():
            time.sleep(0.01)
        processes.stop()
        with pytest.raises(WorldError, match="was stopped: the run was interrupted"):
            running.result(timeout=30)
    with pytest.raises(WorldError, match="was not started: the run was interrupted"):
        processes.run([*PYTHON, "pass"])
