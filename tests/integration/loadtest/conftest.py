"""What the load gate's tests run against: a server to load, and a loopback DLT."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.loopback_dlt.stage import Stage, stage_in
from tests.timed_service import timed_service


@pytest.fixture(scope="session")
def service() -> Iterator[str]:
    """The address of a server with known answer times."""
    with timed_service() as address:
        yield address


@pytest.fixture
def stage(tmp_path: Path) -> Iterator[Stage]:
    with stage_in(tmp_path) as found:
        yield found


@pytest.fixture
def stage_3(tmp_path: Path) -> Iterator[Stage]:
    with stage_in(tmp_path, "v3.4.1") as found:
        yield found
