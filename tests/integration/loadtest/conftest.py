"""Fixtures of the load gate's tests against the loopback DLT."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.loopback_dlt.stage import Stage, stage_in


@pytest.fixture
def stage(tmp_path: Path) -> Iterator[Stage]:
    with stage_in(tmp_path) as found:
        yield found


@pytest.fixture
def stage_3(tmp_path: Path) -> Iterator[Stage]:
    with stage_in(tmp_path, "v3.4.1") as found:
        yield found
