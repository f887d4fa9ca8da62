"""The page of ``loadtest`` shows what its commands print, but for the figures of the run.

What a command prints of a real run is in a fenced ``text`` block, its command after ``$ ``.
Numbers, sparklines and the widths of columns are a run's own; every word around them counts.
``BUILDSTEPS_UPDATE_GOLDEN=1`` writes the blocks anew.
"""

import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.acceptance.test_docs import UPDATE, Block, blocks, session
from tests.command_line import ROOT
from tests.timed_service import timed_service

ABORTED = """
name: orders
requests: [{{url: '{service}/wait/5'}}, {{url: '{service}/status/500'}}]
concurrency: 8
hold_for: 30s
thresholds: [p95 < 1s]
"""


@pytest.fixture(scope="module")
def example_service() -> Iterator[str]:
    """The address of the service under ``examples/``."""
    program = ROOT / "examples" / "loadtest" / "service.py"
    with subprocess.Popen(
        [sys.executable, str(program)], stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout
        try:
            yield f"http://127.0.0.1:{process.stdout.readline().strip()}"
        finally:
            process.terminate()


def words(shown: str) -> list[str]:
    """The lines of what was shown without the figures of the run."""
    plain = re.sub(r"[▁▂▃▄▅▆▇█]+", "~", shown)
    plain = re.sub(r"\d[\d,.]*", "0", plain)
    plain = re.sub(r"\b0 (ms|s)\b", "0 s", plain)
    return [" ".join(line.split()) for line in plain.rstrip("\n").splitlines()]


def shown_again(block: Block, folder: Path) -> str:
    """Run the command of the block anew; where the page leaves lines out, leave out as many."""
    now = session(block.text, folder)
    first, ellipsis, rest = block.text.partition("\n...\n")
    if not ellipsis:
        return now
    begins = now.index(rest.splitlines()[0])
    lines = now[begins:].splitlines()[: len(rest.splitlines())]
    return "\n".join((first, "...", *lines)) + "\n"


def holds(block: Block, folder: Path) -> None:
    """Compare the block with what its command prints, or write it anew."""
    again = shown_again(block, folder)
    if UPDATE:
        block.page.write_text(block.page.read_text().replace(block.text, again))
    else:
        assert words(again) == words(block.text)


@pytest.mark.parametrize(
    "block", blocks("text", "$ buildsteps loadtest examples/loadtest/orders.yaml"), ids=str
)
def test_the_example_is_judged_as_shown(
    block: Block, example_service: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shutil.copytree(ROOT / "examples", tmp_path / "examples")
    monkeypatch.setenv("SERVICE", example_service)
    holds(block, tmp_path)


@pytest.mark.parametrize("block", blocks("text", "loadtest orders.yaml --abort-unless"), ids=str)
def test_a_hopeless_run_ends_as_shown(block: Block, tmp_path: Path) -> None:
    with timed_service() as service:
        (tmp_path / "orders.yaml").write_text(ABORTED.format(service=service).lstrip())
        holds(block, tmp_path)


def test_both_are_shown() -> None:
    assert len(blocks("text", "$ buildsteps loadtest examples/loadtest/orders.yaml")) == 2
    assert len(blocks("text", "loadtest orders.yaml --abort-unless")) == 1
