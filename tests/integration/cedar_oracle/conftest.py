"""The random stores that the tests of this folder look at, judged once by us and by the oracle."""

import os

import pytest

from tests.integration.cedar_oracle.run import Compared, compare
from tests.real_parts.cedar_wasm import Oracle, UnavailableError, install

STORES = 120
"""How many stores the exact counts in the tests are about."""


@pytest.fixture(scope="session")
def oracle() -> Oracle:
    """cedar-wasm, installed when it is first needed."""
    try:
        return install()
    except UnavailableError as error:
        pytest.skip(str(error))


@pytest.fixture(scope="session")
def seeds() -> range:
    """The seeds of the stores: ``CEDAR_ORACLE_SEEDS=120-5000`` names others than the usual ones."""
    first, _, last = os.environ.get("CEDAR_ORACLE_SEEDS", f"0-{STORES - 1}").partition("-")
    return range(int(first), int(last or first) + 1)


@pytest.fixture(scope="session")
def compared(
    oracle: Oracle, seeds: range, tmp_path_factory: pytest.TempPathFactory
) -> list[Compared]:
    """Every store, what the oracle says of it, and what ``buildsteps cedar-validate`` says."""
    return compare(seeds, tmp_path_factory.mktemp("stores"), oracle)


@pytest.fixture(scope="session")
def usual(seeds: range) -> bool:
    """Whether these are the stores that the exact counts are about."""
    return seeds == range(STORES)
