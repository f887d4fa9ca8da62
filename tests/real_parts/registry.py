"""A real registry on loopback: go-containerregistry's, with and without the Referrers API."""

import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.real_parts.toolchain import built


def registry_program() -> Path:
    """Build the registry once, and give the executable.

    Raises:
        UnavailableError: Go is missing, or the build failed.
    """
    return built("registry", "registry")


@contextmanager
def registry(program: Path, *, referrers: bool = True) -> Iterator[str]:
    """Run a registry, empty and in memory; yields its address, ``127.0.0.1:PORT`` (http).

    Without ``referrers`` a signature is found by the tag ``sha256-<digest>``, the fallback of
    OCI 1.1 for registries of before. It asks nobody for credentials: :mod:`faulty_registry` does.
    What is not as elsewhere: it takes any content under any digest, lists referrers in no order,
    and takes their artifact type from the configuration's media type alone.
    """
    command = [str(program), f"-referrers={str(referrers).lower()}"]
    with subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout
        address = process.stdout.readline().strip()
        assert address, "the registry did not start"
        try:
            yield address
        finally:
            process.kill()
