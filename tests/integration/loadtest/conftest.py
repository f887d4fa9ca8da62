"""A server to load, for all tests of the local engine."""

from collections.abc import Iterator

import pytest

from tests.timed_service import timed_service


@pytest.fixture(scope="session")
def service() -> Iterator[str]:
    """The address of a server with known answer times."""
    with timed_service() as address:
        yield address
