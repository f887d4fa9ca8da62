"""``python -m tests.real_parts.record_sarif [SCANNER...]``: run real scanners, keep their SARIF.

Each scans the planted project in a folder of its own. Where that folder's path stands in the
result, ``ROOT`` is put instead; nothing else is changed.
"""

import os
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

from tests.real_parts.planted import plant
from tests.real_parts.scanners import PROGRAMS

FOLDER = Path(__file__).parents[1] / "data" / "sarif"

ROOT = "/planted"
"""What stands in recordings for the folder that was scanned."""

TEMPLATE = "infra/vorlage größe.yaml"

ARGUMENTS: dict[str, tuple[str, ...]] = {
    "bandit": ("-q", "-r", "-f", "sarif", "-o", "out.sarif", "app"),
    "ruff": (
        *("check", "--isolated", "--no-cache", "--select", "S,B,BLE", "--exit-zero"),
        *("--output-format", "sarif", "--output-file", "out.sarif", "app"),
    ),
    "semgrep": (
        *("scan", "--metrics", "off", "--disable-version-check", "--no-git-ignore"),
        *("--config", "rules/semgrep.yml", "--sarif", "--output", "out.sarif", "app"),
    ),
    "checkov": (
        *("--framework", "cloudformation", "-f", TEMPLATE, "--quiet", "--compact"),
        *("-c", "CKV_AWS_18,CKV_AWS_20,CKV_AWS_21", "-o", "sarif", "--output-file-path", "."),
    ),
    "cfn-lint": ("--format", "sarif", "--output-file", "out.sarif", "--", TEMPLATE),
    "eslint": (
        *("--format", "@microsoft/eslint-formatter-sarif", "--output-file", "out.sarif", "web"),
    ),
    "zizmor": ("--offline", "--format", "sarif", "."),
    "hadolint": ("--format", "sarif", "Dockerfile"),
    "gitleaks": (
        *("detect", "--no-git", "--source", ".", "--report-format", "sarif"),
        *("--report-path", "out.sarif"),
    ),
}
"""What each is called with; it writes ``out.sarif``, checkov its own name, two standard output."""


def recording(name: str) -> Path:
    """Where the recording of a scanner is."""
    return FOLDER / f"{name}.sarif"


def restored(name: str, root: Path) -> bytes:
    """The recording of a scanner as it would be had it scanned ``root``."""
    return recording(name).read_bytes().replace(ROOT.encode(), str(root).encode())


def record(name: str, folder: Path) -> bytes:
    """Let a scanner loose on the planted project, and give what it wrote."""
    program = PROGRAMS[name].installed()
    plant(folder)
    if name == "eslint":
        (folder / "node_modules").symlink_to(Path(program[1]).parents[2])
    done = subprocess.run(
        [*program, *ARGUMENTS[name]],
        cwd=folder,
        env=os.environ | {"SEMGREP_SEND_METRICS": "off", "NO_COLOR": "1"},
        capture_output=True,
        timeout=300,
        check=False,
    )
    for written in ("out.sarif", "results_sarif.sarif"):
        if (folder / written).is_file():
            return (folder / written).read_bytes()
    assert done.stdout.strip(), done.stderr.decode(errors="replace")
    return done.stdout


def main(names: Sequence[str]) -> None:
    """Write the recordings of these scanners, or of all."""
    FOLDER.mkdir(exist_ok=True)
    for name in names or PROGRAMS:
        with tempfile.TemporaryDirectory() as parent:
            folder = Path(parent).resolve() / "project"
            folder.mkdir()
            data = record(name, folder).replace(str(folder).encode(), ROOT.encode())
        recording(name).write_bytes(data)
        print(f"{name} {PROGRAMS[name].version}: {len(data):,} bytes")


if __name__ == "__main__":
    main(sys.argv[1:])
