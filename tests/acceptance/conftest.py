"""What the tests of buildspecs share: the machine of a build."""

import os
import subprocess
import venv
from collections.abc import Mapping

import pytest

from tests.command_line import ROOT


@pytest.fixture(scope="session")
def build_environment(tmp_path_factory: pytest.TempPathFactory) -> Mapping[str, str]:
    """What a build finds: a Python without packages, and this checkout as a wheel."""
    folder = tmp_path_factory.mktemp("image")
    venv.create(folder / "python", with_pip=True)
    scripts = folder / "python" / "bin"
    subprocess.run(
        [scripts / "pip", "wheel", "--quiet", "--no-deps", "--wheel-dir", folder, ROOT], check=True
    )
    return {name: os.environ[name] for name in os.environ if _is_the_machines(name)} | {
        "PATH": f"{scripts}:{os.environ['PATH']}",
        "BUILDSTEPS_PIP_SPEC": str(next(folder.glob("*.whl"))),
    }


def _is_the_machines(name: str) -> bool:
    """Tell whether pip needs the variable to reach its index from this machine."""
    return name in {"HOME", "REQUESTS_CA_BUNDLE", "SSL_CERT_FILE", "XDG_CONFIG_HOME"} or (
        name.upper().startswith("PIP_") or name.upper().endswith("_PROXY")
    )
