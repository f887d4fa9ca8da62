"""The real parts as fixtures: one of each a session; a test gets a repository of its own.

A test is skipped where a part cannot be made (in CI no test may be skipped: ``tests/conftest.py``).
What needs botocore is imported when a test asks for it: unit tests load this module, too.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.real_parts.faulty_registry import FaultyRegistry, faulty_registry
from tests.real_parts.images import Repository
from tests.real_parts.notation import NotationHome, notation_program
from tests.real_parts.registry import registry, registry_program
from tests.real_parts.signer_plugin import install_signer_plugin, signer_plugin_program
from tests.real_parts.toolchain import UnavailableError

if TYPE_CHECKING:
    from tests.real_parts.stage import Programs, Stage

_numbers = itertools.count(1)


def _made(make: Callable[[], Path]) -> Path:
    try:
        return make()
    except UnavailableError as reason:
        pytest.skip(str(reason))


@pytest.fixture(scope="session")
def notation_path() -> Path:
    """The executable of the real notation."""
    return _made(notation_program)


@pytest.fixture
def notation_home(notation_path: Path, tmp_path: Path) -> NotationHome:
    """An empty set-up of notation for one test."""
    return NotationHome(tmp_path / "notation", notation_path)


@pytest.fixture(scope="session")
def signer_plugin_path() -> Path:
    """The executable of the AWS Signer plugin, or of what stands in for it."""
    return _made(signer_plugin_program)


@pytest.fixture
def signer_home(notation_home: NotationHome, signer_plugin_path: Path) -> NotationHome:
    """A set-up of notation with the AWS Signer plugin."""
    install_signer_plugin(notation_home, signer_plugin_path)
    return notation_home


@pytest.fixture(scope="session")
def registry_path() -> Path:
    """The executable of the registry."""
    return _made(registry_program)


@pytest.fixture(scope="session")
def registry_host(registry_path: Path) -> Iterator[str]:
    """``127.0.0.1:PORT`` of a registry with the Referrers API."""
    with registry(registry_path) as address:
        yield address


@pytest.fixture(scope="session")
def tag_schema_host(registry_path: Path) -> Iterator[str]:
    """``127.0.0.1:PORT`` of a registry without the Referrers API."""
    with registry(registry_path, referrers=False) as address:
        yield address


@pytest.fixture(params=["referrers API", "tag schema"])
def any_host(request: pytest.FixtureRequest, registry_path: Path) -> str:
    """Each of both registries in turn."""
    name = "registry_host" if request.param == "referrers API" else "tag_schema_host"
    host: str = request.getfixturevalue(name)
    return host


@pytest.fixture
def repository(registry_host: str) -> Repository:
    """A repository of the test's own, in the registry with the Referrers API."""
    return Repository(registry_host, f"team/web-{next(_numbers)}")


@pytest.fixture
def any_repository(any_host: str) -> Repository:
    """A repository of the test's own, in each of both registries in turn."""
    return Repository(any_host, f"team/web-{next(_numbers)}")


@pytest.fixture
def faulty(registry_host: str) -> Iterator[FaultyRegistry]:
    """A proxy in front of the registry with the Referrers API, without faults so far."""
    with faulty_registry(registry_host) as proxy:
        yield proxy


@pytest.fixture(scope="session")
def programs(notation_path: Path, signer_plugin_path: Path, tag_schema_host: str) -> Programs:
    """What a stage is made with."""
    from tests.real_parts.stage import Programs

    return Programs(notation_path, signer_plugin_path, tag_schema_host)


@pytest.fixture
def stage(programs: Programs, tmp_path: Path) -> Iterator[Stage]:
    """A stage on which ``OUTCOMES[name](stage)`` brings about an outcome of notation."""
    from tests.real_parts.stage import stage

    with stage(tmp_path / "stage", programs) as empty:
        yield empty
