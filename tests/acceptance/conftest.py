"""What acceptance tests share: machine and source of a build, a project that verifies images."""

import os
import subprocess
import venv
from collections.abc import Mapping
from pathlib import Path

import pytest

from tests.command_line import ROOT
from tests.real_parts.certificates import Chain, chain
from tests.real_parts.images import Repository
from tests.real_parts.notation import NotationHome
from tests.real_parts.stage import Stage
from tests.signing_build import Archive, SigningBuild
from tests.signing_project import Project


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


@pytest.fixture(scope="session")
def ready_environment(build_environment: Mapping[str, str]) -> Mapping[str, str]:
    """The machine of a build that needs no network: all that pip would fetch is there."""
    pip = ["pip", "install", "--quiet", build_environment["BUILDSTEPS_PIP_SPEC"]]
    subprocess.run(pip, env=dict(build_environment), check=True)
    return build_environment


@pytest.fixture(scope="session")
def archives(
    tmp_path_factory: pytest.TempPathFactory, notation_path: Path, signer_plugin_path: Path
) -> tuple[Archive, Archive]:
    """notation and the plugin, as a mirror has them."""
    folder = tmp_path_factory.mktemp("mirror")
    return (
        Archive(folder / "notation.tar.gz", notation_path),
        Archive(folder / "plugin.tar.gz", signer_plugin_path),
    )


@pytest.fixture
def signing_build(
    tmp_path: Path,
    stage: Stage,
    ready_environment: Mapping[str, str],
    archives: tuple[Archive, Archive],
) -> SigningBuild:
    """A build whose project has a signing profile, and an image that nobody has signed."""
    return SigningBuild(tmp_path / "build", stage, ready_environment, *archives)


@pytest.fixture(scope="session")
def ours() -> Chain:
    """A signer whom projects trust."""
    return chain("ours")


@pytest.fixture
def project(tmp_path: Path, notation_home: NotationHome, repository: Repository) -> Project:
    """A folder where nobody is trusted yet, and a repository of its own."""
    folder = tmp_path / "project"
    folder.mkdir()
    return Project(folder, notation_home, repository)
