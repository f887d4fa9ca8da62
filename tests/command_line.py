"""The installed command, run as a user runs it, and the store that most tests run it on."""

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any, NamedTuple

from tests.permissions import respect_permissions

ROOT = Path(__file__).parents[1]
PHOTOS = ROOT / "examples" / "photo-sharing"
REFACTORING = ROOT / "tests" / "data" / "photo-sharing-refactoring"


class Ran(NamedTuple):
    """A command that ended."""

    code: int
    out: str
    err: str

    @property
    def report(self) -> dict[str, Any]:
        """The JSON report on standard output."""
        found: dict[str, Any] = json.loads(self.out)
        return found

    def cases(self, outcome: str) -> list[tuple[str, str]]:
        """Group and name of the report's cases that ended so."""
        return [(c["group"], c["name"]) for c in self.report["cases"] if c["outcome"] == outcome]

    def rules(self) -> list[str]:
        """The rules of the report's findings."""
        return [finding["rule"] for finding in self.report["findings"]]


def clean_environment(extra: Mapping[str, str] | None = None) -> dict[str, str]:
    """The environment without what would decide a run from outside."""
    taken = ("BUILDSTEPS_", "CODEBUILD_", "GITHUB_", "NO_COLOR")
    kept = {name: value for name, value in os.environ.items() if not name.startswith(taken)}
    return {**kept, **(extra or {})}


def buildsteps(
    *arguments: str,
    cwd: Path,
    environ: Mapping[str, str] | None = None,
    stdin: str = "",
    permissions: bool = False,
) -> Ran:
    """Run the command; a traceback in what it prints is always wrong.

    With ``permissions`` those of files count for root, too.
    """
    done = subprocess.run(
        [sys.executable, "-m", "buildsteps", *arguments],
        cwd=cwd,
        env=clean_environment(environ),
        input=stdin,
        capture_output=True,
        text=True,
        timeout=120,
        preexec_fn=respect_permissions if permissions else None,
        check=False,
    )
    assert "Traceback" not in done.stderr, done.stderr
    assert "internal error" not in done.stderr, done.stderr
    return Ran(done.returncode, done.stdout, done.stderr)


def photo_store(folder: Path) -> Path:
    """A copy of the photo store below ``folder``."""
    return Path(shutil.copytree(PHOTOS, folder / "photos"))


def break_label(store: Path) -> None:
    """The post's typo: ``resource.label`` for ``resource.labels`` in the forbid policy."""
    edit(store / "Photo-labels-private.cedar", "resource.labels", "resource.label")


def refactor(store: Path) -> None:
    """The post's refactoring: two policies become a template with two links."""
    for name in ("DoePhotos.cedar", "JaneVacation.cedar"):
        (store / name).unlink()
    shutil.copytree(REFACTORING, store, dirs_exist_ok=True)


def edit(path: Path, old: str, new: str) -> None:
    """Replace a text that must be there."""
    text = path.read_text()
    assert old in text
    path.write_text(text.replace(old, new))
