"""The recipes of the documentation, run as they stand there with the real scanners.

Those that install in seconds are run always, the large ones with ``BUILDSTEPS_TEST_SCANNERS=all``.
"""

import os
import re
import shlex
import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.command_line import ROOT, buildsteps
from tests.real_parts.planted import plant
from tests.real_parts.scanners import PROGRAMS
from tests.real_parts.toolchain import UnavailableError

PAGE = (ROOT / "docs" / "scan-sarif.md").read_text(encoding="utf-8")
(BLOCK,) = re.findall(r"<!-- recipes -->\n```yaml\n(.*?)```", PAGE, re.DOTALL)
RECIPES: dict[str, Any] = yaml.safe_load(BLOCK)["scan"]["scanners"]
ALL = os.environ.get("BUILDSTEPS_TEST_SCANNERS") == "all"
NAMES = list(RECIPES) if ALL else ["eslint", "zizmor", "hadolint"]


def on_the_path(name: str, folder: Path) -> None:
    """A program of this name, in a folder of programs."""
    folder.mkdir()
    program = folder / ("npx" if PROGRAMS[name].source == "npm" else name)
    arguments = shlex.join(PROGRAMS[name].installed())
    skipped = "shift; " if PROGRAMS[name].source == "npm" else ""  # npx takes the name first
    program.write_text(f'#!/bin/sh\n{skipped}exec {arguments} "$@"\n')
    program.chmod(0o755)


def committed(folder: Path) -> None:
    """Make a repository of a folder: gitleaks looks through the history."""
    who = ["-c", "user.name=nobody", "-c", "user.email=nobody@example.test"]
    for arguments in (["init", "-q"], ["add", "."], [*who, "commit", "-q", "-m", "All"]):
        subprocess.run(["git", *arguments], cwd=folder, check=True)


@pytest.mark.parametrize("name", NAMES)
def test_a_recipe_finds_what_is_planted(name: str, tmp_path: Path) -> None:
    project = plant(tmp_path / "project")
    committed(project)
    try:
        on_the_path(name, tmp_path / "bin")
        if name == "eslint":
            modules = Path(PROGRAMS[name].installed()[1]).parents[2]
            (project / "node_modules").symlink_to(modules)
    except UnavailableError as reason:
        pytest.skip(str(reason))
    (project / "buildsteps.yaml").write_text(
        yaml.safe_dump({"scan": {"scanners": {name: RECIPES[name]}}})
    )
    environ = {"PATH": f"{tmp_path / 'bin'}{os.pathsep}{os.environ['PATH']}"}
    ran = buildsteps("scan", "--format", "json", cwd=project, environ=environ)
    assert ran.cases("error") == [], ran.out
    assert ran.code in (0, 1)
    findings = ran.report["findings"]
    assert findings
    assert all((project / one["locations"][0]["path"]).is_file() for one in findings)
    assert {engine for one in findings for engine in one["engines"]} == {name}
