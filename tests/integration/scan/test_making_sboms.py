"""Bills of materials by the real cyclonedx-bom, of each kind of project."""

from pathlib import Path

import pytest
from msgspec.structs import replace

from buildsteps.steps.scan.engines.inspector.making import made_sbom
from buildsteps.world import World
from buildsteps.world.process import SystemProcesses
from tests.world_double import fake_world

REQUIREMENTS = "urllib3==1.24.1 \\\n    --hash=sha256:aa\nFlask[async]==1.0\n"
PIPFILE = """\
{"_meta": {"hash": {"sha256": "x"}, "pipfile-spec": 6, "requires": {},
           "sources": [{"name": "pypi", "url": "https://pypi.org/simple", "verify_ssl": true}]},
 "default": {"urllib3": {"hashes": ["sha256:aa"], "index": "pypi", "version": "==1.24.1"}},
 "develop": {"flask": {"hashes": ["sha256:aa"], "index": "pypi", "version": "==1.0"}}}
"""
POETRY = """\
[tool.poetry]
name = "shop"
version = "0.1.0"
description = ""
authors = []
[tool.poetry.dependencies]
python = "^3.11"
urllib3 = "1.24.1"
"""
POETRY_LOCK = """\
[[package]]
name = "urllib3"
version = "1.24.1"
description = "x"
optional = false
python-versions = "*"
files = []

[metadata]
lock-version = "2.0"
python-versions = "^3.11"
content-hash = "x"
"""


@pytest.mark.parametrize(
    ("files", "source", "packages"),
    [
        (
            {"requirements.txt": REQUIREMENTS},
            "requirements.txt",
            {("flask", "1.0"), ("urllib3", "1.24.1")},
        ),
        ({"Pipfile.lock": PIPFILE}, "Pipfile.lock", {("urllib3", "1.24.1")}),
        (
            {"pyproject.toml": POETRY, "poetry.lock": POETRY_LOCK},
            "poetry.lock",
            {("urllib3", "1.24.1")},
        ),
    ],
)
def test_a_project_that_pins_its_packages_is_what_it_pins(
    tmp_path: Path, files: dict[str, str], source: str, packages: set[tuple[str, str]]
) -> None:
    for name, content in files.items():
        (tmp_path / name).write_text(content)

    sbom = made_sbom(system(tmp_path), 60)

    assert (sbom.source, sbom.version) == (source, "1.5")
    assert {(one.package, one.version) for one in sbom.components} == packages


def system(folder: Path) -> World:
    """A world whose programs are real."""
    return replace(fake_world(folder), processes=SystemProcesses())


def test_without_pins_it_is_what_is_installed(tmp_path: Path) -> None:
    (tmp_path / "requirements.txt").write_text("msgspec>=0.1\n")

    sbom = made_sbom(system(tmp_path), 60)

    assert "msgspec" in {one.package for one in sbom.components}
    assert sbom.unversioned == []
