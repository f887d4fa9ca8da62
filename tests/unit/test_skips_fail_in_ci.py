"""tests/conftest.py lets no test be skipped in CI unseen. Each test runs a pytest of its own."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

CONFTEST = Path(__file__).parents[1] / "conftest.py"


def pytest_run(folder: Path, test_module: str, **environ: str) -> tuple[int, str]:
    """Run ``test_module`` under our conftest; return the exit code and what pytest printed."""
    (folder / "conftest.py").write_text(CONFTEST.read_text())
    (folder / "test_it.py").write_text(f"import pytest\n\n\n{test_module}\n")
    own = {name: value for name, value in os.environ.items() if not name.startswith("PYTEST_")}
    own = own | {"CI": "", "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"}
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-rs", "-p", "no:cacheprovider", "--rootdir=.", "."],
        cwd=folder,
        env=own | environ,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    return done.returncode, done.stdout


MARKED = """
@pytest.mark.skipif(True, reason="npm is not installed")
def test_needs_npm(): ...
"""

CALLED = """
def test_needs_npm(): pytest.skip("npm is not installed")
"""

IN_FIXTURE = """
@pytest.fixture
def npm(): pytest.skip("npm is not installed")

def test_needs_npm(npm): ...
"""

WAYS_TO_SKIP = [
    pytest.param(MARKED, id="by a mark"),
    pytest.param(CALLED, id="by a call"),
    pytest.param(IN_FIXTURE, id="in a fixture"),
]


@pytest.mark.parametrize("module", WAYS_TO_SKIP)
def test_in_ci_a_skipped_test_fails_with_its_name_and_reason(tmp_path: Path, module: str) -> None:
    exit_code, output = pytest_run(tmp_path, module, CI="true")
    assert exit_code == 1
    assert "test_it.py::test_needs_npm was skipped" in output
    assert "npm is not installed" in output
    assert "1 skipped" not in output


def test_in_ci_a_skipped_module_fails_with_its_name_and_reason(tmp_path: Path) -> None:
    exit_code, output = pytest_run(
        tmp_path, "pytest.importorskip('no_such_module')\ndef test_it(): ...", CI="true"
    )
    assert exit_code == 2
    assert "test_it.py was skipped" in output
    assert "no_such_module" in output


@pytest.mark.parametrize("module", WAYS_TO_SKIP)
def test_outside_ci_a_skipped_test_is_skipped(tmp_path: Path, module: str) -> None:
    exit_code, output = pytest_run(tmp_path, module)
    assert exit_code == 0
    assert "1 skipped" in output


def test_what_cannot_hold_on_a_platform_may_skip_in_ci(tmp_path: Path) -> None:
    exit_code, output = pytest_run(
        tmp_path,
        """
@pytest.mark.skipif(True, reason="platform: Windows has no signals")
def test_signals(): ...
""",
        CI="true",
    )
    assert exit_code == 0
    assert "1 skipped" in output


def test_an_expected_failure_is_no_skip(tmp_path: Path) -> None:
    exit_code, output = pytest_run(
        tmp_path,
        """
@pytest.mark.xfail(reason="known")
def test_known(): assert False
""",
        CI="true",
    )
    assert exit_code == 0
    assert "1 xfailed" in output
