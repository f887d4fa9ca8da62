"""A bill of materials of this project, made by cyclonedx-bom.

The lock file says best what the project runs with; without one, what is installed does.
"""

import re
import sys
from importlib.util import find_spec
from pathlib import Path

from msgspec import Struct

from buildsteps.errors import UsageError, WorldError
from buildsteps.steps.scan.engines.inspector.sbom import WANTED_VERSION, Sbom, read_sbom
from buildsteps.world import World

INSTALL = "pip install 'buildsteps[sbom]'"
_PINNED = re.compile(
    r"\s*(?:[A-Za-z0-9][\w.-]*\s*(?:\[[^\]]*\])?\s*===?\s*[^*\s]+(?:\s.*)?|--hash=.*)?"
)


class Origin(Struct, frozen=True):
    """What the bill is made of: the arguments of cyclonedx-py, and how people call it."""

    arguments: tuple[str, ...]
    name: str


def made_sbom(world: World, timeout: float) -> Sbom:
    """Make a bill of materials.

    Raises:
        UsageError: cyclonedx-bom is not installed, or there is nothing in the bill.
        WorldError: it failed.
    """
    if find_spec("cyclonedx_py") is None:
        raise UsageError(
            f"no --sbom FILE is given, and cyclonedx-bom, which makes one, is missing: {INSTALL}"
        )
    origin = origin_of(world)
    form = ("--sv", WANTED_VERSION, "--of", "JSON", "--no-validate", "-o", "-")
    command = [sys.executable, "-m", "cyclonedx_py", origin.arguments[0], *form]
    done = world.processes.run([*command, "--", *origin.arguments[1:]], timeout=timeout)
    said = done.stderr.decode(errors="replace").strip()
    if done.status != 0:
        raise WorldError(f"cyclonedx-bom could not make an SBOM of {origin.name}", detail=said)
    text = done.stdout.decode("utf-8", errors="replace")
    try:
        return read_sbom(text, "", source=origin.name)
    except UsageError as error:
        raise UsageError(
            f"the SBOM of {origin.name} {error.message}; --sbom names one", detail=said
        ) from None


def origin_of(world: World) -> Origin:
    """What to make it of: a lock file, pinned requirements, or what is installed."""
    if (world.cwd / "poetry.lock").is_file() and (world.cwd / "pyproject.toml").is_file():
        return Origin(("poetry", str(world.cwd)), "poetry.lock")
    if (world.cwd / "Pipfile.lock").is_file():
        return Origin(("pipenv", str(world.cwd)), "Pipfile.lock")
    requirements = world.cwd / "requirements.txt"
    if requirements.is_file() and all_pinned(world.files.read_text(requirements)):
        return Origin(("requirements", str(requirements)), "requirements.txt")
    python = _python_of(world)
    return Origin(("environment", python), f"the environment of {world.shown(python)}")


def all_pinned(text: str) -> bool:
    """Whether each requirement has one exact version, so that the file says what is installed."""
    joined = re.sub(r"\\\n", " ", text)
    lines = [re.sub(r"(?:^|\s)#.*", "", line) for line in joined.splitlines()]
    return any(line.strip() for line in lines) and all(_PINNED.fullmatch(line) for line in lines)


def _python_of(world: World) -> str:
    """The Python of the virtual environment that is active or stands here, or this one."""
    active = world.environ.get("VIRTUAL_ENV", "")
    for folder in (active, *(str(world.cwd / name) for name in (".venv", "venv"))):
        for inner in ("bin/python", "Scripts/python.exe"):
            python = Path(folder) / inner
            if folder and python.is_file():
                return str(python)
    return sys.executable
